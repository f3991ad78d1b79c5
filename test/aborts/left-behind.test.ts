import { AbortedError, call, OverloadedError, rateLimit, retry, timeout } from "callwright";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Attempt } from "../../src/transport/attempt.js";
import { answering, asking } from "../resilience/models.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a retry that waits for the rate limit gives its place up when a time limit further in ends its try", async () => {
  const model = answering(() => {
    throw new OverloadedError("busy", { provider: "own", status: 529 });
  });
  const limit = rateLimit({ requestsPerMinute: 1 });
  const use = [limit, timeout({ totalMs: 150 }), retry({ delayMs: () => 0 })];
  const asked = call(model, { use })(() => "Hi")().catch((error) => error);
  await vi.advanceTimersByTimeAsync(150);
  expect(await asked).toMatchObject({ name: "TimeoutError", phase: "total" });
  expect(vi.getTimerCount()).toBe(0);
  // It does not take the next minute's place, either.
  await vi.advanceTimersByTimeAsync(60_000);
  const next = answering();
  await call(next, { use: [limit] })(() => "Hi")();
  expect([model.starts.length, next.starts.length]).toEqual([1, 1]);
});

test("an output that comes when its try was aborted begins no new watch over the silence after it", () => {
  const attempt = new Attempt(asking());
  attempt.fail(new AbortedError("enough", { reason: undefined }));
  attempt.note({ type: "text-delta", text: "late" });
  expect(vi.getTimerCount()).toBe(0);
});
