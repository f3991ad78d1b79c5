import { call, fallback, model, parallel } from "callwright";
import { expect, vi } from "vitest";
import { fails, type Row } from "../row.js";
import { inTime, retriesFor } from "../run.js";

/** More than one call, or more than one model. */
export const outages: readonly Row[] = [
  {
    id: "F33",
    fault: "nothing but 503, for 150 calls of which 64 run at once",
    replies: () => [{ status: 503 }],
    async run(cell) {
      const { reference, provider, streamed, server } = cell;
      const options = { ...server[provider], use: retriesFor(cell), stream: streamed as false };
      const ask = call(reference, options)(() => "Hi");
      const all = parallel(Array(150).fill(0), ask, { concurrency: 64, settle: true });
      const outcomes = await inTime(cell, all);
      const errors = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error]));
      expect(errors).toHaveLength(150);
      return { error: errors.at(-1), shown: "", requests: server.requests.length };
    },
    // One request a call, and the hundred retries of the budget.
    plain: fails("OverloadedError", 250),
    streamed: fails("OverloadedError", 250),
  },
  {
    id: "F41",
    fault: "three models behind one another, and each of them fails",
    replies: () => [{ status: 503 }],
    async run(cell) {
      const { reference, provider, streamed, server } = cell;
      const others = { openai: "anthropic/claude-haiku-4-5", anthropic: "openai/gpt-4o-mini" } as const;
      for (const name of ["openai", "anthropic"] as const) {
        vi.stubEnv(`${name.toUpperCase()}_BASE_URL`, server[name].baseURL);
        vi.stubEnv(`${name.toUpperCase()}_API_KEY`, "sk-other");
      }
      const use = retriesFor(cell);
      const fallbacks = fallback(model(others[provider], { use }), model(`${provider}/third`, { use }));
      try {
        const ask = call(reference, { ...server[provider], use: [fallbacks, ...use], stream: streamed as false })(
          () => "Hi",
        );
        const failed = ask().then(undefined, (error) => error);
        const error = await inTime(cell, failed);
        expect(error.errors.map(({ name }: Error) => name)).toEqual(Array(3).fill("OverloadedError"));
        const asked = server.requests.map(({ body }) => body.model);
        expect(asked).toEqual(
          [reference, others[provider], "x/third"].flatMap((id) => Array(3).fill(id.split("/")[1])),
        );
        return { error, shown: "", requests: server.requests.length };
      } finally {
        vi.unstubAllEnvs();
      }
    },
    plain: fails("FallbackError", 9),
    streamed: fails("FallbackError", 9),
  },
];
