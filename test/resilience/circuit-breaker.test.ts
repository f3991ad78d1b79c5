import {
  AbortedError,
  AuthenticationError,
  CircuitOpenError,
  ConnectionError,
  call,
  circuitBreaker,
  fallback,
  type ModelEvent,
  OverloadedError,
  parallel,
  rateLimit,
  retry,
  TimeoutError,
} from "callwright";
import { script, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { providerOf, references } from "../streams/wire-chunks.js";
import { answering, asking, hello, items, read, within } from "./models.js";

const down = new OverloadedError("down", { provider: "own" });

/** A model that does what it is told: what it throws, or hello. */
function told() {
  const say: { error: unknown } = { error: down };
  const model = answering(() => {
    if (say.error !== undefined) throw say.error;
    return hello;
  });
  return { say, model };
}

const failing = (model: Parameters<typeof read>[0]) => read(model).catch((error) => error);

describe("on a virtual clock, a circuit breaker", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("opens after five failures in a row, and then asks nobody for a second", async () => {
    const { model } = told();
    const guarded = circuitBreaker()(model);
    for (const _ of items(5)) expect(await failing(guarded)).toBe(down);
    await vi.advanceTimersByTimeAsync(400);
    const refusal = await failing(guarded);
    expect(refusal).toBeInstanceOf(CircuitOpenError);
    expect(refusal).toMatchObject({ code: "circuit_open", retryable: false, retryAfterMs: 600 });
    expect(model.starts).toHaveLength(5);
    await vi.advanceTimersByTimeAsync(599);
    await failing(guarded);
    expect(model.starts).toHaveLength(5);
  });

  test("then lets one through at a time: a failure opens it for another while, an answer closes it", async () => {
    const { model, say } = told();
    const guarded = circuitBreaker({ failures: 2, cooldownMs: 5000 })(model);
    for (const _ of items(2)) await failing(guarded);
    await vi.advanceTimersByTimeAsync(5000);
    const probes = await Promise.all(items(10).map(() => failing(guarded)));
    expect(probes.map((error) => error.code)).toEqual(["overloaded", ...items(9).map(() => "circuit_open")]);
    expect(model.starts).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(4999);
    await failing(guarded);
    expect(model.starts).toHaveLength(3);
    await vi.advanceTimersByTimeAsync(1);
    say.error = undefined;
    expect(await read(guarded)).toEqual(hello);
    for (const _ of items(3)) expect(await read(guarded)).toEqual(hello);
    // Closed, it counts from none.
    say.error = down;
    await failing(guarded);
    say.error = undefined;
    expect(await read(guarded)).toEqual(hello);
  });

  test("closes with the first output of a probe, so that nobody waits for the end of its stream", async () => {
    const { model, say } = told();
    const guarded = circuitBreaker({ failures: 1 })(model);
    await failing(guarded);
    await vi.advanceTimersByTimeAsync(1000);
    say.error = undefined;
    const probe = guarded.run(asking())[Symbol.asyncIterator]();
    await probe.next();
    expect(await failing(guarded)).toBeInstanceOf(CircuitOpenError);
    await probe.next();
    expect(await read(guarded)).toEqual(hello);
    await probe.return?.();
  });

  test("lets the next one probe where a probe is left or aborted", async () => {
    const { model, say } = told();
    const guarded = circuitBreaker({ failures: 1 })(model);
    await failing(guarded);
    await vi.advanceTimersByTimeAsync(1000);
    say.error = undefined;
    const probe = guarded.run(asking())[Symbol.asyncIterator]();
    await probe.next();
    await probe.return?.();
    say.error = new AbortedError("gone", { reason: undefined });
    expect(await failing(guarded)).toBe(say.error);
    say.error = undefined;
    expect(await read(guarded)).toEqual(hello);
  });

  test("asks once a second in an outage, with one try, also where a retry stands behind it", async () => {
    const { model } = told();
    const guarded = circuitBreaker({ failures: 1 })(retry({ delayMs: () => 0 })(model));
    const first = failing(guarded);
    await vi.advanceTimersByTimeAsync(10);
    await first;
    expect(model.starts).toHaveLength(3);
    for (const _ of items(10)) {
      await vi.advanceTimersByTimeAsync(500);
      await failing(guarded);
    }
    expect(model.starts).toHaveLength(3 + 5);
  });

  test("forgets failures that are older than its window", async () => {
    const { model } = told();
    const guarded = circuitBreaker({ failures: 2, windowMs: 10_000 })(model);
    await failing(guarded);
    await vi.advanceTimersByTimeAsync(10_000);
    await failing(guarded);
    await failing(guarded);
    expect(model.starts).toHaveLength(3);
    expect(await failing(guarded)).toBeInstanceOf(CircuitOpenError);
  });

  test("opens for a second, however the system's clock is changed", async () => {
    const { model } = told();
    const guarded = circuitBreaker({ failures: 1 })(model);
    await failing(guarded);
    vi.setSystemTime(Date.now() + 3_600_000);
    expect(await failing(guarded)).toBeInstanceOf(CircuitOpenError);
    vi.setSystemTime(Date.now() - 7_200_000);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await failing(guarded)).toBe(down);
  });

  test("does not count, once it is closed again, the failures of calls from before it opened", async () => {
    const reject: ((error: unknown) => void)[] = [];
    const model = answering(async function* (run): AsyncGenerator<ModelEvent> {
      if (run <= 2) await new Promise((_, no) => reject.push(no));
      if (run === 3) throw down;
      yield* hello;
    });
    const guarded = circuitBreaker({ failures: 1 })(model);
    const old = [failing(guarded), failing(guarded)];
    await failing(guarded);
    await vi.advanceTimersByTimeAsync(1000);
    await read(guarded);
    for (const no of reject) no(down);
    await Promise.all(old);
    expect(await read(guarded)).toEqual(hello);
  });
});

