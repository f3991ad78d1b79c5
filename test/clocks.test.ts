import { call, circuitBreaker, type Model, OverloadedError, rateLimit, retry, timeout } from "callwright";
import { script } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { errorOf, onBothWires } from "./calls/wires.js";

const hour = 3_600_000;
const jumps = [hour, -hour];

afterEach(() => vi.useRealTimers());

describe.each(jumps)("where the system's clock jumps by %i ms", (jump) => {
  beforeEach(() => void vi.useFakeTimers());
  const leap = () => vi.setSystemTime(Date.now() + jump);

  test("in the pause between two tries, the next is neither sooner nor later", async () => {
    const model = script([new OverloadedError("down", { provider: "own" }), "Hi"]);
    const answer = call(model, { use: [retry({ delayMs: () => 1000 })] })(() => "Hi")();
    await vi.advanceTimersByTimeAsync(400);
    leap();
    await vi.advanceTimersByTimeAsync(500);
    expect(model.requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(100);
    expect(await answer).toMatchObject({ content: "Hi" });
    expect(model.requests).toHaveLength(2);
  });

  test("while a call waits for its turn, the calls of the next minute are as many", async () => {
    const model = script(["1", "2", "3", "4", "5", "6"]);
    const ask = call(model, { use: [rateLimit({ requestsPerMinute: 2 })] })(() => "Hi");
    const answers = [ask(), ask(), ask(), ask(), ask(), ask()];
    await vi.advanceTimersByTimeAsync(30_000);
    leap();
    await vi.advanceTimersByTimeAsync(29_000);
    expect(model.requests).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(2000);
    expect(model.requests).toHaveLength(4);
    leap();
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await Promise.all(answers)).map(({ content }) => content)).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  test("while a model answers, its time is over when it would have been", async () => {
    const silent: Model = { id: "own/silent", run: () => ({ [Symbol.asyncIterator]: () => ({ next: never }) }) };
    const failure = errorOf(call(silent, { use: [timeout({ totalMs: 1000 })] })(() => "Hi")());
    let over = false;
    void failure.then(() => {
      over = true;
    });
    leap();
    await vi.advanceTimersByTimeAsync(900);
    expect(over).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect(await failure).toMatchObject({ name: "TimeoutError", phase: "total" });
  });

  test("while a circuit is open, it is open for as long", async () => {
    const model = script([new OverloadedError("down", { provider: "own" }), "Hi"]);
    const use = [circuitBreaker({ failures: 1, cooldownMs: 1000 }), retry({ retries: 0 })];
    const ask = call(model, { use })(() => "Hi");
    await errorOf(ask());
    leap();
    await vi.advanceTimersByTimeAsync(900);
    expect(await errorOf(ask())).toMatchObject({ name: "CircuitOpenError", retryAfterMs: 100 });
    await vi.advanceTimersByTimeAsync(100);
    expect(await ask()).toMatchObject({ content: "Hi" });
  });
});

const never = () => new Promise<never>(() => {});

onBothWires((wire) => {
  test.each([0, ...jumps])(
    "a date to try again at counts by the server's clock, with ours off by %i ms",
    async (off) => {
      vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + off });
      const headers = { date: "Sat, 01 Aug 2026 10:00:00 GMT", "retry-after": "Sat, 01 Aug 2026 10:00:07 GMT" };
      wire.server.reply({ status: 429, headers });
      const ask = call(wire.reference, { ...wire.access, use: [retry({ retries: 0 })] })(() => "Hi");
      expect(await errorOf(ask())).toMatchObject({ name: "RateLimitError", retryAfterMs: 7000 });
    },
  );
});
