import { getEventListeners } from "node:events";
import { gzipSync } from "node:zlib";
import { Anthropic } from "@anthropic-ai/sdk";
import { call, retry } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { OpenAI } from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { begun, type Provider, providerOf, references, stalling } from "../streams/wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

/** How a user may bring what carries the bytes. The clients' own retries and time-outs must not count. */
const ways: Record<string, (provider: Provider) => object> = {
  "a client of one's own": (provider) => ({ client: clientOf(provider, {}) }),
  "a client of one's own, with a fetch of one's own": (provider) => ({
    client: clientOf(provider, { fetch: (url: string, init: RequestInit) => globalThis.fetch(url, init) }),
  }),
  "a fetch of one's own": (provider) => ({ ...server[provider], fetch: globalThis.fetch }),
  "a fetch of one's own that ignores the signal": (provider) => ({
    ...server[provider],
    fetch: (url: string, init: RequestInit) => globalThis.fetch(url, { ...init, signal: null }),
  }),
};
const clientOf = (provider: Provider, options: object) =>
  provider === "openai"
    ? new OpenAI({ ...server.openai, maxRetries: 5, timeout: 1, ...options })
    : new Anthropic({ ...server.anthropic, maxRetries: 5, timeout: 1, ...options });

const soon = retry({ delayMs: () => 1 });

