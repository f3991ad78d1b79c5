import { getEventListeners } from "node:events";
import { call, type Middleware, type Model, type ModelEvent, type ModelRequest, retry } from "callwright";
import { script, type WireReply, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { begun, providerOf, references, stalling } from "./streams/wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(async () => {
  vi.useRealTimers();
  await server.close();
});

const soon = retry({ delayMs: () => 1 });

describe.each(references)("calls of %s", (reference) => {
  const provider = providerOf(reference);
  const both = [false, true].map((stream) => ({
    stream,
    ask: (options: object = {}): Promise<any> =>
      call(reference, { ...server[provider], use: [soon], ...options, stream })(() => "Hi")(),
  }));
  /** What a plain and a streamed call make of these replies, and how many requests each took. */
  async function outcomes(...replies: WireReply[]) {
    const made: { content?: string; error?: any; requests: number }[] = [];
    for (const { ask, stream } of both) {
      const before = server.requests.length;
      server.reply(...replies);
      const outcome = await ask()
        .then((answer) => (stream ? answer.response() : answer))
        .then(
          ({ content }) => ({ content }),
          (error: unknown) => ({ error }),
        );
      made.push({ ...outcome, requests: server.requests.length - before });
    }
    return made;
  }

  test.each([408, 409, 429, 500, 502, 503, 504, 529])("answered %i are tried again, twice at most", async (status) => {
    for (const outcome of await outcomes({ status }, { status }, { text: "Hello" })) {
      expect(outcome).toEqual({ content: "Hello", requests: 3 });
    }
    for (const { error, requests } of await outcomes({ status })) {
      expect(error).toMatchObject({ status, retryable: true });
      expect(requests).toBe(3);
    }
  });

  test.each([400, 401, 403, 404, 413, 418, 422])("answered %i are not", async (status) => {
    for (const { error, requests } of await outcomes({ status }, { text: "Hello" })) {
      expect(error).toMatchObject({ status, retryable: false });
      expect(requests).toBe(1);
    }
  });

  test("obey the header x-should-retry over all of this", async () => {
    const yes = { "x-should-retry": "true" };
    const no = { "x-should-retry": "false" };
    for (const outcome of await outcomes({ status: 400, headers: yes }, { text: "Hello" })) {
      expect(outcome).toEqual({ content: "Hello", requests: 2 });
    }
    for (const status of [429, 500, 503]) {
      for (const { requests } of await outcomes({ status, headers: no })) expect(requests).toBe(1);
    }
  });

  test("whose connection breaks before any answer are tried again", async () => {
    for (const outcome of await outcomes({ drop: "reset" }, { drop: "end" }, { text: "Hello" })) {
      expect(outcome).toEqual({ content: "Hello", requests: 3 });
    }
  });

  test("whose stream fails before its first output are tried again, also where an error event comes first", async () => {
    const use = [soon];
    for (const first of [
      { errorAfter: 0 },
      { errorAfter: 1 },
      { cutAfter: 0 },
      { endAfter: 1 },
      { raw: ": ping\n\n" },
    ]) {
      const before = server.requests.length;
      server.reply({ text: "void", ...first }, { text: "Hello" });
      const stream = await call(reference, { ...server[provider], stream: true, use })(() => "Hi")();
      const texts: string[] = [];
      for await (const [chunk] of stream) texts.push(chunk.content);
      expect(texts).toEqual(["Hello", ""]);
      expect(server.requests.length - before).toBe(2);
    }
  });

  test("whose stream fails after output are never sent again", async () => {
    for (const end of [{}, { hangAfter: Number.POSITIVE_INFINITY }]) {
      const before = server.requests.length;
      server.reply({ chunks: begun(provider, ["one"]), ...end }, { text: "Hello" });
      const timeouts = { idleMs: 50 };
      const stream = await call(reference, { ...server[provider], stream: true, timeouts, use: [soon] })(() => "Hi")();
      await expect(stream.response()).rejects.toMatchObject({ retryable: true, partial: { content: "one" } });
      expect(server.requests.length - before).toBe(1);
    }
  });

  test("that meet silence before the first output are tried again within the total", async () => {
    server.reply({ text: "warm" }, stalling([]), { delayMs: Number.POSITIVE_INFINITY }, { text: "Hello" });
    await call(reference, server[provider])(() => "Hi")();
    const options = { ...server[provider], stream: true, timeouts: { firstEventMs: 80 }, use: [soon] } as const;
    const stream = await call(reference, options)(() => "Hi")();
    expect((await stream.response()).content).toBe("Hello");
    expect(server.requests).toHaveLength(4);
  });

  test("wait as long as they are told, and a little more", async () => {
    for (const [name, value, ms] of [
      ["retry-after-ms", "120", 120],
      ["retry-after", "0.2", 200],
    ] as const) {
      for (const { ask } of both) {
        const before = server.requests.length;
        server.reply({ status: 429, headers: { [name]: value } }, { text: "Hello" });
        await ask({ use: [retry({ delayMs: () => 0 })] });
        const [first, second] = server.requests.slice(before);
        expect((second?.arrivedAt ?? 0) - (first?.finishedAt ?? 0)).toBeGreaterThanOrEqual(ms - 1);
      }
    }
  });

  test("told to wait longer than a minute fail at once, and say how long", async () => {
    for (const { error, requests } of await outcomes({ status: 429, headers: { "retry-after": "61" } })) {
      expect(error).toMatchObject({ code: "rate_limit", retryAfterMs: 61_000 });
      expect(requests).toBe(1);
    }
  });

  test("told to wait beyond the deadline fail at once, with the cause", async () => {
    for (const { ask } of both) {
      const before = server.requests.length;
      server.reply({ status: 503, headers: { "retry-after": "30" } });
      await expect(ask({ timeouts: { totalMs: 20_000 } })).rejects.toMatchObject({ code: "overloaded", status: 503 });
      expect(server.requests.length - before).toBe(1);
    }
  });

  test("aborted while they wait for the next try end at once, and send nothing more", async () => {
    for (const { ask } of both) {
      const before = server.requests.length;
      const controller = new AbortController();
      server.reply({ status: 503 });
      const delayMs = () => {
        setImmediate(() => controller.abort("enough"));
        return 60_000;
      };
      const asked = ask({ signal: controller.signal, use: [retry({ delayMs })] });
      await expect(asked).rejects.toMatchObject({ code: "aborted", reason: "enough" });
      expect(server.requests.length - before).toBe(1);
      expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
    }
  });

  test("by default wait a random share of half a second, then of a whole one, and try three times in all", async () => {
    server.reply({ text: "warm" }, { status: 503 });
    const ask = call(reference, server[provider])(() => "Hi");
    await ask();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const waits: number[] = [];
    const setTimer = globalThis.setTimeout;
    vi.spyOn(globalThis, "setTimeout").mockImplementation(((act: () => void, ms: number) => {
      // Those of the calls themselves are of minutes.
      if (ms <= 8000) waits.push(ms);
      return setTimer(act, ms);
    }) as never);
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    const asked = expect(ask()).rejects.toMatchObject({ status: 503 });
    for (let request = 2; request <= 4; request++) {
      await server.arrived(request);
      await vi.waitUntil(() => waits.includes(request * 250 - 250) || request === 4, { interval: 1 });
      await vi.advanceTimersByTimeAsync(1000);
    }
    await asked;
    vi.restoreAllMocks();
    expect(waits.filter((ms) => ms === 250 || ms === 500)).toEqual([250, 500]);
    expect(server.requests).toHaveLength(4);
  });

  test("a hundred at once that each meet 503, 503, 200 all succeed", async () => {
    const met = new Map<string, number>();
    server.reply(({ body }) => {
      const name = JSON.stringify(body.messages);
      const count = met.get(name) ?? 0;
      met.set(name, count + 1);
      return count < 2 ? { status: 503 } : { text: "Hello" };
    });
    const ask = call(reference, { ...server[provider], use: [soon] })((name: number) => `Call ${name}`);
    const responses = await Promise.all(Array.from({ length: 100 }, (_, index) => ask(index)));
    expect(responses.every(({ content }) => content === "Hello")).toBe(true);
    expect(server.requests).toHaveLength(300);
  });
});

