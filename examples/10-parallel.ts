// Calls are promises: run as many as you like at once. They share a client and its connections.
import { AbortedError, call, prompt } from "callwright";
import { wireServer } from "callwright/testing";

await using server = await wireServer();
server.reply(({ body }) => ({ text: `A ${body.messages[0].content.split(" ")[1]} book`, delayMs: 200 }));

const recommend = call(
  "openai/gpt-4o-mini",
  server.openai,
)((genre: string, signal?: AbortSignal) => prompt({ messages: `One ${genre} book`, signal }));

const genres = ["fantasy", "crime", "poetry", "history"];
const answers = await Promise.all(genres.map((genre) => recommend(genre)));
console.log(answers.map(({ content }) => content).join(", "));
console.log(`${server.peakInFlight} at the same time`);

// One signal for several calls: when one fails, or you have enough, the others stop, and their connections close.
const controller = new AbortController();
const outcomes = Promise.allSettled(genres.map((genre) => recommend(genre, controller.signal)));
await server.arrived(8);
controller.abort(new Error("The library closes."));
for (const outcome of await outcomes) {
  if (outcome.status === "rejected" && outcome.reason instanceof AbortedError) console.log(outcome.reason.message);
}
