import { gzipSync } from "node:zlib";
import { call, type Limits, type Middleware, model, override, retry } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { errorOf } from "../calls/wires.js";
import { begun, eventText, providerOf, references, spoken } from "../streams/wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

/** Bytes without end, as fast as they are taken. */
async function* endless(piece: string) {
  for (;;) yield piece;
}

describe.each(references)("limits of the answers of %s", (reference) => {
  const provider = providerOf(reference);
  const access = () => server[provider];
  const options = (limits: Limits) => ({ ...access(), limits, use: [retry({ delayMs: () => 1 })] });
  const ask = (limits: Limits) => call(reference, options(limits))(() => "Hi")();
  const stream = async (limits: Limits) => {
    const opened = await call(reference, { ...options(limits), stream: true })(() => "Hi")();
    return opened.response();
  };
  const tooLarge = (option: string) => ({
    code: "unexpected_response",
    provider,
    retryable: false,
    message: expect.stringContaining(`limits.${option}`),
  });

  test("end a plain answer without end, which is asked for once, and its connection", async () => {
    server.reply({ chunks: endless("x".repeat(10_000)), headers: { "content-type": "application/json" } });
    expect(await errorOf(ask({ maxResponseBytes: 100_000 }))).toMatchObject(tooLarge("maxResponseBytes"));
    await (await server.arrived()).closed;
    expect(server.requests.length).toBe(1);
  });

  test("end a stream without end, and the error holds what came", async () => {
    const [start, ...rest] = [eventText(begun(provider, ["tok "])), eventText(begun(provider, ["tok "]).slice(-1))];
    server.reply({
      chunks: (async function* () {
        yield start ?? "";
        yield* endless(rest.join("").repeat(10));
      })(),
    });
    const error = await errorOf(stream({ maxResponseBytes: 100_000 }));
    expect(error).toMatchObject(tooLarge("maxResponseBytes"));
    expect(error.partial.content).toMatch(/^(tok )+$/);
    expect(error.partial.content.length).toBeLessThan(100_000);
    await (await server.arrived()).closed;
    expect(server.requests.length).toBe(1);
  });

  test("count bytes after they were decompressed", async () => {
    const raw = gzipSync(Buffer.alloc(10_000_000, "x"));
    expect(raw.length).toBeLessThan(20_000);
    server.reply({ raw, headers: { "content-encoding": "gzip" } });
    expect(await errorOf(ask({ maxResponseBytes: 1_000_000 }))).toMatchObject(tooLarge("maxResponseBytes"));
    expect(await errorOf(stream({ maxResponseBytes: 1_000_000 }))).toMatchObject(tooLarge("maxResponseBytes"));
  });

  test("let through what is just as large", async () => {
    const text = eventText(spoken(provider, ["Hello"]));
    server.reply({ raw: text });
    expect((await stream({ maxResponseBytes: text.length })).content).toBe("Hello");
    expect(await errorOf(stream({ maxResponseBytes: text.length - 1 }))).toMatchObject(tooLarge("maxResponseBytes"));
  });

  test("hold for a fetch of one's own, too", async () => {
    server.reply({ text: "x".repeat(10_000) });
    for (const streamed of [false, true]) {
      const asked = call(reference, {
        ...options({ maxResponseBytes: 5000 }),
        fetch: globalThis.fetch,
        stream: streamed,
      })(() => "Hi")();
      const error = await errorOf(asked.then((made: any) => made.response?.()));
      expect(error).toMatchObject(tooLarge("maxResponseBytes"));
    }
  });

  test("end an event without end, whether it comes in pieces, in one piece or in many lines", async () => {
    const long = eventText(spoken(provider, ["x".repeat(3000)]));
    // Few characters in many lines take the most memory.
    const lines = Array.from({ length: 15 }, () => "data:\n".repeat(100));
    for (const reply of [{ chunks: endless("x".repeat(100)) }, { raw: long }, { chunks: lines }]) {
      server.reply(reply);
      expect(await errorOf(stream({ maxEventChars: 2000 }))).toMatchObject(tooLarge("maxEventChars"));
    }
    server.reply({ raw: long });
    expect((await stream({ maxEventChars: 4000 })).content.length).toBe(3000);
  });

  test("do not count events together", async () => {
    const texts = Array.from({ length: 200 }, (_, index) => `${index} `);
    server.reply({ raw: eventText(spoken(provider, texts)) });
    expect((await stream({ maxEventChars: 1000 })).content).toBe(texts.join(""));
  });

  test("hold for tool calls, and can be raised", async () => {
    const toolCalls = Array.from({ length: 200 }, (_, index) => ({ id: `call_${index}`, name: "look", args: {} }));
    server.reply({ toolCalls });
    for (const run of [ask, stream]) {
      expect(await errorOf(run({}))).toMatchObject(tooLarge("maxToolCalls"));
      expect(await errorOf(run({ maxToolCalls: 199 }))).toMatchObject(tooLarge("maxToolCalls"));
      expect((await run({ maxToolCalls: 200 })).toolCalls.length).toBe(200);
    }
  });

  test("do not count what is read of a failed answer, of which a part is enough", async () => {
    server.reply({ status: 401, chunks: endless("x".repeat(100_000)) });
    expect(await errorOf(ask({}))).toMatchObject({ code: "authentication", status: 401 });
    const request = await server.arrived();
    await request.closed;
    expect(request.aborted).toBe(true);
  });

  test("are merged one by one, from all places that set them, and reach the middleware", async () => {
    const seen: (Limits | undefined)[] = [];
    const watching: Middleware = (inner) => ({
      id: inner.id,
      run(request) {
        seen.push(request.context?.limits);
        return inner.run(request);
      },
    });
    const own = model(reference, { ...access(), limits: { maxResponseBytes: 1000, maxToolCalls: 1 } });
    const asked = call(own, { use: [watching], limits: { maxToolCalls: 2, maxEventChars: undefined } })(() => ({
      messages: "Hi",
      limits: { maxEventChars: 3000 },
    }));
    await asked();
    await override({ limits: { maxResponseBytes: 2000 } }, async () => asked());
    expect(seen.map((limits) => ({ ...limits }))).toEqual([
      { maxResponseBytes: 1000, maxToolCalls: 2, maxEventChars: 3000 },
      { maxResponseBytes: 2000, maxToolCalls: 2, maxEventChars: 3000 },
    ]);
  });

  test("hold for a model that is a part of another", async () => {
    server.reply({ text: "x".repeat(5000) });
    const own = model(reference, { ...access(), limits: { maxResponseBytes: 1000 } });
    const around = model({ id: "own/around", run: (request) => own.run(request) });
    expect(await errorOf(around.complete("Hi"))).toMatchObject(tooLarge("maxResponseBytes"));
  });

  test.each(["maxResponseBytes", "maxEventChars", "maxToolCalls"] as const)(
    "refuse a %s that is no whole number above 0",
    (name) => {
      for (const value of [0, -1, Number.NaN, "3", 1.5, null]) {
        const limits = { [name]: value } as Limits;
        expect(() => call(reference, { ...access(), limits })).toThrow(
          expect.objectContaining({
            code: "configuration",
            message: expect.stringContaining(`limits.${name} must be`),
          }),
        );
      }
    },
  );
});
