import { call, type Model, type ModelEvent, RateLimitError, rateLimit } from "callwright";
import { script } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SlidingLog } from "../../src/resilience/sliding-log.js";
import { WaitingLines } from "../../src/resilience/waiting-lines.js";
import { answering, asking, hello, items, read, within } from "./models.js";

/** A model that never answers. */
const silent: Model = {
  id: "own/silent",
  async *run() {
    yield { type: "start", id: "1", model: "silent" };
    await new Promise(() => {});
  },
};

describe("steps that a line takes", () => {
  /** Counts how often the clock was read, which every look at a place or a log does. */
  function clockReads() {
    const spy = vi.spyOn(performance, "now");
    return () => spy.mock.calls.length;
  }
  afterEach(() => void vi.restoreAllMocks());

  /** Steps of so many joins behind a full limit, and of one abort that all of them share. */
  async function stepsOf(count: number, options: Parameters<typeof rateLimit>[0]) {
    const limited = rateLimit(options)(silent);
    const busy = new AbortController();
    const first = read(limited, asking("busy", { signal: busy.signal })).catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    const controller = new AbortController();
    const reads = clockReads();
    const waiting = items(count).map(() =>
      read(limited, asking("Hi", { signal: controller.signal, ...within(3_600_000_000) })).catch((error) => error.code),
    );
    await new Promise((resolve) => setImmediate(resolve));
    const joined = reads();
    controller.abort("enough");
    const codes = await Promise.all(waiting);
    const left = reads() - joined;
    vi.restoreAllMocks();
    busy.abort();
    await first;
    expect(new Set(codes)).toEqual(new Set(["aborted"]));
    return { joined, left };
  }

  test.each<[string, Parameters<typeof rateLimit>[0]]>([
    ["concurrency", { concurrency: 1 }],
    ["requestsPerMinute", { requestsPerMinute: 1 }],
    ["tokensPerMinute", { tokensPerMinute: 4 }],
    ["all limits", { concurrency: 1, requestsPerMinute: 1, tokensPerMinute: 4 }],
  ])("of %s grow with those who wait, for joining and for one abort of all", async (_, options) => {
    const few = await stepsOf(50, options);
    const many = await stepsOf(400, options);
    expect(many.joined).toBeLessThanOrEqual(12 * few.joined);
    expect(many.left).toBeLessThanOrEqual(12 * few.left);
  });

  test("do not depend on how many places a line has", async () => {
    let looks = 0;
    const lines = new WaitingLines<string, { readonly size: number }>({
      onLeave: () => {
        for (const _ of lines.heads()) looks++;
      },
    });
    const controllers = items(1000).map(() => new AbortController());
    const all = controllers.map(({ signal }) =>
      lines.join("line", { size: 1 }, asking("Hi", { signal }), () => undefined).catch(() => "left"),
    );
    // From behind, nobody could be next because of them; then from the front.
    for (const controller of controllers.slice(500).reverse()) controller.abort();
    expect(looks).toBe(0);
    for (const controller of controllers) controller.abort();
    expect(looks).toBe(499);
    expect([lines.size, [...lines.heads()]]).toEqual([0, []]);
    expect(new Set(await Promise.all(all))).toEqual(new Set(["left"]));
  });
});

describe("a waiting line", () => {
  test("keeps the order of arrival within a line and over all lines", async () => {
    const lines = new WaitingLines<string, string>({ onLeave: () => {}, weigh: ({ length }) => length });
    const passed: string[] = [];
    for (const [key, name] of [
      ["a", "first"],
      ["b", "second"],
      ["a", "third"],
    ] as const)
      void lines.join(key, name, asking(), () => undefined).then(() => passed.push(name));
    expect([lines.size, lines.weight, lines.some(2)]).toEqual([3, 16, ["first", "third"]]);
    expect(lines.some(9)).toEqual(["first", "second", "third"]);
    for (;;) {
      const [head] = [...lines.heads()].sort((one, other) => one.order - other.order);
      if (!head) break;
      head.admit();
    }
    await Promise.resolve();
    expect([passed, lines.size, lines.weight]).toEqual([["first", "second", "third"], 0, 0]);
  });

  test("refuses a place with the error that it is given", async () => {
    const lines = new WaitingLines<string, string>({ onLeave: () => {} });
    const place = lines.join("a", "only", asking(), () => undefined);
    for (const head of lines.heads()) head.refuse(new RangeError("no"));
    await expect(place).rejects.toThrow("no");
    expect(lines.size).toBe(0);
  });
});

