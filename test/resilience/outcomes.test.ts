import {
  BaseTool,
  budget,
  type CacheStore,
  cache,
  call,
  type FallbackOutcome,
  fallback,
  type Model,
  type ModelEvent,
  RefusalError,
  ResponseValidationError,
  retry,
} from "callwright";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { errorOf } from "../calls/wires.js";
import { answering, finish, read } from "./models.js";

const text = (said: string, reason: "stop" | "length" | "content-filter" | "pause" = "stop"): readonly ModelEvent[] => [
  { type: "start", id: "own-1", model: "own" },
  { type: "text-delta", text: said },
  { ...finish(10, 5), reason } as ModelEvent,
];
const refused: readonly ModelEvent[] = [{ type: "refusal-delta", text: "No." }, finish(10, 5)];
const called = (args: string): readonly ModelEvent[] => [
  { type: "tool-start", index: 0, id: "call_1", name: "answer" },
  { type: "tool-delta", index: 0, arguments: args },
  { type: "tool-end", index: 0 },
  finish(10, 5),
];
/** A model that says one answer after the other, and the last again and again. */
const saying = (...answers: (readonly ModelEvent[])[]) =>
  answering((run) => answers[Math.min(run, answers.length) - 1] ?? []);

const Book = z.object({ title: z.string().min(3) });
const good = text('{"title":"Momo"}');
const bad = text('{"title":"M"}');

describe("a cache", () => {
  test.each<[string, readonly ModelEvent[]]>([
    ["was cut off at the token limit", text("Hel", "length")],
    ["was stopped by the content filter", text("Hel", "content-filter")],
    ["was refused", refused],
    ["was paused", text("Hel", "pause")],
  ])("does not keep an answer that %s", async (_, answer) => {
    const model = saying(answer, text("Hello"));
    const cached = cache()(model);
    for (const _ of [1, 2, 3]) await read(cached);
    expect(model.starts).toHaveLength(2);
  });

  test.each(["native", "text", "tool"] as const)(
    "does not keep a value that the call refuses, and does not repeat the error (%s mode)",
    async (outputMode) => {
      const model =
        outputMode === "tool" ? saying(called('{"title":"M"}'), called('{"title":"Momo"}')) : saying(bad, good);
      const ask = call(model, { use: [cache()], responseModel: Book, outputMode })(() => "Hi");
      expect(await errorOf(ask())).toBeInstanceOf(ResponseValidationError);
      expect(await ask()).toEqual({ title: "Momo" });
      expect(await ask()).toEqual({ title: "Momo" });
      expect(model.starts).toHaveLength(2);
    },
  );

  test("does not keep a streamed value that is not valid, whether it was read as a value or not", async () => {
    const model = saying(bad, bad, good);
    const ask = call(model, { use: [cache()], responseModel: Book, stream: true })(() => "Hi");
    expect(await errorOf(ask().then((stream) => stream.output()))).toBeInstanceOf(ResponseValidationError);
    await (await ask()).response();
    expect(await (await ask()).output()).toEqual({ title: "Momo" });
    expect(await (await ask()).output()).toEqual({ title: "Momo" });
    expect(model.starts).toHaveLength(3);
  });

  test("asks anew for what a store holds and the call would refuse", async () => {
    const entries = new Map<string, readonly ModelEvent[]>();
    const store: CacheStore = {
      get: async (key) => entries.get(key),
      set: async (key, events) => void entries.set(key, events),
    };
    const model = saying(good);
    const ask = call(model, { use: [cache({ store })], responseModel: Book })(() => "Hi");
    await ask();
    for (const key of entries.keys()) entries.set(key, bad);
    expect(await ask()).toEqual({ title: "Momo" });
    expect([...entries.values()]).toEqual([good]);
  });

  test("with a second question does not repeat a mistake either", async () => {
    const model = saying(bad, good);
    const ask = call(model, { use: [cache()], responseModel: Book, reask: 1 })(() => "Hi");
    expect(await ask()).toEqual({ title: "Momo" });
    expect(model.starts).toHaveLength(2);
  });

  test("says of a response that it comes from there, at no cost; a budget before it counts nothing", async () => {
    const purse = budget({ usd: 1 });
    const price = { input: 1, output: 1 };
    const ask = call(saying(good), { use: [purse, cache()], price })(() => "Hi");
    const [first, again] = [await ask(), await ask()];
    expect([first.cached, first.cost]).toEqual([false, 15 / 1e6]);
    expect([again.cached, again.cost, again.usage]).toEqual([true, 0, first.usage]);
    expect(purse.spent).toEqual({ usd: 15 / 1e6, tokens: 15 });
    const streaming = call(saying(good), { use: [cache()], price, stream: true })(() => "Hi");
    await (await streaming()).response();
    const stream = await streaming();
    expect([(await stream.response()).cached, stream.cost]).toEqual([true, 0]);
  });
});

