import { getEventListeners } from "node:events";
import {
  AbortedError,
  type Budget,
  budget,
  type CallStream,
  CallwrightError,
  cache,
  call,
  circuitBreaker,
  fallback,
  type Middleware,
  type Model,
  type ModelRequest,
  rateLimit,
  retry,
  timeout,
  tool,
} from "callwright";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { mostInput } from "../../src/tokens.js";
import { runsOf } from "./runs.js";
import { type Asked, type Layer, type Reader, type Schedule, schedules } from "./schedules.js";
import { type Moment, pause, playing } from "./stage.js";

const runs = runsOf("test/properties/abort-schedules.test.ts");
const turnOfLoop = setImmediate;
const tokens = 1_000_000;
const unhandled: unknown[] = [];
/** How many keys of the cache are being made: by the thread pool, which asks nobody for the time. */
let hashing = 0;
const note = (reason: unknown) => void unhandled.push(reason);

beforeAll(async () => {
  // The price table is loaded with the first call, and takes real time.
  await call(playing("play/first", [{ waits: [], end: "finish", opens: true }], () => {}))(() => "Hi")();
  process.on("unhandledRejection", note);
  const digest = crypto.subtle.digest.bind(crypto.subtle);
  vi.spyOn(crypto.subtle, "digest").mockImplementation((...args) => {
    hashing++;
    return digest(...args).finally(() => hashing--);
  });
  // The pauses of the default retry are the same in each run.
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
});
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  process.off("unhandledRejection", note);
});

/** All that can happen without the passing of time has happened then. */
async function settle(): Promise<void> {
  do await new Promise((resolve) => turnOfLoop(resolve));
  while (hashing > 0);
  await new Promise((resolve) => turnOfLoop(resolve));
}

/** What became of a call, and whether it had a right to what it got. */
interface Outcome {
  readonly asked: Asked;
  started: boolean;
  stream?: CallStream<unknown>;
  /** The reason that its reader gave to `abort()`. */
  own?: unknown;
  end?: { readonly value: unknown } | { readonly error: unknown };
  /** How many times it ended. */
  ends: number;
}

class LoopError extends Error {}

test("whenever and wherever calls are aborted or left, each ends as it should and nothing stays behind", async () => {
  await fc.assert(fc.asyncProperty(schedules, play), runs);
}, 300_000);

async function play(schedule: Schedule): Promise<void> {
  const { layers, calls } = schedule;
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error("enough");
  const ownTimers: ReturnType<typeof setTimeout>[] = [];
  const at = (ms: number, act: () => void) => (ms > 0 ? ownTimers.push(setTimeout(act, ms)) : act());
  /** The calls that were under way, with nothing else to do but to wait, when the signal aborted. */
  let waiting: Outcome[] = [];
  let moments = 0;
  const tell = (moment: Moment) => {
    const { abort } = schedule;
    if (abort?.at !== moment || !("nth" in abort) || moments++ !== abort.nth) return;
    void (async () => {
      for (let tick = 0; tick < abort.later; tick++) await undefined;
      controller.abort(reason);
    })().catch(note);
  };

  const first = playing("play/first", schedule.plans, tell);
  const second = playing("play/second", schedule.otherPlans, tell);
  const made = middleware(schedule, second, tell);
  const use = layers.map((layer) => made[layer]);
  const work = (deaf: boolean) =>
    tool({ name: "work", description: "Works" })(async (_: unknown, context: { readonly signal: AbortSignal }) => {
      tell("tool");
      await (deaf ? new Promise(() => {}) : pause(30, context.signal));
      return "done";
    });

  const outcomes = calls.map((asked): Outcome => ({ asked, started: false, ends: 0 }));
  if (schedule.abort?.at === "start") controller.abort(reason);
  if (schedule.abort?.at === "time")
    at(schedule.abort.ms, () => {
      waiting = outcomes.filter(({ asked, started, end }) => asked.signalled && started && !end);
      controller.abort(reason);
    });
  for (const outcome of outcomes) {
    const { asked } = outcome;
    const options = {
      use,
      ...(asked.signalled && { signal }),
      ...(asked.tools !== "none" && { tools: [work(asked.tools === "deaf")], maxSteps: 2 }),
    };
    at(asked.atMs, () => {
      outcome.started = true;
      const running = asked.reader
        ? readThrough(call(first, { ...options, stream: true })(() => "Hi")(), asked.reader, outcome, tell)
        : call(first, options)(() => "Hi")();
      running.then(
        (value) => finish(outcome, { value }),
        (error) => finish(outcome, { error }),
      );
    });
  }

  let aborted = false;
  for (;;) {
    await settle();
    if (signal.aborted && !aborted) {
      aborted = true;
      // No time has passed since; who is busy with a chunk hears of it when he asks for the next.
      for (const { asked, started, end } of outcomes)
        if (asked.signalled && started && !asked.reader?.pauseMs) expect(end).toBeDefined();
    }
    if (outcomes.every(({ end }) => end)) break;
    expect(vi.getTimerCount()).toBeGreaterThan(0);
    vi.advanceTimersToNextTimer();
  }
  ownTimers.forEach(clearTimeout);
  await settle();

  for (const outcome of outcomes) judge(outcome, signal, reason, waiting.includes(outcome));
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
  expect(vi.getTimerCount()).toBe(0);
  expect([first.open, second.open]).toEqual([0, 0]);
  await expectFree(made, schedule);
  expect(unhandled.splice(0)).toEqual([]);
}

