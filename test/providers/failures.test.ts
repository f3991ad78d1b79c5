import {
  AuthenticationError,
  BadRequestError,
  CallwrightError,
  call,
  NotFoundError,
  OverloadedError,
  type ProviderError,
  QuotaError,
  RateLimitError,
  retry,
  ServerError,
  UnexpectedResponseError,
} from "callwright";
import { type WireReply, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventText, providerOf, references, spoken } from "../streams/wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const statuses: readonly [
  status: number,
  kind: typeof ProviderError,
  code: string,
  types: readonly [openai: string, anthropic: string],
][] = [
  [400, BadRequestError, "bad_request", ["invalid_request_error", "invalid_request_error"]],
  [401, AuthenticationError, "authentication", ["invalid_api_key", "authentication_error"]],
  [403, AuthenticationError, "authentication", ["permission_denied", "permission_error"]],
  [404, NotFoundError, "not_found", ["model_not_found", "not_found_error"]],
  [408, ServerError, "server", ["invalid_request_error", "invalid_request_error"]],
  [409, ServerError, "server", ["invalid_request_error", "conflict_error"]],
  [413, BadRequestError, "bad_request", ["invalid_request_error", "request_too_large"]],
  [418, BadRequestError, "bad_request", ["invalid_request_error", "invalid_request_error"]],
  [422, BadRequestError, "bad_request", ["invalid_request_error", "invalid_request_error"]],
  [429, RateLimitError, "rate_limit", ["rate_limit_exceeded", "rate_limit_error"]],
  [500, ServerError, "server", ["server_error", "api_error"]],
  [502, ServerError, "server", ["server_error", "api_error"]],
  [503, OverloadedError, "overloaded", ["server_error", "api_error"]],
  [504, ServerError, "server", ["server_error", "timeout_error"]],
  [529, OverloadedError, "overloaded", ["server_error", "overloaded_error"]],
];

describe.each(references)("what %s refuses", (reference) => {
  const provider = providerOf(reference);
  /** The error of a plain and of a streamed call, which are asked the same. */
  async function errorsOf(reply: WireReply): Promise<any[]> {
    const errors: unknown[] = [];
    for (const stream of [false, true]) {
      server.reply(reply);
      const ask = call(reference, { ...server[provider], stream, use: [retry({ retries: 0 })] })(() => "Hi");
      const asked: Promise<any> = ask();
      errors.push(
        await asked
          .then((made) => (stream ? made.response() : made))
          .then(
            () => undefined,
            (error) => error,
          ),
      );
    }
    return errors;
  }

  test.each(statuses)("with %i is the same typed error, plain and streamed", async (status, kind, code, types) => {
    const headers = { "retry-after": "2", [provider === "openai" ? "x-request-id" : "request-id"]: "req_7" };
    const errors = await errorsOf({ status, headers, text: "The engine says no." });
    for (const error of errors) {
      expect(error.constructor).toBe(kind);
      expect(CallwrightError.isInstance(error)).toBe(true);
      expect(error).toMatchObject({
        code,
        status,
        provider,
        type: types[provider === "openai" ? 0 : 1],
        requestId: "req_7",
        retryAfterMs: 2000,
        message: `${provider} answered ${status}: The engine says no.`,
        cause: expect.any(Error),
      });
    }
  });

  test("for want of money is a quota error, which waiting does not mend", async () => {
    const bodies = {
      openai: { error: { type: "insufficient_quota", code: "insufficient_quota", message: "You exceeded your quota" } },
      anthropic: { type: "error", error: { type: "invalid_request_error", message: "Your credit balance is too low" } },
    };
    const told = await errorsOf({ status: provider === "openai" ? 429 : 400, json: bodies[provider] });
    for (const error of [...told, ...(await errorsOf({ status: 402, text: "Insufficient balance" }))]) {
      expect(error).toBeInstanceOf(QuotaError);
      expect(error).toBeInstanceOf(RateLimitError);
      expect(error.retryable).toBe(false);
    }
  });

  test.each([
    ["an HTML page", { raw: "<html>Bad gateway</html>", headers: { "content-type": "text/html" } }],
    ["nothing", { raw: "" }],
    ["broken JSON", { raw: '{"error":' }],
    ["null", { json: null }],
    ["a list", { json: [1, 2] }],
    ["a text", { json: "no" }],
    ["an object of nulls", { json: { error: { message: null, type: null, code: null } } }],
  ])("with a body that is %s is still of the class of its status", async (_, reply) => {
    for (const error of await errorsOf({ status: 502, ...reply })) {
      expect(error).toBeInstanceOf(ServerError);
      expect(error).toMatchObject({ status: 502, retryable: true });
      expect(error.message.length).toBeLessThan(2000);
    }
  });

  test("with a long message is cut", async () => {
    for (const error of await errorsOf({ status: 400, text: "x".repeat(100_000) })) {
      expect(error.message.length).toBeLessThan(2000);
    }
  });

  test("with the key in its message does not show the key", async () => {
    const key = server[provider].apiKey;
    for (const error of await errorsOf({ status: 401, text: `Incorrect API key: ${key}.` })) {
      expect(error.message).toContain("Incorrect API key: ***");
      expect(JSON.stringify(error)).not.toContain(key);
    }
  });

  test.each<[string, string, number | undefined]>([
    ["retry-after", "1", 1000],
    ["retry-after", "0.5", 500],
    ["retry-after", "0", 0],
    ["retry-after", "-5", undefined],
    ["retry-after", "soon", undefined],
    ["retry-after", "", undefined],
    ["retry-after", "1e309", undefined],
    ["retry-after-ms", "1e309", undefined],
    ["retry-after", "3600", 3_600_000],
    ["retry-after", "Thu, 01 Jan 1970 00:00:00 GMT", undefined],
    ["retry-after-ms", "50", 50],
    ["retry-after-ms", "x", undefined],
    ["retry-after-ms", "", undefined],
  ])("and asks to wait by %s: %s", async (name, value, retryAfterMs) => {
    for (const error of await errorsOf({ status: 429, headers: { [name]: value } })) {
      expect(error.retryAfterMs).toBe(retryAfterMs);
    }
  });

  test("and asks to wait until a date, is waited for until then", async () => {
    const date = new Date(Date.now() + 30_000).toUTCString();
    for (const error of await errorsOf({ status: 429, headers: { "retry-after": date } })) {
      expect(error.retryAfterMs).toBeGreaterThan(20_000);
      expect(error.retryAfterMs).toBeLessThanOrEqual(30_000);
    }
  });
});

