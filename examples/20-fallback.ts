// Another model where one fails or takes too long: in the middle of a stream, too.
import { call, FallbackError, fallback, retry, timeout } from "callwright";
import { script, wireServer } from "callwright/testing";

await using server = await wireServer();
const options = { ...server.openai, use: [fallback(script(["I am the other model."])), retry({ retries: 1 })] };
const ask = call("openai/gpt-4o-mini", options)((question: string) => question);

server.reply({ status: 503 });
const response = await ask("Are you there?");
console.log(response.content, `after ${server.requests.length} requests`);

// All that was shown before a restart is void.
server.reply({ text: ["I am ", "the fi"], cutAfter: 3 });
const other = fallback(script(["I am the other model."]));
const slow = call("openai/gpt-4o-mini", { ...server.openai, stream: true, use: [other, timeout({ idleMs: 500 })] })(
  (question: string) => question,
);
const stream = await slow("Who are you?");
for await (const [chunk] of stream) {
  if (chunk.restarted) console.log("(forget that)");
  if (chunk.content) console.log(chunk.content);
}
console.log(stream.content);

// Where all fail, the error holds the error of each.
server.reply({ status: 401 });
const closed = fallback(script([new Error("The library is closed.")]));
try {
  await call("openai/gpt-4o-mini", { ...server.openai, use: [closed] })(() => "Anybody?")();
} catch (error) {
  if (!(error instanceof FallbackError)) throw error;
  for (const each of error.errors) console.log(each instanceof Error ? each.message : each);
}
