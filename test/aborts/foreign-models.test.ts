import { getEventListeners } from "node:events";
import {
  budget,
  cache,
  call,
  circuitBreaker,
  fallback,
  type Middleware,
  type Model,
  model,
  OverloadedError,
  rateLimit,
  registerProvider,
  retry,
  timeout,
} from "callwright";
import { script } from "callwright/testing";
import { afterEach, describe, expect, test, vi } from "vitest";
import { asking, read } from "../resilience/models.js";

afterEach(() => void vi.useRealTimers());

/** A model that neither answers nor observes its signal, and cannot be closed either. */
const deaf: Model = {
  id: "own/deaf",
  run: () => ({
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}), return: () => new Promise(() => {}) }),
  }),
};
const failing: Model = {
  id: "own/failing",
  // biome-ignore lint/correctness/useYield: it fails before its first event
  async *run() {
    throw new OverloadedError("busy", { provider: "own" });
  },
};
registerProvider("deaf", () => deaf);

type Target = Parameters<typeof call>[0];
const ways: readonly (readonly [string, Target, readonly Middleware[]])[] = [
  ["the model of a call", deaf, []],
  ["the model of a model()", model(deaf), []],
  ["a registered provider", "deaf/one", []],
  ["a model of fallback()", failing, [fallback(deaf), retry({ retries: 0 })]],
  ["a reference of fallback() to a registered provider", failing, [fallback("deaf/one"), retry({ retries: 0 })]],
  ["the second of two models of fallback()", failing, [fallback(failing, deaf), retry({ retries: 0 })]],
  ["a middleware's own model", script(["never"]), [() => deaf]],
  ["a middleware's own model under a fallback", script(["never"]), [fallback(failing), () => deaf]],
  ["a middleware's own model under a cache", script(["never"]), [cache(), () => deaf]],
  ["a middleware's own model under a limit", script(["never"]), [rateLimit({ concurrency: 3 }), () => deaf]],
  ["a middleware's own model under a budget", script(["never"]), [budget({ tokens: 99_999 }), () => deaf]],
  ["a middleware's own model under a circuit breaker", script(["never"]), [circuitBreaker(), () => deaf]],
  ["a middleware's own model under a retry", script(["never"]), [retry({ retries: 1 }), () => deaf]],
];

describe.each(ways)("%s that ignores its signal", (_, target, use) => {
  test.each([false, true])("is left at an abort (streamed: %s)", async (stream) => {
    const { signal, ...caller } = abortable();
    const options = { signal, use, stream } as object;
    const asked: any = call(target, options)(() => "Hi")();
    const error = (stream ? asked.then((answer: any) => answer.response()) : asked).catch((reason: unknown) => reason);
    await new Promise((resolve) => setImmediate(resolve));
    caller.abort("enough");
    expect(await error).toMatchObject({ code: "aborted", reason: "enough" });
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("is left when the call's time is over", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const asked = call(target, { use, timeouts: { totalMs: 1000 } })(() => "Hi")().catch((error: unknown) => error);
    // What is computed elsewhere, such as the key of a cache, takes real time.
    while (!(await Promise.race([asked, undefined]))) {
      await vi.advanceTimersByTimeAsync(1001);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await asked).toMatchObject({ code: "timeout", phase: "total" });
    expect(vi.getTimerCount()).toBe(0);
  });
});

function abortable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: (reason: unknown) => controller.abort(reason) };
}

test.each<[string, Middleware]>([
  ["retry", retry()],
  ["cache", cache()],
  ["timeout", timeout({ totalMs: 60_000 })],
  ["rateLimit", rateLimit({ concurrency: 1 })],
  ["circuitBreaker", circuitBreaker()],
  ["budget", budget({ tokens: 99_999 })],
  ["fallback", fallback(deaf)],
])("%s around a model that ignores its signal ends at an abort without a call, too", async (_, middleware) => {
  const { signal, abort } = abortable();
  const error = read(middleware(deaf), asking("Hi", { signal })).catch((reason) => reason);
  await new Promise((resolve) => setImmediate(resolve));
  abort("enough");
  expect(await error).toMatchObject({ code: "aborted", reason: "enough" });
});

test("a stream of a model that ignores its signal can be left without waiting for it", async () => {
  const events = timeout({})(deaf).run(asking())[Symbol.asyncIterator]();
  const pending = events.next().catch((reason) => reason);
  await events.return?.();
  expect(await pending).toMatchObject({ code: "aborted" });
});

test.each([
  ["a middleware that returns nothing", () => call(script(["a"]), { use: [(() => undefined) as never] })(() => "Hi")],
  ["a fallback to what is not a model", () => fallback({ id: "own/half" } as never)],
  ["a call of what is not a model", () => call({ run: () => [] } as never)(() => "Hi")],
  ["a factory that returns nothing", () => call(registeredNothing())(() => "Hi")],
])("%s is a ConfigurationError at once that says what a model is", (_, make) => {
  expect(make).toThrow(expect.objectContaining({ code: "configuration", message: expect.stringContaining("run()") }));
});

function registeredNothing() {
  registerProvider("nothing", () => undefined as never);
  return "nothing/one" as const;
}

test.each([undefined, [], {}, Promise.resolve([])])(
  "a model whose run() returns %j fails the call by name",
  async (returned) => {
    const wrong: Model = { id: "own/wrong", run: () => returned as never };
    await expect(call(wrong)(() => "Hi")()).rejects.toMatchObject({
      code: "configuration",
      message: expect.stringContaining("own/wrong"),
    });
  },
);

test.each([null, undefined, 7, {}, { type: 7 }])(
  "a model that yields %j instead of an event fails the call by name",
  async (event) => {
    const wrong: Model = {
      id: "own/wrong",
      async *run() {
        yield event as never;
      },
    };
    await expect(call(wrong)(() => "Hi")()).rejects.toMatchObject({
      code: "configuration",
      message: expect.stringContaining("own/wrong"),
    });
  },
);
