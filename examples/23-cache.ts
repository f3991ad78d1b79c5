// What was asked before is answered without a request, and a model that is down is not asked by everyone.
import { CircuitOpenError, cache, call, circuitBreaker, fallback, retry } from "callwright";
import { script, wireServer } from "callwright/testing";

await using server = await wireServer();

// Streams come from the cache as they came from the model. Outermost, it also spares the limits behind it.
const answers = cache({ ttlMs: 60_000, maxEntries: 100 });
const ask = call("openai/gpt-4o-mini", { ...server.openai, stream: true, use: [answers] })(
  (question: string) => question,
);
server.reply({ text: ["I am ", "the first."] }, { text: "I am another." });
for (const question of ["Who are you?", "Who are you?", "And you?"]) {
  const { content } = await (await ask(question)).response();
  console.log(`${content} (${server.requests.length})`);
}

// After two failures in a row, it is not asked for half a second. Then one call is let through.
server.reply({ status: 503 });
const breaker = circuitBreaker({ failures: 2, cooldownMs: 500 });
const guarded = { ...server.openai, use: [breaker, retry({ retries: 0 })] };
const check = call("openai/gpt-4o-mini", guarded)(() => "Are you there?");
for (let attempt = 0; attempt < 3; attempt++) {
  await check().catch((error) => console.log(error instanceof CircuitOpenError ? "not asked" : error.code));
}

// Another model takes over at once while it is so.
const other = fallback(script(["I am the other model."]));
const answered = call("openai/gpt-4o-mini", { ...guarded, use: [other, ...guarded.use] })(() => "Are you there?");
console.log((await answered()).content);

server.reply({ text: "I am back." });
await new Promise((resolve) => setTimeout(resolve, 510));
console.log((await check()).content);
