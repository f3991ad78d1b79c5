import { expect } from "vitest";
import type { Cell, Section } from "../row.js";

const everywhere = ["openai", "responses", "anthropic"] as const;

/** The error of a body with an error's status, and inside a 200. */
async function errorsOf(cell: Cell, status: number, body: unknown): Promise<any[]> {
  cell.reply({ status, json: body });
  const refused = (await cell.ask()).error;
  cell.reply(cell.streamed ? { chunks: [`data: ${JSON.stringify(body)}\n\n`] } : { json: body });
  return [refused, (await cell.ask()).error];
}

const retryInfo = (retryDelay: unknown) => ({
  error: {
    code: 429,
    message: "You exceeded your current quota, please check your plan and billing details.",
    status: "RESOURCE_EXHAUSTED",
    details: [
      { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [] },
      { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay },
    ],
  },
});

export const waitsAndQuotas: Section = {
  title: "Waits and quotas",
  rows: [
    {
      id: "I1",
      report: 'Google\'s `error.details[].retryDelay`, such as `"45.8s"`, also inside a list',
      outcome: "`retryAfterMs` of a RateLimitError; what is not a duration is ignored",
      source: "vercel/ai#18627",
      on: everywhere,
      async run(cell) {
        for (const [delay, ms] of [
          ["45.8s", 45_800],
          ["39s", 39_000],
          ["0s", 0],
          [{ seconds: "2", nanos: 500_000_000 }, 2500],
          ["-3s", undefined],
          ["soon", undefined],
          ["1e309s", undefined],
          [7, undefined],
        ] as const) {
          for (const body of [retryInfo(delay), [retryInfo(delay)]]) {
            for (const error of await errorsOf(cell, 429, body))
              expect(error).toMatchObject({ code: "rate_limit", retryAfterMs: ms, type: "RESOURCE_EXHAUSTED" });
          }
        }
      },
    },
    {
      id: "I2",
      report: "A header `retry-after` beside `retryDelay`",
      outcome: "The header counts",
      source: "vercel/ai#18627",
      on: everywhere,
      async run(cell) {
        cell.reply({ status: 429, json: retryInfo("45.8s"), headers: { "retry-after": "2" } });
        expect((await cell.ask()).error.retryAfterMs).toBe(2000);
        cell.reply({ status: 429, json: retryInfo("45.8s"), headers: { "retry-after": "1e309" } });
        expect((await cell.ask()).error.retryAfterMs).toBe(45_800);
      },
    },
    {
      id: "I3",
      report:
        "Nothing left to spend, by type or code: `exceeded_current_quota_error` (Moonshot), `1113` (Zhipu), `billing_error` (Anthropic) and others",
      outcome: "QuotaError, whatever the status; not retried",
      source: "kimi-code#1860, modelscope#1691",
      on: everywhere,
      async run(cell) {
        for (const [status, error] of [
          [429, { type: "exceeded_current_quota_error", message: "No" }],
          [403, { type: "exceeded_current_quota_error", message: "No" }],
          [429, { code: "1113", message: "No" }],
          [402, { type: "billing_error", message: "No" }],
          [403, { type: "billing_error", message: "No" }],
          [429, { http_code: "429", type: "insufficient_balance_error", message: "No" }],
          [403, { code: "insufficient_user_quota", message: "No" }],
          [400, { code: "Arrearage", type: "Arrearage", message: "No" }],
          [429, { code: "insufficient_quota", type: "insufficient_quota", message: "No" }],
          [429, { code: "billing_hard_limit_reached", message: "No" }],
          [400, { type: "invalid_request_error", message: "Your credit balance is too low to access the API" }],
        ] as const) {
          for (const failure of await errorsOf(cell, status, { type: "error", error }))
            expect(failure, JSON.stringify(error)).toMatchObject({ code: "quota", retryable: false });
        }
      },
    },
    {
      id: "I4",
      report:
        "A limit that passes, whose words speak of a quota: `rate_limit_reached_error`, `1302`, `RESOURCE_EXHAUSTED`",
      outcome: "RateLimitError, which is retried; `engine_overloaded_error` in a 200 is an OverloadedError",
      source: "kimi-code#1860",
      on: everywhere,
      async run(cell) {
        for (const error of [
          { type: "rate_limit_reached_error", message: "You exceeded your current quota" },
          { code: "1302", message: "You exceeded your current quota" },
          { status: "RESOURCE_EXHAUSTED", message: "You exceeded your current quota" },
          { type: "rate_limited", code: "1300", message: "Requests rate limit exceeded" },
        ]) {
          for (const failure of await errorsOf(cell, 429, { error }))
            expect(failure, JSON.stringify(error)).toMatchObject({ code: "rate_limit", retryable: true });
        }
        const [, overloaded] = await errorsOf(cell, 429, {
          error: { type: "engine_overloaded_error", message: "Busy" },
        });
        expect(overloaded).toMatchObject({ code: "overloaded", retryable: true });
      },
    },
    {
      id: "I5",
      report: "A wrong key that is refused with 400 (`API_KEY_INVALID`, Google)",
      outcome: "AuthenticationError",
      source: "openai-scala-client#109, continue#10290",
      on: everywhere,
      async run(cell) {
        const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }];
        const google = [{ error: { code: 400, message: "API key not valid.", status: "INVALID_ARGUMENT", details } }];
        const wrapped = { error: { message: JSON.stringify(google[0], null, 2), code: 400, status: "Bad Request" } };
        for (const body of [google, wrapped]) {
          for (const failure of await errorsOf(cell, 400, body))
            expect(failure).toMatchObject({
              code: "authentication",
              message: expect.stringMatching(/: API key not valid\.$/),
            });
        }
      },
    },
  ],
};
