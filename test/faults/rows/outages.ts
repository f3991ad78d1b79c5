import { call, fallback, model, parallel, retry } from "callwright";
import { expect } from "vitest";
import { fails, type Row } from "../row.js";
import { elapse } from "../virtual-clock.js";

/** More than one call, or more than one model. */
export const outages: readonly Row[] = [
  {
    id: "F33",
    fault: "nothing but 503, for 150 calls of which 64 run at once",
    replies: () => [{ status: 503 }],
    async run({ reference, provider, streamed, onDefaults, server }) {
      const use = onDefaults ? [] : [retry({ delayMs: () => 1 })];
      const ask = call(reference, { ...server[provider], use, stream: streamed as false })(() => "Hi");
      const all = parallel(Array(150).fill(0), ask, { concurrency: 64, settle: true });
      const outcomes = await (onDefaults ? elapse(all, server) : all);
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
    async run({ reference, provider, streamed, onDefaults, server }) {
      const others = { openai: "anthropic/claude-haiku-4-5", anthropic: "openai/gpt-4o-mini" } as const;
      process.env.OPENAI_BASE_URL = server.openai.baseURL;
      process.env.ANTHROPIC_BASE_URL = server.anthropic.baseURL;
      process.env.OPENAI_API_KEY = process.env.ANTHROPIC_API_KEY = "sk-other";
      const quick = { use: onDefaults ? [] : [retry({ delayMs: () => 1 })] };
      try {
        const use = [fallback(model(others[provider], quick), model(`${provider}/third`, quick)), ...quick.use];
        const ask = call(reference, { ...server[provider], use, stream: streamed as false })(() => "Hi");
        const failed = ask().then(undefined, (error) => error);
        const error = await (onDefaults ? elapse(failed, server) : failed);
        expect(error.errors.map(({ name }: Error) => name)).toEqual(Array(3).fill("OverloadedError"));
        const asked = server.requests.map(({ body }) => body.model);
        expect(asked).toEqual(
          [reference, others[provider], "x/third"].flatMap((id) => Array(3).fill(id.split("/")[1])),
        );
        return { error, shown: "", requests: server.requests.length };
      } finally {
        for (const name of ["OPENAI", "ANTHROPIC"]) {
          delete process.env[`${name}_BASE_URL`];
          delete process.env[`${name}_API_KEY`];
        }
      }
    },
    plain: fails("FallbackError", 9),
    streamed: fails("FallbackError", 9),
  },
];
