import { getEventListeners } from "node:events";
import {
  AbortedError,
  type CallResponse,
  ConfigurationError,
  call,
  model,
  override,
  parallel,
  Session,
} from "callwright";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { errorOf, onBothWires } from "./calls/wires.js";

const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", note);
});
afterEach(async () => {
  // By then, a rejection that nobody handles was reported.
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Counts how many run at the same time. */
function counter() {
  let running = 0;
  const counted = { peak: 0, started: 0 };
  const work = async <T>(value: T, turns = 1): Promise<T> => {
    counted.peak = Math.max(counted.peak, ++running);
    counted.started++;
    for (let n = 0; n < turns; n++) await turn();
    running--;
    return value;
  };
  return Object.assign(counted, { work });
}

/** Ends when the signal aborts, and not before. */
const untilAborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

onBothWires((wire) => {
  const ask = (question: string): Promise<CallResponse> => call(wire.reference, wire.access)(() => question)();

  test("ten calls run at the same time, and keep their order", async () => {
    // None is answered before all have come, so one after the other would never end.
    wire.server.reply(async ({ body }) => {
      await wire.server.arrived(10);
      return { text: body.messages[0].content };
    });
    const questions = Array.from({ length: 10 }, (_, index) => `question ${index}`);
    const answers = await parallel(questions, ask);
    expect(wire.server.peakInFlight).toBe(10);
    expect(answers.map(({ content }) => content)).toEqual(questions);
  });

  test("a concurrency of 5 has five requests in flight, and never more", async () => {
    wire.server.reply(async (request) => {
      const place = wire.server.requests.indexOf(request);
      await wire.server.arrived((Math.floor(place / 5) + 1) * 5);
      return {};
    });
    await parallel(Array.from({ length: 20 }).keys(), (index) => ask(`question ${index}`), { concurrency: 5 });
    expect(wire.server.peakInFlight).toBe(5);
    expect(wire.server.requests).toHaveLength(20);
  });

  test("the first failure aborts the calls of the others at the socket, and is what is thrown", async () => {
    wire.server.reply(async ({ body }) => {
      if (body.messages[0].content !== "fail") return { delayMs: Number.POSITIVE_INFINITY };
      await wire.server.arrived(3);
      return { status: 400, text: "No." };
    });
    const error = await errorOf(parallel(["wait", "fail", "wait"], ask));
    expect(error).toMatchObject({ code: "bad_request" });
    await Promise.all(wire.server.requests.map(({ closed }) => closed));
    expect(wire.server.requests.map(({ aborted }) => aborted).sort()).toEqual([false, true, true]);
  });

  test("calls of every kind that the function makes are aborted with it", async () => {
    wire.server.reply({ text: ["a", "b"], hangAfter: wire.provider === "openai" ? 2 : 4 });
    const mini = model(wire.reference, wire.access);
    const session = new Session({ model: mini });
    const controller = new AbortController();
    const makers = [
      async () => (await mini.stream("Hi")).response(),
      async () => (await call(wire.reference, { ...wire.access, stream: true })(() => "Hi")()).response(),
      async () => (await session.stream("Hi")).response(),
    ];
    const errors: unknown[] = [];
    const all = parallel(
      makers,
      async (make) => {
        await make().catch((error) => errors.push(error));
      },
      { signal: controller.signal },
    );
    await wire.server.arrived(3);
    controller.abort(new Error("Enough."));
    expect(await errorOf(all)).toBeInstanceOf(AbortedError);
    await Promise.all(wire.server.requests.map(({ closed }) => closed));
    expect(wire.server.requests.map(({ aborted }) => aborted)).toEqual([true, true, true]);
    await turn();
    expect(errors).toHaveLength(3);
  });

  test("with settle, every outcome is given, and a failure leaves the others alone", async () => {
    wire.server.reply(({ body }) => (body.messages[0].content === "fail" ? { status: 400 } : { text: "Fine." }));
    const outcomes = await parallel(["one", "fail", "two"], ask, { settle: true });
    expect(outcomes.map((outcome) => (outcome.ok ? outcome.value.content : (outcome.error as any).code))).toEqual([
      "Fine.",
      "bad_request",
      "Fine.",
    ]);
  });
});

describe("the results", () => {
  test("stand in the order of the items, however long each takes", async () => {
    const { work } = counter();
    expect(await parallel([3, 1, 2, 0], (turns) => work(turns, turns))).toEqual([3, 1, 2, 0]);
  });

  test("of no items are none", async () => {
    expect(await parallel([], async () => 1)).toEqual([]);
    expect(await parallel([], async () => 1, { settle: true })).toEqual([]);
  });

  test("may be undefined, and the function gets the place of its item", async () => {
    const places: number[] = [];
    const results = await parallel("abc", async (_, { index }) => void places.push(index));
    expect(results).toEqual([undefined, undefined, undefined]);
    expect(places).toEqual([0, 1, 2]);
  });
});

describe("the concurrency", () => {
  test.each([1, 2, 7])("of %s is reached and not exceeded", async (concurrency) => {
    const counted = counter();
    await parallel(Array.from({ length: 30 }).keys(), (item) => counted.work(item, item % 4), { concurrency });
    expect(counted).toMatchObject({ peak: concurrency, started: 30 });
  });

  test("is all items where it is left out", async () => {
    const counted = counter();
    await parallel(Array.from({ length: 100 }).keys(), (item) => counted.work(item));
    expect(counted.peak).toBe(100);
  });

  test.each([0, -1, 1.5, Number.NaN])("of %s is refused, and nothing is started", async (concurrency) => {
    const counted = counter();
    expect(await errorOf(parallel([1], (item) => counted.work(item), { concurrency }))).toBeInstanceOf(
      ConfigurationError,
    );
    expect(counted.started).toBe(0);
  });
});

describe("a failure", () => {
  test("rejects once, with the first error, and starts no more", async () => {
    const started: number[] = [];
    const work = parallel(
      [0, 1, 2, 3, 4],
      async (item) => {
        started.push(item);
        await turn();
        throw new Error(`failed ${item}`);
      },
      { concurrency: 2 },
    );
    expect((await errorOf(work)).message).toBe("failed 0");
    await turn();
    expect(started).toEqual([0, 1]);
  });

  test("that is thrown at once, or is no error, is thrown as it is", async () => {
    const thrown = { code: 7 };
    const throwing = () => {
      throw thrown;
    };
    expect(await errorOf(parallel([1, 2], throwing))).toBe(thrown);
    expect(await parallel([1], throwing, { settle: true })).toEqual([{ ok: false, error: thrown }]);
  });

  test("aborts the signal of the others, with the failure as the cause", async () => {
    const reasons: any[] = [];
    const failure = new Error("failed");
    await errorOf(
      parallel(["wait", "fail"], async (item, { signal }) => {
        if (item === "fail") throw failure;
        await untilAborted(signal).catch((reason) => {
          reasons.push(reason);
          throw reason;
        });
      }),
    );
    await turn();
    expect(reasons.map(({ cause }) => cause)).toEqual([failure]);
  });

  test("does not wait for those that do not listen", async () => {
    const forever = new Promise<never>(() => {});
    const work = parallel([forever, Promise.reject(new Error("failed"))], (item) => item);
    expect((await errorOf(work)).message).toBe("failed");
  });
});

describe("the caller's signal", () => {
  test("aborts those that run, starts no more, and rejects with its reason", async () => {
    const controller = new AbortController();
    const started: number[] = [];
    const work = parallel(
      [0, 1, 2, 3],
      async (item, { signal }) => {
        started.push(item);
        if (item === 1) controller.abort(new Error("Enough."));
        await untilAborted(signal);
      },
      { signal: controller.signal, concurrency: 3 },
    );
    const error = await errorOf(work);
    expect(error).toBeInstanceOf(AbortedError);
    expect(error.reason.message).toBe("Enough.");
    expect(started).toEqual([0, 1]);
  });

  test("that is aborted already starts nothing, with settle too", async () => {
    const counted = counter();
    for (const settle of [true, false] as const)
      expect(
        await errorOf(
          parallel([1], (item) => counted.work(item), { signal: AbortSignal.abort(), settle: settle as true }),
        ),
      ).toBeInstanceOf(AbortedError);
    expect(counted.started).toBe(0);
  });

  test("bears no listener afterwards", async () => {
    const { signal } = new AbortController();
    await parallel([1, 2], async () => {}, { signal });
    await errorOf(parallel([1, 2], () => Promise.reject(new Error("failed")), { signal }));
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("of an override around it counts for the calls in it", async () => {
    const controller = new AbortController();
    controller.abort();
    const ask = call({ id: "test/x", run: () => expect.fail("was asked") })(() => "Hi");
    const asked = override({ signal: controller.signal }, () => parallel([1], () => ask()));
    expect(await errorOf(asked)).toBeInstanceOf(Error);
  });
});

describe("items that come one by one", () => {
  test("are taken no faster than they run", async () => {
    const counted = counter();
    let taken = 0;
    async function* source() {
      for (let item = 0; item < 12; item++) {
        taken++;
        yield item;
      }
    }
    const work = parallel(
      source(),
      (item) => {
        // One more may be on its way.
        expect(taken - counted.started).toBeLessThanOrEqual(2);
        return counted.work(item, 2);
      },
      { concurrency: 3 },
    );
    expect(await work).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(counted.peak).toBe(3);
  });

  test("are worked on while the next one is waited for", async () => {
    const done: number[] = [];
    async function* source() {
      yield 1;
      while (done.length === 0) await turn();
      yield 2;
    }
    await parallel(source(), async (item) => void done.push(item));
    expect(done).toEqual([1, 2]);
  });

  test("are closed after a failure, also while the next one is waited for", async () => {
    let closed = false;
    const never: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => {
        let first = true;
        return {
          next: () => {
            if (!first) return new Promise(() => {});
            first = false;
            return Promise.resolve({ value: 1, done: false });
          },
          return: async () => {
            closed = true;
            throw new Error("The closing fails too.");
          },
        };
      },
    };
    const failing = parallel(never, () => Promise.reject(new Error("failed")));
    expect((await errorOf(failing)).message).toBe("failed");
    expect(closed).toBe(true);
  });

  test.each([true, false])(
    "that end with an error abort those that run, and the error is thrown (settle: %s)",
    async (settle) => {
      let aborted = false;
      async function* source() {
        yield 1;
        await turn();
        throw new Error("No more items.");
      }
      const work = parallel(
        source(),
        async (_, { signal }) => {
          await untilAborted(signal).catch(() => {
            aborted = true;
          });
        },
        { settle: settle as true },
      );
      expect((await errorOf(work)).message).toBe("No more items.");
      await turn();
      expect(aborted).toBe(true);
    },
  );

  test("may be very many, without anything left behind for each", async () => {
    const before = process.memoryUsage().heapUsed;
    let most = 0;
    function* source() {
      for (let item = 0; item < 200_000; item++) {
        if (item % 20_000 === 0) most = Math.max(most, process.memoryUsage().heapUsed);
        yield item;
      }
    }
    const results = await parallel(source(), async () => {}, { concurrency: 4 });
    expect(results).toHaveLength(200_000);
    expect(most - before).toBeLessThan(150 * 1024 * 1024);
  });
});
