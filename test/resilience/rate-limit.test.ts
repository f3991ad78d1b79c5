import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { call, type ModelEvent, OverloadedError, RateLimitError, rateLimit, retry } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { providerOf, references, stalling } from "../streams/wire-chunks.js";
import { answering, asking, finish, hello, items, read, within } from "./models.js";

describe("on a virtual clock, a rate limit", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
  const minutes = (count: number) => vi.advanceTimersByTimeAsync(count * 60_000);
  /** When each run began, in milliseconds from now. */
  const since = (start: number, { starts }: { readonly starts: number[] }) =>
    starts.map((at) => Math.round(at - start));

  test("of 20 requests a minute lets 20 of 25 begin at once, and no more than 20 in any minute, in order", async () => {
    const model = answering();
    const limited = rateLimit({ requestsPerMinute: 20 })(model);
    const start = performance.now();
    const first = items(10).map((index) => read(limited, asking(`${index}`)));
    await vi.advanceTimersByTimeAsync(20_000);
    const second = items(10).map((index) => read(limited, asking(`${index + 10}`)));
    await vi.advanceTimersByTimeAsync(30_000);
    const third = items(5).map((index) => read(limited, asking(`${index + 20}`)));
    expect(vi.getTimerCount()).toBe(1);
    await minutes(2);
    await Promise.all([...first, ...second, ...third]);
    expect(since(start, model)).toEqual([
      ...items(10).map(() => 0),
      ...items(10).map(() => 20_000),
      ...items(5).map(() => 60_000),
    ]);
    expect(model.requests.map(({ messages }) => messages[0]?.content)).toEqual(items(25).map(String));
    for (const [index, at] of model.starts.entries()) {
      expect(model.starts[index + 20] ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(at + 60_000);
    }
  });

  test("counts the same where the system's clock is changed", async () => {
    const model = answering();
    const limited = rateLimit({ requestsPerMinute: 1 })(model);
    const start = performance.now();
    const both = [read(limited), read(limited)];
    await vi.advanceTimersByTimeAsync(10_000);
    vi.setSystemTime(Date.now() + 3_600_000);
    await vi.advanceTimersByTimeAsync(10_000);
    vi.setSystemTime(Date.now() - 7_200_000);
    await minutes(1);
    await Promise.all(both);
    expect(since(start, model)).toEqual([0, 60_000]);
  });

  test("is shared by all models around which it stands", async () => {
    const limit = rateLimit({ requestsPerMinute: 2 });
    const models = [answering(), answering(undefined, "own/other")] as const;
    const start = performance.now();
    const all = [models[0], models[1], models[0]].map((model) => read(limit(model)));
    await minutes(2);
    await Promise.all(all);
    expect(models.map((model) => since(start, model))).toEqual([[0, 60_000], [0]]);
  });

  test("gives the place of one who is aborted to the next at once, and the aborted one hears of it at once", async () => {
    const model = answering();
    const limited = rateLimit({ requestsPerMinute: 1 })(model);
    const start = performance.now();
    const controller = new AbortController();
    const first = read(limited, asking("first"));
    const aborted = read(limited, asking("aborted", { signal: controller.signal })).catch((error) => error);
    const last = read(limited, asking("last"));
    const early = read(limited, asking("early", { signal: AbortSignal.abort("before") })).catch((error) => error);
    expect(await early).toMatchObject({ code: "aborted", reason: "before" });
    await vi.advanceTimersByTimeAsync(30_000);
    controller.abort("enough");
    expect(await aborted).toMatchObject({ code: "aborted", reason: "enough" });
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    await minutes(1);
    await Promise.all([first, last]);
    expect(since(start, model)).toEqual([0, 60_000]);
  });

  test("refuses at once whoever has less time than his turn takes, by all who are before him", async () => {
    const model = answering();
    const limited = rateLimit({ requestsPerMinute: 2 })(model);
    const waiting = items(4).map(() => read(limited));
    await vi.advanceTimersByTimeAsync(15_000);
    const refused = await read(limited, asking("Hi", within(104_000))).catch((error) => error);
    expect(refused).toBeInstanceOf(RateLimitError);
    expect(refused).toMatchObject({ provider: "own", retryAfterMs: 105_000 });
    const patient = read(limited, asking("Hi", within(106_000)));
    await minutes(2);
    await Promise.all([...waiting, patient]);
    expect(model.starts).toHaveLength(5);
  });

  test("ends the wait for a place at the deadline", async () => {
    const model = answering(async function* () {
      await new Promise(() => {});
    });
    const limited = rateLimit({ concurrency: 1 })(model);
    const busy = new AbortController();
    void read(limited, asking("busy", { signal: busy.signal })).catch(() => {});
    const late = read(limited, asking("late", within(5000))).catch((error) => error);
    await vi.advanceTimersByTimeAsync(4999);
    expect(model.starts).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await late).toMatchObject({ code: "timeout", phase: "total", message: expect.stringContaining("5000 ms") });
    busy.abort();
  });

  test("of tokens counts an estimate and maxTokens first, and what was used in the end", async () => {
    const model = answering(() => [{ type: "text-delta", text: "Hello" }, finish(300, 100)]);
    const limited = rateLimit({ tokensPerMinute: 1000 })(model);
    const start = performance.now();
    const large = asking("Hi", { params: { maxTokens: 900 } });
    // The first counts 400 when it is done, so the second has no room, and goes a minute after it.
    await read(limited, large);
    const second = read(limited, large);
    // Its turn comes after that of the second, though there is room for it.
    const third = read(limited, asking());
    await minutes(2);
    await Promise.all([second, third]);
    expect(since(start, model)).toEqual([0, 60_000, 60_000]);
  });

  test("of tokens lets one that is larger than the limit go alone", async () => {
    const model = answering();
    const limited = rateLimit({ tokensPerMinute: 100 })(model);
    const start = performance.now();
    const all = [asking(), asking("Hi", { params: { maxTokens: 500 } }), asking()].map((request) =>
      read(limited, request),
    );
    await minutes(3);
    await Promise.all(all);
    expect(since(start, model)).toEqual([0, 60_000, 120_000]);
  });

  test("of tokens lets the next begin at once where one who needs more gives up", async () => {
    const model = answering(() => [finish(0, 500)]);
    const limited = rateLimit({ tokensPerMinute: 1000 })(model);
    await read(limited);
    const controller = new AbortController();
    const large = read(limited, asking("Hi", { params: { maxTokens: 900 }, signal: controller.signal })).catch(
      () => {},
    );
    const small = read(limited);
    await vi.advanceTimersByTimeAsync(1000);
    expect(model.starts).toHaveLength(1);
    controller.abort();
    await Promise.all([large, small]);
    expect(model.starts).toHaveLength(2);
  });

  test("of tokens takes nothing for tries that failed", async () => {
    const model = answering((run) => {
      if (run === 1) throw new OverloadedError("down", { provider: "own" });
      return hello;
    });
    const start = performance.now();
    const limited = rateLimit({ tokensPerMinute: 1000 })(retry({ delayMs: () => 10 })(model));
    const answer = read(limited, asking("Hi", { params: { maxTokens: 900 } }));
    await minutes(2);
    await answer;
    expect(since(start, model)).toEqual([0, 10]);
  });

  test("of tokens takes nothing for what failed before any output", async () => {
    const model = answering((run) => {
      if (run === 1) throw new OverloadedError("down", { provider: "own" });
      return hello;
    });
    const limited = rateLimit({ tokensPerMinute: 1000 })(model);
    const large = asking("Hi", { params: { maxTokens: 900 } });
    await read(limited, large).catch(() => {});
    await read(limited, large);
    expect(model.starts).toHaveLength(2);
  });

  test("counts the retries behind it, and those before it", async () => {
    const flaky = () =>
      answering((run) => {
        if (run % 2 === 1) throw new OverloadedError("down", { provider: "own" });
        return hello;
      });
    for (const [model, limited] of [flaky(), flaky()].map((model, index) => {
      const [soon, limit] = [retry({ delayMs: () => 10 }), rateLimit({ requestsPerMinute: 3, concurrency: 1 })];
      return [model, index === 0 ? limit(soon(model)) : soon(limit(model))] as const;
    })) {
      const start = performance.now();
      const all = [read(limited), read(limited)];
      await minutes(2);
      await Promise.all(all);
      expect(since(start, model).map((at) => Math.floor(at / 60_000))).toEqual([0, 0, 0, 1]);
    }
  });

  const anHourAhead = new Date(Date.now() + 3_600_000);
  test.each([
    ["x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "1m30s", 90_000],
    ["x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "120ms", 120],
    ["x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "1.5", 1500],
    ["x-ratelimit-remaining-tokens", "4", "x-ratelimit-reset-tokens", "6m0s", 360_000],
    ["x-ratelimit-remaining-tokens", "5000", "x-ratelimit-reset-tokens", "6m0s", 0],
    ["anthropic-ratelimit-requests-remaining", "0", "anthropic-ratelimit-requests-reset", 20, 20_000],
    ["anthropic-ratelimit-tokens-remaining", "0", "anthropic-ratelimit-tokens-reset", 20, 20_000],
    ["x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "soon", 0],
    ["x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "-5s", 0],
    ["x-ratelimit-remaining-requests", "none", "x-ratelimit-reset-requests", "60s", 0],
    ["x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "1700000000", 0],
  ] as const)("heeds %s: %s, %s: %s", async (remainingName, remaining, resetName, reset, waited) => {
    // A date is read by the server's clock, which may be an hour ahead of ours.
    const spelled = typeof reset === "number" ? new Date(anHourAhead.getTime() + reset * 1000).toISOString() : reset;
    const headers = { [remainingName]: remaining, [resetName]: spelled, date: anHourAhead.toUTCString() };
    const model = answering(() => [{ type: "open", provider: "own", headers }, ...hello]);
    const limited = rateLimit({ concurrency: 10 })(model);
    const start = performance.now();
    await read(limited);
    const second = read(limited);
    await minutes(10);
    await second;
    const [, at = 0] = since(start, model);
    // HTTP dates have a grain of a second.
    expect(at).toBeGreaterThanOrEqual(waited);
    expect(at).toBeLessThanOrEqual(typeof reset === "number" ? waited + 1000 : waited);
  });

  test.each([
    ["requests", "1", [0, 0, 30_000]],
    ["tokens", "12", [0, 0, 0, 30_000]],
  ])("counts what it sends since against the %s that a provider has left", async (what, remaining, begins) => {
    const headers = { [`x-ratelimit-remaining-${what}`]: remaining, [`x-ratelimit-reset-${what}`]: "30s" };
    const opening: ModelEvent = { type: "open", provider: "own", headers };
    const model = answering((run) => (run === 1 ? [opening, ...hello] : hello));
    const limited = rateLimit({ concurrency: 10 })(model);
    const start = performance.now();
    await read(limited);
    const all = begins.slice(1).map(() => read(limited));
    await minutes(1);
    await Promise.all(all);
    expect(since(start, model)).toEqual(begins);
  });

  test("that waits for one provider lets the calls of others pass", async () => {
    const limit = rateLimit({ concurrency: 10 });
    const headers = { "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "30s" };
    const [empty, other] = [
      answering(() => [{ type: "open", provider: "own", headers }, ...hello], "own/empty"),
      answering(undefined, "own/other"),
    ];
    const start = performance.now();
    await read(limit(empty));
    const held = read(limit(empty));
    await read(limit(other));
    await minutes(1);
    await held;
    expect([since(start, empty), since(start, other)]).toEqual([[0, 30_000], [0]]);
  });

  test("waits as long as a 429 asks before it sends the next", async () => {
    const model = answering((run) => {
      if (run === 1) throw new RateLimitError("slow down", { provider: "own", status: 429, retryAfterMs: 7000 });
      return hello;
    });
    const limited = rateLimit({ concurrency: 2 })(model);
    const start = performance.now();
    await read(limited).catch(() => {});
    const second = read(limited);
    await minutes(1);
    await second;
    expect(since(start, model)).toEqual([0, 7000]);
  });

  test("waits as long as a 429 asks while a retry behind it waits, too", async () => {
    const model = answering((run) => {
      if (run === 1) throw new RateLimitError("slow down", { provider: "own", status: 429, retryAfterMs: 7000 });
      return hello;
    });
    const limited = rateLimit({ concurrency: 2 })(retry()(model));
    const start = performance.now();
    const first = read(limited);
    await vi.advanceTimersByTimeAsync(1000);
    const second = read(limited);
    await minutes(1);
    await Promise.all([first, second]);
    const [at, ...later] = since(start, model);
    expect([at, later.length]).toEqual([0, 2]);
    expect(Math.min(...later)).toBeGreaterThanOrEqual(7000);
  });
});

describe("a rate limit by concurrency", () => {
  /** A model whose runs end when they are told, and that knows how many are under way. */
  function held() {
    const release: (() => void)[] = [];
    const model = answering(async function* () {
      yield { type: "text-delta", text: "Hel" };
      await new Promise<void>((resolve) => release.push(resolve));
      yield* hello;
    });
    return { model, release };
  }

  test("lets that many run, and the next as soon as one is done", async () => {
    const { model, release } = held();
    const limited = rateLimit({ concurrency: 2 })(model);
    const all = items(3).map(() => read(limited));
    await expect.poll(() => release.length).toBe(2);
    expect(model.starts).toHaveLength(2);
    release[0]?.();
    await expect.poll(() => release.length).toBe(3);
    for (const step of release) step();
    await Promise.all(all);
  });

  test.each(["left", "aborted", "aborted and never read again"])(
    "frees the place of a stream that was %s",
    async (how) => {
      const { model, release } = held();
      const limited = rateLimit({ concurrency: 1 })(model);
      const controller = new AbortController();
      const events = limited.run(asking("Hi", { signal: controller.signal }))[Symbol.asyncIterator]();
      await events.next();
      const next = read(limited);
      const pending = how === "aborted" ? events.next().catch((error) => error.code) : undefined;
      if (how === "left") void events.return?.();
      else controller.abort();
      await expect.poll(() => model.starts).toHaveLength(2);
      expect(getEventListeners(controller.signal, "abort")).toEqual([]);
      await expect.poll(() => release.length).toBe(how === "aborted" ? 2 : 1);
      for (const step of release) step();
      await next;
      expect(await pending).toBe(how === "aborted" ? "aborted" : undefined);
    },
  );

  test("frees the place of a call that failed, and lets no call begin that was aborted in the line", async () => {
    const model = answering((run): readonly ModelEvent[] => {
      if (run === 1) throw new Error("broken");
      return hello;
    });
    const limited = rateLimit({ concurrency: 1 })(model);
    const controller = new AbortController();
    const outcomes = [
      read(limited),
      read(limited, asking("Hi", { signal: controller.signal })),
      read(limited),
      read(limited, asking("Hi", { signal: AbortSignal.abort("before") })),
    ].map((outcome) =>
      outcome.then(
        ({ length }) => length,
        (error) => error.reason ?? error.message,
      ),
    );
    controller.abort("waiting");
    expect(await Promise.all(outcomes)).toEqual(["broken", "waiting", 3, "before"]);
    expect(model.starts).toHaveLength(2);
  });

  test("asks nobody for a caller who left, or was aborted, just when his turn came", async () => {
    const { model, release } = held();
    const limited = rateLimit({ concurrency: 1 })(model);
    const controller = new AbortController();
    const first = (async () => {
      for await (const event of limited.run(asking())) if (event.type === "finish") controller.abort("late");
    })();
    const aborted = read(limited, asking("Hi", { signal: controller.signal })).catch((error) => error);
    const left = limited.run(asking())[Symbol.asyncIterator]();
    const pending = left.next().catch((error) => error);
    await left.return?.();
    const last = read(limited, asking("last"));
    await expect.poll(() => release.length).toBe(1);
    release[0]?.();
    await expect.poll(() => release.length).toBe(2);
    release[1]?.();
    await Promise.all([first, last]);
    expect(await aborted).toMatchObject({ code: "aborted", reason: "late" });
    expect(await pending).toMatchObject({ code: "aborted" });
    expect(model.requests.map(({ messages }) => messages[0]?.content)).toEqual(["Hi", "last"]);
  });

  test("does not let a retry wait for a place behind those who wait for its own", async () => {
    const model = answering((run) => {
      if (run === 1) throw new OverloadedError("down", { provider: "own" });
      return hello;
    });
    const limited = rateLimit({ concurrency: 1 })(retry({ delayMs: () => 5 })(model));
    expect(await Promise.all([read(limited), read(limited)])).toEqual([hello, hello]);
  });

  test.each([
    [{ requestsPerMinute: 0 }, "requestsPerMinute"],
    [{ requestsPerMinute: 1.5 }, "requestsPerMinute"],
    [{ tokensPerMinute: Number.NaN }, "tokensPerMinute"],
    [{ concurrency: -1 }, "concurrency"],
    [{ concurrency: "3" as never }, "concurrency"],
    [{ concurrency: Number.POSITIVE_INFINITY }, "concurrency"],
  ])("and the others must be whole numbers above 0: %o", (options, name) => {
    expect(() => rateLimit(options)).toThrow(
      expect.objectContaining({ code: "configuration", message: expect.stringContaining(name) }),
    );
  });
});

describe.each(references)("a rate limit before %s", (reference) => {
  let server: WireServer;
  beforeEach(async () => {
    server = await wireServer();
  });
  afterEach(() => server.close());

  test("keeps a hundred calls to ten at the same time", async () => {
    server.reply(async () => {
      await server.arrived(10);
      return { text: "Hello" };
    });
    const ask = call(reference, { ...server[providerOf(reference)], use: [rateLimit({ concurrency: 10 })] })(
      () => "Hi",
    );
    const answers = await Promise.all(items(100).map(ask));
    expect(answers.map(({ content }) => content)).toEqual(items(100).map(() => "Hello"));
    expect(server.peakInFlight).toBe(10);
  });

  test("gets its place back from streams that are left in every way", async () => {
    const use = [rateLimit({ concurrency: 1 })];
    const streaming = call(reference, { ...server[providerOf(reference)], use, stream: true })(() => "Hi");
    server.reply(stalling(["one ", "two"]));
    const broken = await streaming();
    for await (const _ of broken) break;
    const aborted = await streaming();
    aborted.abort();
    const disposed = await streaming();
    await disposed[Symbol.asyncDispose]();
    server.reply({ text: "Hello" });
    expect((await (await streaming()).response()).content).toBe("Hello");
  });

  test("gets its place back from a stream that is dropped, when it is collected", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const use = [rateLimit({ concurrency: 1 })];
    const streaming = call(reference, { ...server[providerOf(reference)], use, stream: true })(() => "Hi");
    server.reply(stalling(["one "]), { text: "Hello" });
    await (async () => void (await streaming()))();
    let content: string | undefined;
    const next = streaming().then(async (stream) => {
      content = (await stream.response()).content;
    });
    const collected = () => {
      collect();
      return content;
    };
    await expect.poll(collected, { timeout: 5000 }).toBe("Hello");
    await next;
  });

  test("heeds what the provider's headers say of its own limit", async () => {
    const [remaining, reset] =
      providerOf(reference) === "openai"
        ? ["x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"]
        : ["anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset"];
    server.reply(() => ({
      headers: { [remaining]: "0", [reset]: new Date(Date.now() + 60_000).toISOString() },
    }));
    const options = { ...server[providerOf(reference)], timeouts: { totalMs: 5000 } };
    const again = call(reference, { ...options, use: [rateLimit({ concurrency: 1 })] })(() => "Hi");
    await again();
    await expect(again()).rejects.toMatchObject({ code: "rate_limit", provider: providerOf(reference) });
    expect(server.requests).toHaveLength(1);
  });
});