describe("a fallback by outcome", () => {
  const second = () => ({ ...saying(good), id: "own/second" });
  const rows: readonly (readonly [FallbackOutcome, readonly ModelEvent[], RegExp])[] = [
    ["content-filter", text('{"ti', "content-filter"), /content filter/],
    ["refusal", refused, /refused/],
    ["length", text('{"ti', "length"), /token limit/],
    ["invalid", bad, /does not fit the responseModel/],
    ["invalid", text("no JSON"), /does not fit the responseModel/],
  ];

  test.each(rows)(
    "asks the next model for an answer of %s, plain and streamed, and says why",
    async (on, answer, why) => {
      for (const stream of [false, true]) {
        const use = [fallback(second(), { on: [on] })];
        const asked: any = call(saying(answer), { use, responseModel: Book, stream } as object)(() => "Hi")();
        if (!stream) {
          expect(await asked).toEqual({ title: "Momo" });
          continue;
        }
        const opened = await asked;
        expect(await opened.output()).toEqual({ title: "Momo" });
        expect((await opened.response()).warnings).toEqual([
          { code: "fallback_used", message: expect.stringMatching(why) },
        ]);
      }
    },
  );

  test("shows a reader of the stream that another model began anew", async () => {
    const use = [fallback(second(), { on: ["content-filter"] })];
    const stream = await call(saying(text("Hel", "content-filter")), { use, stream: true })(() => "Hi")();
    const shown: unknown[] = [];
    for await (const [chunk] of stream) shown.push(chunk.restarted ? "restarted" : chunk.content);
    expect(shown.slice(0, 2)).toEqual(["Hel", "restarted"]);
    expect((await stream.response()).content).toBe('{"title":"Momo"}');
  });

  test("also reads the value of a tool", async () => {
    const other: Model = { ...saying(called('{"title":"Momo"}')), id: "own/second" };
    const use = [fallback(other, { on: ["invalid"] })];
    const ask = call(saying(called('{"title":"M"}')), { use, responseModel: Book, outputMode: "tool" })(() => "Hi");
    expect(await ask()).toEqual({ title: "Momo" });
  });

  test.each(rows)("leaves an answer of %s as it is if it is not named", async (on, answer) => {
    const others = (["content-filter", "refusal", "length", "invalid"] as const).filter((each) => each !== on);
    // What was cut off, filtered or refused is no valid value either.
    const named = on === "invalid" ? others : others.filter((each) => each !== "invalid");
    for (const use of [[fallback(second())], [fallback(second(), {})], [fallback(second(), { on: named })]]) {
      const error = await errorOf(call(saying(answer), { use, responseModel: Book })(() => "Hi")());
      expect(error).toBeInstanceOf(
        on === "refusal" || on === "content-filter" ? RefusalError : ResponseValidationError,
      );
    }
  });

  test("leaves the answer of the last model as it is", async () => {
    const last: Model = { ...saying(text("Hel", "length")), id: "own/last" };
    const use = [fallback(last, { on: ["length", "invalid"] })];
    const response = await call(saying(text("H", "length")), { use })(() => "Hi")();
    expect([response.content, response.finishReason]).toEqual(["Hel", "length"]);
    expect(response.warnings).toHaveLength(1);
  });

  test("counts as an error where the others fail, and is not tried again by itself", async () => {
    const failing: Model = {
      id: "own/failing",
      // biome-ignore lint/correctness/useYield: it fails before its first event
      async *run() {
        throw new RangeError("broken");
      },
    };
    const first = saying(refused);
    const use = [retry({ delayMs: () => 1 }), fallback(failing, { on: ["refusal"] })];
    const error = await errorOf(call(first, { use })(() => "Hi")());
    expect(error).toMatchObject({ code: "fallback", errors: [{ code: "unexpected_response" }, { message: "broken" }] });
    expect(first.starts).toHaveLength(1);
  });

  test("does not take a step before the value for the value, in a cache neither", async () => {
    class Look extends BaseTool.of({ at: z.string() }) {
      override call() {
        return `a ${this.at}`;
      }
    }
    const looking: readonly ModelEvent[] = [
      { type: "tool-start", index: 0, id: "call_1", name: "Look" },
      { type: "tool-delta", index: 0, arguments: '{"at":"shelf"}' },
      { type: "tool-end", index: 0 },
      finish(1, 1),
    ];
    const [first, other] = [saying(looking, good), second()];
    const use = [cache(), fallback(other, { on: ["invalid"] })];
    const ask = call(first, { use, responseModel: Book, tools: [Look] })(() => "Hi");
    expect([await ask(), await ask()]).toEqual([{ title: "Momo" }, { title: "Momo" }]);
    expect([first.starts.length, other.starts.length]).toEqual([2, 0]);
  });

  test("says why after an error, too", async () => {
    const use = [fallback(second()), retry({ retries: 0 })];
    const down: Model = {
      id: "own/down",
      // biome-ignore lint/correctness/useYield: it fails before its first event
      async *run() {
        throw new RangeError("It is down.");
      },
    };
    const response = await call(down, { use })(() => "Hi")();
    expect(response.warnings).toEqual([
      { code: "fallback_used", message: "own/second was asked instead. own/down: It is down." },
    ]);
  });

  test.each([["invalid"], { 0: "invalid" }, ["Invalid"], ["constructor"], "invalid", [undefined]])(
    "takes known outcomes only: %j",
    (on) => {
      const make = () => fallback(second(), { on: on as never });
      if (Array.isArray(on) && on[0] === "invalid") expect(make).not.toThrow();
      else expect(make).toThrow(expect.objectContaining({ code: "configuration" }));
    },
  );
});
