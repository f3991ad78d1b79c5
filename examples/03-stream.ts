// A stream gives the answer as it comes: tuples of a chunk and a tool, or the text alone.
import { type CallChunk, type CallStream, call, prompt } from "callwright";
import { wireServer } from "callwright/testing";

await using server = await wireServer();
server.reply({ text: ["Once ", "upon ", "a ", "time."], gapMs: 50, usage: { input: 9, output: 4 } });

class Author {
  @call("anthropic/claude-haiku-4-5", { ...server.anthropic, stream: true })
  async tell(subject: string): Promise<CallStream> {
    return prompt`Tell a story about ${subject}`;
  }
}

// The call resolves when the answer begins, so a wrong key is an error here and not in the loop.
const stream = await new Author().tell("dragons");
const show = ({ content }: CallChunk) => process.stdout.write(content);
for await (const [chunk] of stream) show(chunk);
console.log(`\n${stream.content.length} characters, ${stream.usage?.outputTokens} tokens, ${stream.finishReason}`);

// Whoever leaves the loop closes the connection; what came so far stays readable.
const left = await new Author().tell("giants");
for await (const piece of left.textStream()) {
  console.log(piece);
  break;
}
console.log(`left after ${JSON.stringify(left.content)}`);

// response() reads what is left and gives what a call without stream gives.
const whole = await (await new Author().tell("elves")).response();
console.log(whole.content, whole.cost);
