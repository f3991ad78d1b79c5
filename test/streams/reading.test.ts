import { call, type Model, type ModelEvent } from "callwright";
import { script, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { providerOf, references, signalled, stalling } from "./wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

describe.each(references)("reading a stream of %s", (reference) => {
  const streaming = () => call(reference, { ...server[providerOf(reference)], stream: true })(() => "Hi")();

  test("a second time throws StreamConsumedError, and clears nothing", async () => {
    server.reply({ text: ["Hel", "lo"] });
    const stream = await streaming();
    for await (const _ of stream);
    expect(() => stream[Symbol.asyncIterator]()).toThrowError(expect.objectContaining({ code: "stream_consumed" }));
    await expect(stream.textStream().next()).rejects.toMatchObject({ code: "stream_consumed" });
    expect([stream.content, stream.finishReason]).toEqual(["Hello", "stop"]);
    expect((await stream.response()).content).toBe("Hello");
  });

  test("while it is read elsewhere throws, and does not disturb the first reader", async () => {
    server.reply({ text: ["Hel", "lo"] });
    const stream = await streaming();
    const texts: string[] = [];
    for await (const [chunk] of stream) {
      expect(() => stream[Symbol.asyncIterator]()).toThrow();
      texts.push(chunk.content);
    }
    expect(texts.join("")).toBe("Hello");
  });

  test("through response() alone gives the whole answer, and nothing is left to iterate", async () => {
    server.reply({ text: ["Hel", "lo"] });
    const stream = await streaming();
    const response = await stream.response();
    expect([response.content, stream.content]).toEqual(["Hello", "Hello"]);
    expect(await stream.response()).toBe(response);
    expect(() => stream[Symbol.asyncIterator]()).toThrowError(expect.objectContaining({ code: "stream_consumed" }));
  });

  test("partly, response() reads what is left", async () => {
    server.reply({ text: ["a", "b", "c"] });
    const stream = await streaming();
    const tuples = stream[Symbol.asyncIterator]();
    expect((await tuples.next()).value?.[0].content).toBe("a");
    expect((await stream.response()).content).toBe("abc");
    expect(await tuples.next()).toEqual({ value: undefined, done: true });
  });

  test("as text gives the pieces of text alone", async () => {
    server.reply({ text: ["Hel", "", "lo"], toolCalls: [{ name: "any", args: {} }] });
    const stream = await streaming();
    const texts: string[] = [];
    for await (const text of stream.textStream()) texts.push(text);
    expect(texts).toEqual(["Hel", "lo"]);
    expect(stream.content).toBe("Hello");
  });

  test("as text with `collect: false` keeps no text, but usage and finish", async () => {
    server.reply({ text: ["Hel", "lo"] });
    const stream = await streaming();
    const texts: string[] = [];
    for await (const text of stream.textStream({ collect: false })) texts.push(text);
    expect(texts).toEqual(["Hel", "lo"]);
    expect([stream.content, stream.message.content]).toEqual(["", ""]);
    expect(stream.finishReason).toBe("stop");
    expect(stream.usage?.totalTokens).toBe(15);
  });

  test("slowly holds the server back, instead of piling up", async () => {
    const piece = "x".repeat(64 * 1024);
    server.reply({
      text: (async function* () {
        for (let sent = 0; sent < 1000; sent++) yield piece;
      })(),
    });
    const stream = await streaming();
    const tuples = stream[Symbol.asyncIterator]();
    await tuples.next();
    const request = await server.arrived();
    let before = -1;
    // The sockets of both sides fill up, and then nothing moves any more.
    while (request.chunksSent !== before) {
      before = request.chunksSent;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(500);
    await tuples.return?.();
  });
});

describe("readers that ask several times at once", () => {
  const events: ModelEvent[] = [
    { type: "text-delta", text: "a" },
    { type: "tool-start", index: 0, id: "t", name: "unknown" },
    { type: "tool-end", index: 0 },
    { type: "text-delta", text: "b" },
    { type: "finish", reason: "stop" },
  ];

  test("get the tuples in order, each once", async () => {
    const stream = await call(script([events]), { stream: true })(() => "Hi")();
    const tuples = stream[Symbol.asyncIterator]();
    const results = await Promise.all(Array.from({ length: 5 }, () => tuples.next()));
    expect(results.map(({ value }) => value?.[0].content)).toEqual(["a", "b", "", undefined, undefined]);
    expect(results.map(({ done }) => done)).toEqual([false, false, false, true, true]);
    expect(stream.toolErrors).toHaveLength(1);
  });

  test("a loop and response() beside it share the stream without losing or doubling anything", async () => {
    server.reply({ text: Array.from({ length: 50 }, (_, index) => `${index} `) });
    const stream = await call("openai/gpt-4o-mini", { ...server.openai, stream: true })(() => "Hi")();
    const texts: string[] = [];
    const loop = (async () => {
      for await (const [chunk] of stream) texts.push(chunk.content);
    })();
    const [response] = await Promise.all([stream.response(), loop]);
    expect(response.content).toBe(Array.from({ length: 50 }, (_, index) => `${index} `).join(""));
    expect(texts.every((text, index) => index === 0 || Number(text) >= Number(texts[index - 1]) || text === "")).toBe(
      true,
    );
  });

  test("response() while the loop waits, and then abort(), reject both", async () => {
    server.reply(stalling(["a"]));
    const stream = await call("openai/gpt-4o-mini", { ...server.openai, stream: true })(() => "Hi")();
    const { seen, see } = signalled();
    const loop = (async () => {
      for await (const _ of stream) see();
    })();
    await seen;
    const response = stream.response();
    stream.abort("enough");
    await expect(loop).rejects.toMatchObject({ code: "aborted", reason: "enough" });
    await expect(response).rejects.toMatchObject({ code: "aborted", reason: "enough" });
  });
});

test("a chunk that carries nothing at all is not shown, whatever the model yields", async () => {
  const events: ModelEvent[] = [
    { type: "start", id: "1", model: "m" },
    { type: "text-delta", text: "" },
    { type: "reasoning-delta", text: "", data: { signature: "s" } },
    { type: "text-delta", text: "a" },
    { type: "tool-start", index: 0, id: "t", name: "unknown" },
    { type: "tool-delta", index: 0, arguments: "" },
    { type: "tool-end", index: 0 },
    { type: "finish", reason: "tool-calls" },
  ];
  const stream = await call(script([events]), { stream: true })(() => "Hi")();
  const seen: unknown[] = [];
  for await (const [chunk] of stream) seen.push(chunk.content || chunk.finishReason);
  expect(seen).toEqual(["a", "tool-calls"]);
});

test("what came in one chunk with an error is shown before it", async () => {
  const model: Model = {
    id: "own/model",
    async *run() {
      yield { type: "text-delta", text: "a" };
      yield { type: "text-delta", text: "b", more: true };
      throw new Error("broken");
    },
  };
  const stream = await call(model, { stream: true })(() => "Hi")();
  const texts: string[] = [];
  const loop = async () => {
    for await (const [chunk] of stream) texts.push(chunk.content);
  };
  await expect(loop()).rejects.toThrow("broken");
  expect(texts).toEqual(["a", "b"]);
});

test("a model that yields nothing, or no finish, is an interruption", async () => {
  for (const events of [[], [{ type: "text-delta", text: "a" }]] as const) {
    const model: Model = {
      id: "own/model",
      async *run() {
        yield* events;
      },
    };
    const stream = await call(model, { stream: true })(() => "Hi")();
    await expect(stream.response()).rejects.toMatchObject({ code: "stream_interrupted" });
    await expect(call(model)(() => "Hi")()).rejects.toMatchObject({ code: "stream_interrupted" });
  }
});
