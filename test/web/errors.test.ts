import {
  AbortedError,
  AuthenticationError,
  BadRequestError,
  BudgetExceededError,
  CircuitOpenError,
  ConfigurationError,
  ConnectionError,
  FallbackError,
  model,
  NotFoundError,
  OverloadedError,
  ProviderError,
  QuotaError,
  RateLimitError,
  ServerError,
  StreamInterruptedError,
  TimeoutError,
  UnexpectedResponseError,
} from "callwright";
import { script } from "callwright/testing";
import { handler, toNodeListener, toResponse } from "callwright/web";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import { errorOf, onBothWires } from "../calls/wires.js";
import { serve } from "./serving.js";

const provider = "openai";
const key = "sk-proj-abcdefgh12345678";
const said = `It said: ${key} at http://10.0.0.7`;
const asked = { model: "librarian", messages: [{ role: "user" as const, content: "Hi" }] };

const clientOf = async (served: Parameters<typeof handler>[0], options: Parameters<typeof handler>[1] = {}) =>
  new OpenAI({
    ...{ baseURL: `${await serve(toNodeListener(handler(served, options)))}/v1`, apiKey: "any", maxRetries: 0 },
  });

describe("what a function throws becomes the status of its class", () => {
  test.each([
    [new BadRequestError(said, { provider }), 400, "bad_request"],
    [new RateLimitError(said, { provider, retryAfterMs: 1500 }), 429, "rate_limit"],
    [new BudgetExceededError(said), 429, "budget_exceeded"],
    [new AuthenticationError(said, { provider, status: 401 }), 502, "authentication"],
    [new QuotaError(said, { provider }), 502, "quota"],
    [new NotFoundError(said, { provider }), 502, "not_found"],
    [new ServerError(said, { provider }), 502, "server"],
    [new ProviderError(said, { provider }), 502, "provider"],
    [new UnexpectedResponseError(said, { provider }), 502, "unexpected_response"],
    [new ConnectionError(said), 502, "connection"],
    [new StreamInterruptedError(said), 502, "stream_interrupted"],
    [new OverloadedError(said, { provider }), 503, "overloaded"],
    [new CircuitOpenError(said, { retryAfterMs: 1500 }), 503, "circuit_open"],
    [new AbortedError(said, { reason: undefined }), 503, "aborted"],
    [new TimeoutError(said, { phase: "total" }), 504, "timeout"],
    [
      new FallbackError(said, { errors: [new TypeError(said), new OverloadedError(said, { provider })] }),
      503,
      "overloaded",
    ],
    [new FallbackError(said, { errors: [] }), 500, "internal_error"],
    [new ConfigurationError(said), 500, "internal_error"],
    [new TypeError(said), 500, "internal_error"],
    [Object.assign(new Error(said), { code: "bad_request" }), 500, "internal_error"],
    ["a string", 500, "internal_error"],
    [undefined, 500, "internal_error"],
  ])("%s", async (thrown, status, code) => {
    const errors: unknown[] = [];
    const served = {
      librarian: (): never => {
        throw thrown;
      },
    };
    const openai = await clientOf(served, { onError: (error) => void errors.push(error) });
    const error = await errorOf(openai.chat.completions.create(asked));
    expect(error).toMatchObject({ status, code });
    expect(error.type).toBe({ 400: "invalid_request_error", 429: "rate_limit_error" }[status as 400] ?? "server_error");
    expect(errors).toEqual([thrown]);
    expect(JSON.stringify([error.error, error.message])).not.toMatch(/sk-proj|stack/);
    if (status !== 400) expect(error.message).not.toContain("10.0.0.7");
    const { retryAfterMs } = (thrown ?? {}) as { retryAfterMs?: number };
    expect(error.headers.get("retry-after")).toBe(retryAfterMs === undefined ? null : "2");
  });

  test("and tells clients whether asking again is of use", async () => {
    const shouldRetry = async (thrown: unknown) => {
      const openai = await clientOf({
        librarian: (): never => {
          throw thrown;
        },
      });
      return (await errorOf(openai.chat.completions.create(asked))).headers.get("x-should-retry");
    };
    expect(await shouldRetry(new ServerError(said, { provider }))).toBe(null);
    expect(await shouldRetry(new CircuitOpenError(said, { retryAfterMs: 1 }))).toBe(null);
    expect(await shouldRetry(new AuthenticationError(said, { provider }))).toBe("false");
    expect(await shouldRetry(new TypeError(said))).toBe("false");
  });
});

