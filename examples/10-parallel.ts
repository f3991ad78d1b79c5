// Calls are promises: run as many as you like at once. They share a client and its connections.
import { AbortedError, call, parallel, prompt } from "callwright";
import { wireServer } from "callwright/testing";

await using server = await wireServer();
server.reply(({ body }) => {
  const [, genre] = body.messages[0].content.split(" ");
  return genre === "boring" ? { status: 400 } : { text: `A ${genre} book`, delayMs: 500 };
});

const recommend = call("openai/gpt-4o-mini", server.openai)((genre: string) => prompt`One ${genre} book`);

const genres = ["fantasy", "crime", "poetry", "history"];
const answers = await Promise.all(genres.map((genre) => recommend(genre)));
console.log(answers.map(({ content }) => content).join(", "));
console.log(`${server.peakInFlight} at the same time`);

// parallel() keeps the order as well, limits how many run, and aborts the others when one fails.
for (const { content } of await parallel(genres, (genre) => recommend(genre), { concurrency: 2 })) console.log(content);

await parallel(["fantasy", "boring"], (genre) => recommend(genre)).catch((error) => console.log(error.code));

// With `settle`, a failure leaves the others alone. The signal ends them all.
const { signal } = new AbortController();
for (const outcome of await parallel(["boring", "crime"], (genre) => recommend(genre), { settle: true, signal })) {
  console.log(outcome.ok ? outcome.value.content : outcome.error instanceof AbortedError ? "aborted" : "failed");
}
