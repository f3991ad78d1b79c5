import { call, retry } from "callwright";
import { type WireReply, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventText, providerOf, references, spoken } from "../streams/wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const key = "sk-a-key-that-nobody-may-see";
const json = { "content-type": "application/json" };
const page = "<!doctype html><html><body>Sign in</body></html>";

describe.each(references)("an answer 200 of %s", (reference) => {
  const provider = providerOf(reference);

  async function outcome(reply: WireReply, stream: boolean) {
    server.reply(reply);
    const before = server.requests.length;
    const options = { ...server[provider], apiKey: key, stream, use: [retry({ delayMs: () => 1 })] };
    const asked = call(reference, options)(() => "Hi")();
    const error: any = await asked
      .then((made: any) => (stream ? made.response() : undefined))
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    return { error, tries: server.requests.length - before };
  }

  const malformed: [string, WireReply][] = [
    ["is empty", { raw: "", headers: json }],
    ["is null", { raw: "null", headers: json }],
    ["is {}", { raw: "{}", headers: json }],
    ["is []", { raw: "[]", headers: json }],
    ["is broken JSON", { raw: '{"choices":[', headers: json }],
  ];
  test.each(malformed)("that %s is tried three times, plain and streamed", async (_, reply) => {
    for (const stream of [false, true]) {
      const { error, tries } = await outcome(reply, stream);
      expect(error).toMatchObject({ code: "unexpected_response", provider, status: 200, retryable: true });
      expect(error.message).toContain("content-type application/json");
      if (reply.raw) expect(error.message).toContain(reply.raw);
      expect(tries).toBe(3);
    }
  });

  test.each(["text/html; charset=utf-8", "text/plain", "application/json", "text/event-stream"])(
    "that is a web page, in %s, is asked for once where that is known before output",
    async (type) => {
      for (const stream of [false, true]) {
        const { error, tries } = await outcome({ raw: page, headers: { "content-type": type } }, stream);
        expect(error).toMatchObject({ code: "unexpected_response", retryable: false });
        expect(error.message).toContain(`content-type ${type}`);
        expect(error.message).toContain("<!doctype html>");
        expect(tries).toBe(1);
      }
    },
  );

  test("that is JSON where a stream was asked for says so, whatever its type", async () => {
    const body = { raw: '{"answer":"whole"}' };
    for (const type of ["application/json", "text/event-stream", "text/plain"]) {
      const { error } = await outcome({ ...body, headers: { "content-type": type } }, true);
      expect(error).toMatchObject({ code: "unexpected_response", retryable: true });
      expect(error.message).toContain("is no event stream");
      expect(error.message).toContain('{"answer":"whole"}');
    }
  });

  test("that is a stream where none was asked for says so", async () => {
    const { error } = await outcome({ raw: eventText(spoken(provider, ["Hello"])) }, false);
    expect(error).toMatchObject({ code: "unexpected_response" });
    expect(error.message).toMatch(/is (no JSON|broken JSON)/);
  });

  test("that is no stream is given up after a thousand lines, not at its end", async () => {
    // Each try gets it from the start.
    const lines = {
      async *[Symbol.asyncIterator]() {
        for (;;) yield "what is this\n".repeat(100);
      },
    };
    const { error } = await outcome({ chunks: lines, headers: { "content-type": "text/plain" } }, true);
    expect(error).toMatchObject({ code: "unexpected_response", message: expect.stringContaining("what is this") });
  });

  test("whose stream ends after comments, or in its first event, was interrupted", async () => {
    for (const raw of [": ping\n\n", "data: {", "event: message"]) {
      const { error, tries } = await outcome({ raw, headers: { "content-type": "text/event-stream" } }, true);
      expect(error).toMatchObject({ code: "stream_interrupted" });
      expect(tries).toBe(1 + 2);
    }
  });

  test("is shown by its first 200 characters, without the key that it repeats", async () => {
    const body = `{"echo":"${key}","rest":"${"x ".repeat(500)}"}`;
    for (const stream of [false, true]) {
      const { error } = await outcome({ raw: body, headers: json }, stream);
      expect(error.message).not.toContain(key);
      expect(error.message).toContain("***");
      expect(error.message.length).toBeLessThan(400);
    }
  });
});