describe("on a virtual clock, a log", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("says the same of a place in a line, however far behind it is, as counting one by one", async () => {
    for (const limit of [1, 2, 3, 7]) {
      const log = new SlidingLog(limit, 60_000);
      const began = performance.now();
      for (const _ of items(limit)) {
        log.add(1);
        await vi.advanceTimersByTimeAsync(7000);
      }
      for (const position of items(30).map((index) => index + 1))
        expect(log.turnOf(position) - began, `${limit}, ${position}`).toBe(
          log.earliest(items(position).map(() => 1)) - began,
        );
    }
  });

  test("is never later in its quick estimate than it turns out to be", () => {
    const log = new SlidingLog(1000, 60_000);
    for (const amounts of [
      [600, 600, 600],
      [1000, 1000],
      [5000, 10, 10],
      [1, 2, 3],
      [999, 2, 998],
    ]) {
      const ahead = amounts.slice(0, -1).reduce((sum, amount) => sum + log.capped(amount), 0);
      expect(log.earliestAfter(ahead, amounts.at(-1) as number)).toBeLessThanOrEqual(log.earliest(amounts));
    }
  });

  test("forgets what is older than its window, and what is settled then changes nothing", async () => {
    const log = new SlidingLog(3000, 60_000);
    const uses = items(3000).map(() => log.add(1));
    expect(log.earliest([1]) - performance.now()).toBe(60_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(log.earliest([3000])).toBe(performance.now());
    for (const use of uses) log.settle(use, 500);
    expect(log.earliest([3000])).toBe(performance.now());
    log.add(3000);
    expect(log.earliest([1]) - performance.now()).toBe(60_000);
  });
});

describe("a rate limit with callers that wait", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("refuses one more than maxWaiting at once, by the name of the option", async () => {
    const limited = rateLimit({ concurrency: 1, maxWaiting: 2 })(silent);
    const { signal, abort } = new (class {
      controller = new AbortController();
      signal = this.controller.signal;
      abort = () => this.controller.abort();
    })();
    const all = items(3).map(() => read(limited, asking("Hi", { signal })).catch(() => {}));
    await vi.advanceTimersByTimeAsync(0);
    const refused = await read(limited).catch((error) => error);
    expect(refused).toBeInstanceOf(RateLimitError);
    expect(refused).toMatchObject({ retryable: false, message: expect.stringContaining("maxWaiting") });
    abort();
    await Promise.all(all);
  });

  test("warns once of a slot that did not come in 30 seconds, and says what keeps slots", async () => {
    const limited = rateLimit({ concurrency: 1 })(answering());
    const unread = limited.run(asking())[Symbol.asyncIterator]();
    await unread.next();
    const seen: ModelEvent[] = [];
    const waiting = (async () => {
      for await (const event of limited.run(asking("Hi", within(600_000)))) seen.push(event);
    })();
    await vi.advanceTimersByTimeAsync(29_999);
    expect(seen).toEqual([]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seen).toEqual([expect.objectContaining({ type: "warning", code: "waited_for_slot" })]);
    expect(seen[0]).toMatchObject({ message: expect.stringMatching(/1 slots.*read to its end/s) });
    await unread.return?.();
    await waiting;
    expect(seen.slice(1)).toEqual(hello);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("shows the warning on the answer of a call, plain or streamed, and opens a stream no sooner for it", async () => {
    const use = [rateLimit({ concurrency: 1 })];
    const model = script([{ text: "one" }, { text: "two" }, { text: "three" }]);
    const unread = await call(model, { use, stream: true })(() => "Hi")();
    let isOpen = false;
    const plain = call(model, { use })(() => "Hi")();
    const streamed = call(model, { use, stream: true })(() => "Hi")().then((stream) => {
      isOpen = true;
      return stream.response();
    });
    await vi.advanceTimersByTimeAsync(40_000);
    expect(isOpen).toBe(false);
    unread.abort();
    for (const answer of [plain, streamed])
      expect((await answer).warnings).toEqual([expect.objectContaining({ code: "waited_for_slot" })]);
  });

  test("says at the deadline that no slot came", async () => {
    const use = [rateLimit({ concurrency: 1 })];
    const model = script([{ text: "one" }]);
    await call(model, { use, stream: true })(() => "Hi")();
    const late = call(model, { use, timeouts: { totalMs: 5000 } })(() => "Hi")().catch((error) => error);
    await vi.advanceTimersByTimeAsync(5001);
    expect(await late).toMatchObject({ code: "timeout", phase: "total", message: expect.stringContaining("slot") });
  });

  test("ends at an abort after its warning, whether anybody reads on or not", async () => {
    const limited = rateLimit({ concurrency: 1 })(silent);
    const controller = new AbortController();
    const first = limited.run(asking("Hi", { signal: controller.signal }))[Symbol.asyncIterator]();
    await first.next();
    const [read, unread] = items(2).map(() =>
      limited.run(asking("Hi", { signal: controller.signal }))[Symbol.asyncIterator](),
    );
    const warned = [read?.next(), unread?.next()];
    await vi.advanceTimersByTimeAsync(30_000);
    await Promise.all(warned);
    controller.abort("enough");
    await expect(read?.next()).rejects.toMatchObject({ code: "aborted", reason: "enough" });
    await vi.advanceTimersByTimeAsync(0);
  });
});
