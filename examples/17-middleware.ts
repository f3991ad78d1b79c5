// What changes how a model behaves is a function from a model to a model. `retry` is one; writing one takes ten lines.
import { call, type Middleware, retry } from "callwright";
import { wireServer } from "callwright/testing";

await using server = await wireServer();

/** Prints what is asked, and how many events come. */
const log: Middleware = (model) => ({
  id: model.id,
  async *run(request) {
    let events = 0;
    for await (const event of model.run(request)) {
      events++;
      yield event;
    }
    console.log(`${model.id}: ${request.messages.length} message(s), ${events} events, for ${request.metadata?.team}`);
  },
});

// Outermost first. A retry of your own takes the place of the default one, which tries twice more.
const ask = call("openai/gpt-4o-mini", {
  ...server.openai,
  use: [log, retry({ retries: 4, delayMs: (attempt) => 10 * attempt })],
  metadata: { team: "library" },
})((question: string) => question);

server.reply({ status: 503 }, { status: 429, headers: { "retry-after-ms": "20" } }, { text: "Third time lucky." });
console.log((await ask("Are you there?")).content);
console.log(`${server.requests.length} requests`);