describe.each(references)("an answer of %s that is none", (reference) => {
  const provider = providerOf(reference);
  const plain = (reply: WireReply, retries = 0) => {
    server.reply(reply);
    return call(reference, { ...server[provider], use: [retry({ retries, delayMs: () => 1 })] })(() => "Hi")();
  };
  const streamed = async (reply: WireReply) => {
    server.reply(reply);
    const use = [retry({ retries: 0 })];
    return (await call(reference, { ...server[provider], stream: true, use })(() => "Hi")()).response();
  };
  const html = { raw: "<!doctype html><title>Login</title>", headers: { "content-type": "text/html; charset=utf-8" } };

  const bodies: Record<string, WireReply> = {
    "an HTML page": html,
    "an HTML page that says it is JSON": { raw: html.raw },
    "an empty body": { raw: "" },
    "broken JSON": { raw: '{"choices":[' },
    null: { json: null },
    "an empty object": { json: {} },
    "an empty list": { json: [] },
    "no choices": { json: { choices: [], content: null } },
    "choices of null": { json: { choices: [null], content: {} } },
    "a choice without a message": { json: { choices: [{ index: 0, message: null }], content: 7 } },
    "a stream, though none was asked for": {
      raw: eventText(spoken(provider, ["Hello"])),
      headers: { "content-type": "text/event-stream" },
    },
  };

  test.each(Object.entries(bodies))("%s is an unexpected response", async (_, reply) => {
    const error: any = await plain(reply).catch((error) => error);
    expect(error).toBeInstanceOf(UnexpectedResponseError);
    expect(error).toMatchObject({ provider, requestId: expect.stringMatching(/^req_/) });
    expect(error.message.length).toBeLessThan(2000);
  });

  test("it shows the type and the beginning of what came", async () => {
    await expect(plain(html)).rejects.toThrow(/text\/html; charset=utf-8\): <!doctype html><title>Login/);
  });

  test("a web page comes again, so it is not asked for again; what may be an accident is", async () => {
    for (const [reply, requests] of [
      [html, 1],
      [{ raw: html.raw }, 1],
      [{ raw: "" }, 3],
      [{ raw: '{"id":' }, 3],
      [{ json: null }, 3],
      [{ json: {} }, 3],
    ] as const) {
      const before = server.requests.length;
      await expect(plain(reply, 2)).rejects.toBeInstanceOf(UnexpectedResponseError);
      expect(server.requests.length - before).toBe(requests);
    }
  });

  test("on a stream, JSON and HTML are an unexpected response that says so", async () => {
    await expect(streamed({ json: { hello: 1 } })).rejects.toMatchObject({
      code: "unexpected_response",
      message: expect.stringMatching(/is no event stream.*application\/json.*hello/),
    });
    const page = { chunks: [html.raw], headers: html.headers };
    await expect(streamed(page)).rejects.toMatchObject({
      code: "unexpected_response",
      retryable: false,
      message: expect.stringContaining("Login"),
    });
  });

  test("an error inside a 200 is the error that it names", async () => {
    const body = {
      type: "error",
      error: { type: "rate_limit_error", code: "rate_limit_exceeded", message: "Slow down" },
    };
    for (const ask of [() => plain({ json: body }), () => streamed({ chunks: [body] })]) {
      await expect(ask()).rejects.toMatchObject({
        code: "rate_limit",
        status: undefined,
        message: expect.stringContaining("Slow down"),
      });
    }
  });

  test.each([
    [401, "authentication"],
    [404, "not_found"],
    [429, "rate_limit"],
    [503, "overloaded"],
    [502, "server"],
  ])("an error inside a 200 whose code is %i is the error of that status", async (status, code) => {
    const body = { type: "error", error: { code: status, message: "No" } };
    await expect(plain({ json: body })).rejects.toMatchObject({ code, status: undefined });
    await expect(streamed({ chunks: [body] })).rejects.toMatchObject({ code, status: undefined });
  });

  test("an event that is named error is one, whatever its data leaves out", async () => {
    const raw = 'event: error\ndata: {"message":"Broken inside"}\n\n';
    await expect(streamed({ raw, headers: { "content-type": "text/event-stream" } })).rejects.toMatchObject({
      code: "server",
      message: expect.stringContaining("Broken inside"),
    });
  });

  test("what the wire leaves out is empty or undefined, never a word for nothing", async () => {
    const bare = { openai: { choices: [{ message: { content: null } }] }, anthropic: { content: [] } }[provider];
    const response = await plain({ json: bare });
    expect(response).toMatchObject({ content: "", finishReason: "unknown", usage: undefined, toolCalls: [], id: "" });
    expect(response.cost).toBeUndefined();
    expect(response.model).toBe(reference.split("/")[1]);
  });
});