describe("the retry middleware", () => {
  const request: ModelRequest = { messages: [{ role: "user", content: "Hi" }], stream: true };
  const hello: ModelEvent[] = [
    { type: "text-delta", text: "Hello" },
    { type: "finish", reason: "stop" },
  ];
  const flaky = (failures: number, error: unknown = new Error("flaky"), before: ModelEvent[] = []) => {
    let runs = 0;
    const model: Model = {
      id: "own/flaky",
      async *run() {
        runs++;
        if (runs > failures) yield* hello;
        else {
          yield* before;
          throw error;
        }
      },
    };
    return { model, runs: () => runs };
  };
  const readAll = async (model: Model, asked = request) => {
    const events: ModelEvent[] = [];
    for await (const event of model.run(asked)) events.push(event);
    return events;
  };
  const always = { on: () => true, delayMs: () => 0 };

  test("tries again as often as it is told, and throws what the last try threw", async () => {
    const { model, runs } = flaky(3);
    await expect(readAll(retry({ ...always, retries: 2 })(model))).rejects.toThrow("flaky");
    expect(runs()).toBe(3);
    expect(await readAll(retry({ ...always, retries: 3 })(flaky(3).model))).toEqual(hello);
    const never = flaky(1);
    await expect(readAll(retry({ ...always, retries: 0 })(never.model))).rejects.toThrow("flaky");
    expect(never.runs()).toBe(1);
  });

  test("asks `delayMs` for each wait, by the number of the retry", async () => {
    const asked: number[] = [];
    const delayMs = (attempt: number) => {
      asked.push(attempt);
      return 0;
    };
    await readAll(retry({ on: () => true, delayMs, retries: 5 })(flaky(3).model));
    expect(asked).toEqual([1, 2, 3]);
  });

  test("by itself tries only errors of ours that say they may be tried", async () => {
    const { model, runs } = flaky(1);
    await expect(readAll(retry({ delayMs: () => 0 })(model))).rejects.toThrow("flaky");
    expect(runs()).toBe(1);
  });

  test("hands on what is no output, and tries again after it", async () => {
    const before: ModelEvent[] = [
      { type: "open", provider: "own", headers: {} },
      { type: "start", id: "1", model: "m" },
      { type: "warning", code: "x", message: "y" },
    ];
    const events = await readAll(retry(always)(flaky(1, new Error("late"), before).model));
    expect(events).toEqual([...before, ...hello]);
  });

  test.each<ModelEvent>([
    { type: "text-delta", text: "a" },
    { type: "reasoning-delta", text: "a" },
    { type: "refusal-delta", text: "a" },
    { type: "tool-start", index: 0, id: "a", name: "a" },
  ])("never tries again after output: $type", async (event) => {
    const { model, runs } = flaky(1, new Error("late"), [event]);
    await expect(readAll(retry(always)(model))).rejects.toThrow("late");
    expect(runs()).toBe(1);
  });

  test("of several, the outermost owns the call, and the default one steps aside", async () => {
    const { model, runs } = flaky(Number.POSITIVE_INFINITY);
    const inner = retry({ ...always, retries: 5 });
    const outer = retry({ ...always, retries: 1 });
    await expect(call(model, { use: [outer, inner] })(() => "Hi")()).rejects.toThrow("flaky");
    expect(runs()).toBe(2);
  });

  test("is the innermost around a model without one, so that other middleware sees one failure", async () => {
    let failures = 0;
    const counting: Middleware = (model) => ({
      id: model.id,
      async *run(request) {
        try {
          yield* model.run(request);
        } catch (error) {
          failures++;
          throw error;
        }
      },
    });
    server.reply({ status: 503, headers: { "retry-after-ms": "1" } });
    const ask = call("openai/gpt-4o-mini", { ...server.openai, use: [counting] })(() => "Hi");
    await expect(ask()).rejects.toMatchObject({ status: 503 });
    expect([server.requests.length, failures]).toEqual([3, 1]);
  });

  test("starts nothing more once its reader has left, whether a try or a wait is under way", async () => {
    for (const wait of [0, 30]) {
      let runs = 0;
      let fail = () => {};
      const model: Model = {
        id: "own/hanging",
        run: () => ({
          [Symbol.asyncIterator]: () => ({
            next: () =>
              new Promise((_, reject) => {
                runs++;
                fail = () => reject(new Error("gone"));
                if (wait > 0) fail();
              }),
            return: async () => {
              fail();
              return { value: undefined, done: true as const };
            },
          }),
        }),
      };
      const events = retry({ on: () => true, delayMs: () => wait || 60_000 })(model)
        .run(request)
        [Symbol.asyncIterator]();
      const pending = events.next();
      await new Promise((resolve) => setImmediate(resolve));
      await events.return?.();
      await expect(pending).rejects.toThrow(wait > 0 ? "gone" : "not read to its end");
      expect(runs).toBe(1);
    }
  });

  test("refuses a number of retries that is none", () => {
    for (const retries of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "3" as never]) {
      expect(() => retry({ retries })).toThrowError(expect.objectContaining({ code: "configuration" }));
    }
  });

  test("leaves the request as it was, but for the name of its owner", async () => {
    const model = script(["Hello"]);
    const asked: ModelRequest = { ...request, context: { deadline: performance.now() + 1e6 } };
    const before = structuredClone(asked);
    await readAll(retry()(model), asked);
    expect(asked).toEqual(before);
    expect(model.requests[0]?.context?.retriedBy).toBeTypeOf("symbol");
  });
});
