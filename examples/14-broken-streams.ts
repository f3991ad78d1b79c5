// A stream that breaks is never taken for one that ended: it throws, and the error holds what had come.
import { AbortedError, CallStream, call, StreamConsumedError, StreamInterruptedError, TimeoutError } from "callwright";
import { wireServer } from "callwright/testing";

await using server = await wireServer();
const options = { ...server.openai, stream: true, timeouts: { idleMs: 200 } } as const;
const tell = call("openai/gpt-4o-mini", options)((subject: string) => `A story about ${subject}`);

async function read(stream: CallStream): Promise<void> {
  try {
    for await (const [chunk] of stream) if (chunk.text === "Once upon a ") stream.abort("Enough of that.");
    console.log("complete");
  } catch (error) {
    if (error instanceof StreamInterruptedError) console.log(`cut off after ${JSON.stringify(error.partial.content)}`);
    else if (error instanceof TimeoutError)
      console.log(`${error.phase} after ${JSON.stringify(error.partial?.content)}`);
    else if (error instanceof AbortedError) console.log(`aborted: ${error.reason}`);
    else if (error instanceof StreamConsumedError) console.log("read twice");
    else throw error;
  }
}

// A chunk is one event of the wire; the first brings the role.
server.reply({ text: ["Once ", "upon"], cutAfter: 2 });
await read(await tell("dragons"));

server.reply({ text: ["Once ", "upon"], hangAfter: 3 });
await read(await tell("giants"));

server.reply({ text: ["Once ", "upon ", "a ", "time."] });
await read(await tell("elves"));

server.reply({ text: "The end." });
const stream = await tell("dwarfs");
await read(stream);
await read(stream);
console.log(stream instanceof CallStream, stream.content);