function finish(outcome: Outcome, end: NonNullable<Outcome["end"]>): void {
  outcome.ends++;
  outcome.end ??= end;
}

function middleware(
  { concurrency, perMinute, totalMs }: Schedule,
  second: Model,
  tell: (moment: Moment) => void,
): Record<Layer, Middleware> & { readonly budget: Budget } {
  const kept = new Map<string, any>();
  return {
    retry: retry({
      retries: 2,
      delayMs: () => {
        tell("delay");
        return 40;
      },
      on: (error) => {
        tell("retry");
        return CallwrightError.isInstance(error) && error.retryable;
      },
    }),
    limit: rateLimit({ concurrency, requestsPerMinute: perMinute }),
    fallback: fallback(second),
    timeout: timeout({ totalMs, firstEventMs: 300, idleMs: 300 }),
    cache: cache({
      store: {
        async get(key) {
          tell("store");
          return kept.get(key);
        },
        async set(key, events) {
          tell("store");
          kept.set(key, events);
        },
      },
    }),
    budget: budget({ tokens }),
    breaker: circuitBreaker({ failures: 2, cooldownMs: 100 }),
  };
}

/** Reads a stream in one of the ways in which programs do. */
async function readThrough(
  opening: Promise<CallStream<any>>,
  { way, after, pauseMs }: Reader,
  outcome: Outcome,
  tell: (moment: Moment) => void,
): Promise<unknown> {
  const stream = await opening;
  outcome.stream = stream;
  const abort = () => {
    outcome.own = { why: "the reader's" };
    stream.abort(outcome.own);
  };
  if (way === "untouched") return abort();
  if (way === "response") return stream.response();
  let chunks = 0;
  const leave = way === "text" ? "break" : way;
  for await (const _ of way === "text" ? stream.textStream() : stream) {
    tell("chunk");
    if (pauseMs > 0) await pause(pauseMs, undefined);
    if (chunks++ < after) continue;
    if (leave === "break") return "left";
    if (leave === "throw") throw new LoopError();
    if (leave === "abort") abort();
    if (leave === "dispose") await stream[Symbol.asyncDispose]();
  }
  return stream;
}

function judge({ asked, end, ends, own, stream }: Outcome, signal: AbortSignal, reason: Error, waited: boolean): void {
  expect(ends).toBe(1);
  if (!end) return;
  const heard = asked.signalled && signal.aborted;
  if ("error" in end) {
    const { error } = end;
    if (error instanceof AbortedError) {
      if (error.reason !== own || own === undefined) expect([heard, error.reason]).toEqual([true, reason]);
    } else if (!(error instanceof LoopError)) expect(error).toBeInstanceOf(CallwrightError);
  } else if (asked.reader === undefined) expect(end.value).toMatchObject({ finishReason: expect.any(String) });
  // A loop never ends in silence: it was left, or the answer is whole.
  else if (end.value === stream) expect(stream?.finishReason).toBeDefined();
  if (waited && !asked.reader?.pauseMs) expect(end).toMatchObject({ error: { code: "aborted", reason } });
}

/** Every place is free again, and nothing is reserved: others get all that there is, and not more. */
async function expectFree(
  made: ReturnType<typeof middleware>,
  { concurrency, perMinute = Number.POSITIVE_INFINITY }: Schedule,
): Promise<void> {
  vi.advanceTimersByTime(61_000);
  const probe = playing("play/first", [{ waits: [], end: "silent", opens: true }], () => {});
  const request: ModelRequest = { messages: [{ role: "user", content: "Hi" }], stream: true };
  const begin = async (layers: readonly Middleware[], more: Partial<ModelRequest> = {}) => {
    const model = layers.reduce((inner, layer) => layer(inner), probe as Model);
    const { signal, abort } = new LeavableSignal();
    let begun = false;
    void model
      .run({ ...request, ...more, signal })
      [Symbol.asyncIterator]()
      .next()
      .then(
        () => {
          begun = true;
        },
        () => {},
      );
    await settle();
    return { begun, abort };
  };
  const places = [];
  for (let place = 0; place <= concurrency; place++) places.push(await begin([made.limit]));
  const free = Math.min(concurrency, perMinute);
  expect(places.filter(({ begun }) => begun)).toHaveLength(free);
  const left = tokens - made.budget.spent.tokens - mostInput(request);
  places.push(await begin([made.budget], { params: { maxTokens: left } }), await begin([made.breaker]));
  expect(places.slice(-2).map(({ begun }) => begun)).toEqual([true, true]);
  for (const { abort } of places) abort();
  await settle();
  expect(vi.getTimerCount()).toBe(0);
}

class LeavableSignal {
  readonly #controller = new AbortController();
  readonly signal = this.#controller.signal;
  readonly abort = () => this.#controller.abort();
}
