import {
  budget,
  cache,
  call,
  circuitBreaker,
  type Middleware,
  type Model,
  type ModelEvent,
  rateLimit,
} from "callwright";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { watch } from "../../src/resilience/watch.js";
import { answering, asking, hello, read } from "./models.js";

const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);
beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", note);
});
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

const openings: readonly (readonly [string, object])[] = [
  ["without headers", { type: "open", provider: "own" }],
  ["with headers that are null", { type: "open", provider: "own", headers: null }],
  ["with headers that are a text", { type: "open", provider: "own", headers: "none" }],
  [
    "with headers that are no texts",
    { type: "open", provider: "own", headers: { "x-ratelimit-remaining-requests": 3, date: {} } },
  ],
  ["with a provider that is missing", { type: "open", headers: {} }],
];
const around: readonly (readonly [string, () => Middleware])[] = [
  ["rateLimit", () => rateLimit({ concurrency: 1 })],
  ["cache", () => cache()],
  ["budget", () => budget({ tokens: 99_999 })],
  ["circuitBreaker", () => circuitBreaker()],
];

describe.each(openings)("a model that opens %s", (_, opening) => {
  const model = () => answering(() => [opening as ModelEvent, ...hello]);

  test.each(around)("answers under %s, called and run by itself", async (_, make) => {
    expect((await call(model(), { use: [make()] })(() => "Hi")()).content).toBe("Hello");
    const events = await read(make()(model()));
    expect(events.slice(-3)).toEqual(hello);
  });
});

describe("a watcher that throws", () => {
  const watcher = { begin: () => asking(), see() {}, end() {} };

  test("fails the run at its next event, tells its end once, and closes the model", async () => {
    let closed = 0;
    const ends: unknown[] = [];
    const model: Model = {
      id: "own/long",
      async *run() {
        try {
          for (;;) yield { type: "text-delta", text: "a" } as const;
        } finally {
          closed++;
        }
      },
    };
    const events = watch(model, asking(), {
      ...watcher,
      see() {
        throw new RangeError("cannot count");
      },
      end: (error) => void ends.push(error),
    });
    const failure = (async () => {
      for await (const _ of events);
    })();
    await expect(failure).rejects.toThrow("cannot count");
    expect([closed, ends.length]).toEqual([1, 1]);
  });

  test.each(["finish", "error", "abort"])("at the end, by %s, ends no process", async (how) => {
    const controller = new AbortController();
    const model = answering(async function* () {
      yield { type: "text-delta", text: "a" };
      if (how === "error") throw new Error("broken");
      if (how === "abort") await new Promise(() => {});
      yield { type: "finish", reason: "stop" };
    });
    const events = watch(model, asking("Hi", { signal: controller.signal }), {
      ...watcher,
      end() {
        throw new RangeError("cannot end");
      },
    })[Symbol.asyncIterator]();
    await events.next();
    if (how === "abort") {
      controller.abort();
      return;
    }
    if (how === "error") return expect(events.next()).rejects.toThrow("broken");
    expect((await events.next()).value).toMatchObject({ type: "finish" });
    await expect(events.next()).rejects.toThrow("cannot end");
  });
});