describe("a circuit breaker", () => {
  test.each([
    ["a lost connection", new ConnectionError("lost"), true],
    ["a certificate that is refused", new ConnectionError("bad certificate", { retryable: false }), true],
    ["a time limit", new TimeoutError("late", { phase: "first-event" }), true],
    ["the total time limit", new TimeoutError("late", { phase: "total" }), true],
    ["an overload", down, true],
    ["a wrong key", new AuthenticationError("no", { provider: "own", status: 401 }), false],
    ["an abort", new AbortedError("gone", { reason: "enough" }), false],
    ["an error of the caller's own making", new RangeError("mine"), false],
  ])("counts %s as a failure or does not: %s", async (_, error, counts) => {
    const { model, say } = told();
    const guarded = circuitBreaker({ failures: 2 })(model);
    say.error = error;
    for (const _ of items(3)) await failing(guarded);
    expect(model.starts).toHaveLength(counts ? 2 : 3);
  });

  test("does not take a model for broken where the turn at a limit behind it comes too late", async () => {
    const guarded = circuitBreaker({ failures: 1 })(rateLimit({ requestsPerMinute: 1 })(answering()));
    await read(guarded);
    for (const _ of items(2)) {
      await expect(read(guarded, asking("Hi", within(1000)))).rejects.toMatchObject({ code: "rate_limit" });
    }
  });

  test("counts failures in a row only", async () => {
    const { model, say } = told();
    const guarded = circuitBreaker({ failures: 2 })(model);
    for (const _ of items(3)) {
      say.error = down;
      await failing(guarded);
      say.error = undefined;
      await read(guarded);
    }
    expect(model.starts).toHaveLength(6);
  });

  test("counts streams that break in the middle, and those that end without a finish", async () => {
    const model = answering(function* (run) {
      yield { type: "text-delta", text: "Hel" };
      if (run === 1) throw down;
    });
    const guarded = circuitBreaker({ failures: 2 })(model);
    await failing(guarded);
    await read(guarded);
    expect(await failing(guarded)).toBeInstanceOf(CircuitOpenError);
  });

  test("keeps a circuit for each model, which all that have its id share", async () => {
    const breaker = circuitBreaker({ failures: 1 });
    const [first, twin, other] = [told(), told(), { model: answering(undefined, "own/other") }];
    await failing(breaker(first.model));
    expect(await failing(breaker(twin.model))).toBeInstanceOf(CircuitOpenError);
    expect(await read(breaker(other.model))).toEqual(hello);
  });

  test.each([
    { failures: 0 },
    { failures: 1.5 },
    { windowMs: 0 },
    { windowMs: Number.NaN },
    { cooldownMs: -1 },
    { cooldownMs: "3" as never },
  ])("refuses %o", (options) => {
    const [name = ""] = Object.keys(options);
    expect(() => circuitBreaker(options)).toThrow(
      expect.objectContaining({ code: "configuration", message: expect.stringContaining(name) }),
    );
  });
});

describe.each(references)("a circuit breaker before %s", (reference) => {
  let server: WireServer;
  beforeEach(async () => {
    server = await wireServer();
  });
  afterEach(() => server.close());

  test("keeps an outage from being asked by everyone, and recovers within two seconds", {
    timeout: 20_000,
  }, async () => {
    const ask = call(reference, { ...server[providerOf(reference)], use: [circuitBreaker()] })(
      (name: number) => `Call ${name}`,
    );
    server.reply({ status: 503 });
    const outcomes = await parallel(items(1000), ask, { concurrency: 64, settle: true });
    expect(outcomes.some(({ ok }) => ok)).toBe(false);
    expect(server.requests.length).toBeLessThan(300);
    server.reply({ text: "Hello" });
    await expect
      .poll(
        () =>
          ask(0).then(
            ({ content }) => content,
            () => "",
          ),
        { timeout: 2000 },
      )
      .toBe("Hello");
  });

  test("hands over to the next model at once while it is open, plain and streamed", async () => {
    server.reply({ status: 503 });
    const breaker = circuitBreaker({ failures: 1, cooldownMs: 60_000 });
    const options = () => ({
      ...server[providerOf(reference)],
      use: [fallback(script(["Hello", "Hello"])), breaker, retry({ retries: 0 })],
    });
    await call(reference, options())(() => "Hi")();
    const stream = await call(reference, { ...options(), stream: true })(() => "Hi")();
    expect((await stream.response()).content).toBe("Hello");
    expect(server.requests).toHaveLength(1);
  });
});