onBothWires((wire) => {
  const client = () => clientOf({ librarian: model(wire.reference, wire.access) });

  test("a refusal of the provider comes as the client's own class, before a stream begins as well", async () => {
    const openai = await client();
    wire.server.reply({ status: 429, headers: { "retry-after": "120" } });
    for (const stream of [false, true]) {
      const error = await errorOf(openai.chat.completions.create({ ...asked, stream }));
      expect(error).toBeInstanceOf(OpenAI.RateLimitError);
      expect(error.headers.get("retry-after")).toBe("120");
    }
    wire.server.reply({ status: 400, text: "Too many tokens." });
    const refused = await errorOf(openai.chat.completions.create(asked));
    expect(refused).toBeInstanceOf(OpenAI.BadRequestError);
    expect(refused.message).toContain("Too many tokens.");
    // The client's key is not to blame for the server's.
    wire.server.reply({ status: 401, text: `No such key: ${wire.access.apiKey}` });
    const unauthorised = await errorOf(openai.chat.completions.create(asked));
    expect(unauthorised).toMatchObject({ status: 502, code: "authentication" });
    expect(JSON.stringify(unauthorised)).not.toContain(wire.access.apiKey);
  });

  test("a stream that breaks off is no whole answer to the official client", async () => {
    const openai = await client();
    wire.server.reply({ text: ["Once ", "upon ", "a ", "time ", "it ", "was"], cutAfter: 5 });
    const texts: unknown[] = [];
    const error = await errorOf(async () => {
      for await (const { choices } of await openai.chat.completions.create({ ...asked, stream: true }))
        texts.push(choices[0]?.delta.content);
    });
    expect(texts.join("")).toMatch(/^Once /);
    expect(error).toBeInstanceOf(OpenAI.APIError);
    expect(error).toMatchObject({ code: "stream_interrupted", type: "server_error" });
  });

  test("after an error in a stream comes no [DONE]", async () => {
    wire.server.reply({ text: ["Once ", "upon ", "a ", "time ", "it ", "was"], cutAfter: 5 });
    const handle = handler({ librarian: model(wire.reference, wire.access) });
    const init = { method: "POST", headers: { "content-type": "application/json" } };
    const body = JSON.stringify({ ...asked, stream: true });
    const text = await (await handle(new Request("http://localhost/v1/chat/completions", { ...init, body }))).text();
    expect(text).not.toContain("[DONE]");
    expect(text.trimEnd().split("\n").at(-1)).toMatch(/^data: \{"error":/);
  });
});

test("a listener that fails itself changes nothing for the client", async () => {
  const broken = () => model(script([[{ type: "text-delta", text: "Mo" }]])).stream("Hi");
  const calls = { throws: () => Promise.reject(new Error("no")), breaks: broken };
  const listeners = [
    () => {
      throw new Error("The log is full.");
    },
    () => Promise.reject(new Error("The log is gone.")),
  ];
  for (const onError of listeners) {
    const ask = (name: string) =>
      handler(calls, { onError })(
        new Request("http://localhost/v1/chat/completions", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ model: name, stream: true, messages: [{ role: "user", content: "Hi" }] }),
        }),
      );
    expect((await ask("throws")).status).toBe(500);
    expect(await (await ask("breaks")).text()).toContain('"code":"stream_interrupted"');
    expect(await toResponse(broken(), { onError }).text()).toContain("event: error");
  }
});