describe.each(references)("for %s", (reference) => {
  const provider = providerOf(reference);

  describe.each(Object.entries(ways))("%s", (_, accessOf) => {
    const plain = (options: object = {}) =>
      call(reference, { ...accessOf(provider), use: [soon], ...options })(() => "Hi");
    const streaming = (options: object = {}) =>
      call(reference, { ...accessOf(provider), use: [soon], ...options, stream: true })(() => "Hi");

    test("gives plain and streamed answers", async () => {
      server.reply({ text: ["Hel", "lo"], delayMs: 20 });
      const response = await plain()();
      expect([response.content, response.usage?.totalTokens]).toEqual(["Hello", 15]);
      expect(response.requestId).toMatch(/^req_/);
      const stream = await streaming()();
      const texts: string[] = [];
      for await (const [chunk] of stream) texts.push(chunk.content);
      expect(texts).toEqual(["Hel", "lo", ""]);
    });

    test("gives typed errors after as many tries as ours, whatever its own retries", async () => {
      server.reply({ status: 503, headers: { "retry-after-ms": "1" } });
      for (const ask of [plain(), streaming()]) {
        const before = server.requests.length;
        await expect(ask()).rejects.toMatchObject({ code: "overloaded", status: 503, retryAfterMs: 1, provider });
        expect(server.requests.length - before).toBe(3);
      }
      server.reply({ status: 401 });
      await expect(plain()()).rejects.toMatchObject({ code: "authentication", status: 401 });
      expect(server.requests).toHaveLength(7);
    });

    test("gives an interruption where a stream ends without its terminator", async () => {
      server.reply({ chunks: begun(provider, ["one"]) });
      const error: any = await (await streaming()()).response().catch((error) => error);
      expect(error).toMatchObject({ code: "stream_interrupted" });
      expect(error.partial.content).toBe("one");
    });

    test("gives an interruption where the connection breaks in mid-stream", async () => {
      server.reply({ text: ["one", "two", "three"], cutAfter: provider === "openai" ? 2 : 4 });
      const error: any = await (await streaming()()).response().catch((error) => error);
      expect(error).toMatchObject({ code: "stream_interrupted", cause: expect.any(Error) });
      expect(error.partial.content).toBe("one");
    });

    test("keeps the time limits of streams and plain calls", async () => {
      const once = { use: [retry({ retries: 0 })] };
      server.reply({ text: "Hello" }, stalling(["one"]), stalling([]), {
        text: "x".repeat(100),
        splitAt: [50],
        hangAfter: 1,
      });
      await plain()();
      const stalled = await streaming({ ...once, timeouts: { idleMs: 80 } })();
      await expect(stalled.response()).rejects.toMatchObject({ code: "timeout", phase: "idle" });
      const silent = streaming({ ...once, timeouts: { firstEventMs: 80 } });
      const asked = silent().then((stream) => stream.response());
      await expect(asked).rejects.toMatchObject({ code: "timeout", phase: "first-event" });
      await expect(plain({ ...once, timeouts: { totalMs: 80 } })()).rejects.toMatchObject({
        code: "timeout",
        phase: "total",
      });
      for (const request of server.requests) await request.closed;
      expect(server.requests.map(({ aborted }) => aborted)).toEqual([false, true, true, true]);
    });

    test("has its connection closed where the answer comes after the time was over", async () => {
      server.reply({ text: "x".repeat(100), splitAt: [50], delayMs: 200, hangAfter: 1 });
      const late = plain({ use: [retry({ retries: 0 })], timeouts: { totalMs: 80 } })();
      await expect(late).rejects.toMatchObject({ code: "timeout", phase: "total" });
      const request = await server.arrived();
      await request.closed;
      expect(request.aborted).toBe(true);
    });

    test("has its connection closed by a break, and by an aborted signal", async () => {
      const { signal, abort } = abortable();
      server.reply(stalling(["one"]));
      for await (const _ of await streaming()()) break;
      const stream = await streaming({ signal })();
      const loop = (async () => {
        for await (const _ of stream) setImmediate(() => abort("enough"));
      })();
      await expect(loop).rejects.toMatchObject({ code: "aborted", reason: "enough" });
      for (const request of server.requests) {
        await request.closed;
        expect(request.aborted).toBe(true);
      }
      expect(getEventListeners(signal, "abort")).toHaveLength(0);
    });

    test("leaves no listener on a signal that many calls share", async () => {
      const { signal } = abortable();
      server.reply({ text: "Hello" });
      await Promise.all([plain({ signal })(), plain({ signal })(), (await streaming({ signal })()).response()]);
      expect(getEventListeners(signal, "abort")).toHaveLength(0);
    });

    test("tells an answer of the wrong kind from a right one", async () => {
      server.reply({ raw: "<html>", headers: { "content-type": "text/html" } });
      await expect(plain()()).rejects.toMatchObject({ code: "unexpected_response" });
      await expect(streaming()()).rejects.toMatchObject({ code: "unexpected_response" });
      server.reply({ json: null });
      await expect(plain()()).rejects.toMatchObject({ code: "unexpected_response" });
    });

    test("does not hang on a corrupt gzip body", async () => {
      const raw = gzipSync("x".repeat(1000) + Math.random());
      raw[20] = (raw[20] ?? 0) ^ 0xff;
      server.reply({ raw, headers: { "content-encoding": "gzip" }, splitAt: [15], gapMs: 20 });
      const timeouts = { totalMs: 1500 };
      await expect(plain({ timeouts, use: [retry({ retries: 0 })] })()).rejects.toMatchObject({
        code: expect.stringMatching(/^(connection|timeout)$/),
      });
    });

    test("refused, is an error of the connection with its cause", async () => {
      const access = accessOf(provider);
      await server.close();
      const ask = call(reference, { ...access, use: [soon] })(() => "Hi");
      await expect(ask()).rejects.toMatchObject({
        code: "connection",
        message: expect.stringContaining("ECONNREFUSED"),
      });
    });
  });

  test.each([
    ["speaks of a timeout", new Error("My own timeout ran out")],
    ["is named as an abort", Object.assign(new Error("Not yet"), { name: "AbortError" })],
    ["has no code", new TypeError("Not this one")],
  ])("an error of a fetch that %s is the cause, whatever the SDK takes it for", async (_, thrown) => {
    const fetch = async (): Promise<Response> => {
      throw thrown;
    };
    const options = { ...server[provider], fetch, use: [retry({ retries: 0 })] };
    for (const stream of [false, true]) {
      const asked = call(reference, { ...options, stream })(() => "Hi")();
      await expect(asked).rejects.toMatchObject({ code: "connection", cause: thrown });
    }
  });

  test("a fetch that throws is tried again, and then its error is the cause", async () => {
    const thrown = new TypeError("no network today");
    let tries = 0;
    const fetch = async (): Promise<Response> => {
      tries++;
      throw thrown;
    };
    const ask = call(reference, { ...server[provider], fetch, use: [soon] })(() => "Hi");
    await expect(ask()).rejects.toMatchObject({ code: "connection" });
    expect(tries).toBe(3);
  });

  test("an answer without a body is no answer", async () => {
    const fetch = async () => new Response(null, { status: 200 });
    const options = { ...server[provider], fetch, use: [retry({ retries: 0 })] };
    await expect(call(reference, options)(() => "Hi")()).rejects.toMatchObject({ code: "unexpected_response" });
    const stream = await call(reference, { ...options, stream: true })(() => "Hi")();
    await expect(stream.response()).rejects.toMatchObject({ code: "unexpected_response" });
  });
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: unknown) => controller.abort(reason) };
}
