import fc from "fast-check";
import type { Moment, RunPlan } from "./stage.js";

/** What a reader of a stream does, after so many chunks; `pauseMs` is how long it takes for each. */
export interface Reader {
  readonly way: "read" | "break" | "throw" | "abort" | "dispose" | "response" | "text" | "untouched";
  readonly after: number;
  readonly pauseMs: number;
}

export interface Asked {
  readonly atMs: number;
  readonly signalled: boolean;
  readonly tools: "none" | "listening" | "deaf";
  /** Undefined for a plain call. */
  readonly reader: Reader | undefined;
}

export type Layer = "retry" | "limit" | "fallback" | "timeout" | "cache" | "budget" | "breaker";

/** When the shared signal aborts: before all, at a time, or at the nth moment of a kind, so many microtasks later. */
export type Abort =
  | { readonly at: "start" }
  | { readonly at: "time"; readonly ms: number }
  | { readonly at: Moment; readonly nth: number; readonly later: number };

export interface Schedule {
  readonly layers: readonly Layer[];
  readonly plans: readonly RunPlan[];
  readonly otherPlans: readonly RunPlan[];
  readonly concurrency: number;
  readonly perMinute: number | undefined;
  readonly totalMs: number;
  readonly calls: readonly Asked[];
  readonly abort: Abort | undefined;
}

const ms = fc.constantFrom(0, 1, 10, 50, 100, 400);
const plans: fc.Arbitrary<RunPlan[]> = fc.array(
  fc.record({
    waits: fc.array(ms, { maxLength: 3 }),
    end: fc.constantFrom("finish", "finish", "tools", "overloaded", "limited", "broken", "silent"),
    opens: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
);

const readers: fc.Arbitrary<Reader> = fc.record({
  way: fc.constantFrom("read", "read", "break", "throw", "abort", "dispose", "response", "text", "untouched"),
  after: fc.nat(3),
  pauseMs: fc.constantFrom(0, 0, 0, 20),
});

const calls: fc.Arbitrary<Asked> = fc.record({
  atMs: fc.constantFrom(0, 0, 0, 5, 60),
  signalled: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  tools: fc.constantFrom("none", "none", "listening", "deaf"),
  reader: fc.option(readers, { nil: undefined }),
});

const aborts: fc.Arbitrary<Abort> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ at: fc.constant("start" as const) }) },
  { weight: 6, arbitrary: fc.record({ at: fc.constant("time" as const), ms: fc.nat(800) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      at: fc.constantFrom<Moment[]>("event", "tool", "retry", "delay", "store", "chunk"),
      nth: fc.nat(3),
      later: fc.nat(4),
    }),
  },
);

export const schedules: fc.Arbitrary<Schedule> = fc.record({
  layers: fc.shuffledSubarray<Layer>(["retry", "limit", "fallback", "timeout", "cache", "budget", "breaker"]),
  plans,
  otherPlans: plans,
  concurrency: fc.integer({ min: 1, max: 3 }),
  perMinute: fc.constantFrom(undefined, undefined, 2),
  totalMs: fc.constantFrom(150, 2000, 100_000),
  calls: fc.array(calls, { minLength: 1, maxLength: 4 }),
  abort: fc.option(aborts, { nil: undefined, freq: 6 }),
});
