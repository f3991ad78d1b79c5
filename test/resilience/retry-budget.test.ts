import { call, type Model, type ModelEvent, type ModelRequest, OverloadedError, parallel, retry } from "callwright";
import { type WireRequest, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { providerOf, references } from "../streams/wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const items = (count: number) => Array.from({ length: count }, (_, index) => index);
const soon = retry({ delayMs: () => 5 });

describe.each(references)("the retries of all calls of %s", { timeout: 60_000 }, (reference) => {
  const asking = (options: object = {}) =>
    call(reference, { ...server[providerOf(reference)], ...options })((name: number) => `Call ${name}.`);
  /** Answers 503 to the first two requests of each call. */
  const twiceDown = () => {
    const met = new Map<string, number>();
    return ({ body }: WireRequest) => {
      const name = JSON.stringify(body.messages);
      met.set(name, (met.get(name) ?? 0) + 1);
      return (met.get(name) ?? 0) <= 2 ? { status: 503 } : { text: "Hello" };
    };
  };

  test("in a total outage, 1,000 calls of which 64 run at once, are 100 at most", async () => {
    server.reply({ status: 503 });
    const outcomes = await parallel(items(1000), asking(), { concurrency: 64, settle: true });
    expect(outcomes.filter(({ ok }) => ok)).toEqual([]);
    expect(outcomes.every((outcome) => !outcome.ok && outcome.error instanceof OverloadedError)).toBe(true);
    expect(server.requests).toHaveLength(1100);
  });

  test.each([[[]], [[soon]]])("are enough for 100 calls at once that each meet 503, 503, 200", async (use) => {
    server.reply(twiceDown());
    const responses = await Promise.all(items(100).map(asking({ use })));
    expect(responses.map(({ content }) => content)).toEqual(items(100).map(() => "Hello"));
    expect(server.requests).toHaveLength(300);
  });

  test("are enough for 100 streams at once of which nobody reads one before all are open", async () => {
    server.reply(twiceDown());
    const open = call(reference, { ...server[providerOf(reference)], use: [soon], stream: true })(
      (name: number) => `Call ${name}.`,
    );
    const streams = await Promise.all(items(100).map(open));
    for (const stream of streams) expect((await stream.response()).content).toBe("Hello");
    expect(server.requests).toHaveLength(300);
  });

  test("come back, one with each success, after an outage", async () => {
    server.reply({ status: 503 });
    await parallel(items(60), asking({ use: [soon] }), { settle: true });
    expect(server.requests).toHaveLength(160);
    const requestsOf = async (run: () => Promise<unknown>) => {
      const before = server.requests.length;
      await run();
      return server.requests.length - before;
    };
    expect(await requestsOf(() => asking({ use: [soon] })(0).catch(() => {}))).toBe(1);
    server.reply({ text: "Hello" });
    await asking()(1);
    server.reply({ status: 503 });
    expect(await requestsOf(() => asking({ use: [soon] })(2).catch(() => {}))).toBe(2);
  });

  test("are not used up by answers that no retry could mend, nor by calls that are aborted", async () => {
    for (const _ of items(60)) {
      server.reply({ status: 503 }, { status: 503 }, { status: 400 });
      await asking({ use: [soon] })(0).catch(() => {});
      const controller = new AbortController();
      server.reply({ status: 503 }, () => {
        controller.abort();
        return {};
      });
      await asking({ use: [soon], signal: controller.signal })(0).catch(() => {});
    }
    server.reply({ status: 503 }, { status: 503 }, { text: "Hello" });
    expect((await asking({ use: [soon] })(0)).content).toBe("Hello");
  });

  test("at one address are not used up by an outage at another", async () => {
    server.reply({ status: 503 });
    await parallel(items(60), asking({ use: [soon] }), { settle: true });
    await using other = await wireServer();
    other.reply({ status: 503 }, { status: 503 }, { text: "Hello" });
    expect((await asking({ ...other[providerOf(reference)], use: [soon] })(0)).content).toBe("Hello");
  });
});

describe("the retries of a model without an address", () => {
  const request: ModelRequest = { messages: [{ role: "user", content: "Hi" }], stream: true };
  const down = new OverloadedError("down", { provider: "own" });
  async function read(model: Model, signal?: AbortSignal): Promise<ModelEvent[]> {
    const events: ModelEvent[] = [];
    for await (const event of model.run({ ...request, signal })) events.push(event);
    return events;
  }

  test("are counted for that model, and answers that break before any output do not earn one", async () => {
    let runs = 0;
    const model: Model = {
      id: "own/down",
      async *run() {
        runs++;
        yield { type: "open", provider: "own", headers: {} };
        throw down;
      },
    };
    const patient = retry({ retries: 30, delayMs: () => 0 })(model);
    for (const _ of items(5)) await expect(read(patient)).rejects.toBe(down);
    expect(runs).toBe(105);
  });

  test("are enough for 100 calls that fail at the same moment, again and again", async () => {
    let runs = 0;
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const tries = new Map<unknown, number>();
    const model: Model = {
      id: "own/lockstep",
      async *run({ metadata }) {
        runs++;
        const name = metadata?.name;
        tries.set(name, (tries.get(name) ?? 0) + 1);
        if (tries.get(name) === 2) await gate;
        if ((tries.get(name) ?? 0) < 3) throw down;
        yield { type: "finish", reason: "stop" };
      },
    };
    const soon = retry({ delayMs: () => 0 })(model);
    const all = items(100).map(async (name) => {
      for await (const { type } of soon.run({ ...request, metadata: { name } })) return type;
    });
    // One has to wait, so that there is a token for one of the others to be answered with.
    await expect.poll(() => runs).toBe(199);
    open();
    expect(await Promise.all(all)).toEqual(items(100).map(() => "finish"));
  });

  test("do not keep a caller who gives up, or whose time ends, waiting for the tries of others", async () => {
    let runs = 0;
    const release: (() => void)[] = [];
    const model: Model = {
      id: "own/slow",
      async *run() {
        runs++;
        if (runs > 100) await new Promise<void>((resolve) => release.push(resolve));
        throw down;
      },
    };
    const once = retry({ retries: 1, delayMs: () => 0 })(model);
    const busy = items(100).map(() => read(once).catch(() => {}));
    await expect.poll(() => runs).toBe(200);
    const controller = new AbortController();
    const waiting = items(3).map(() => read(once, controller.signal));
    const late = (async () => {
      const context = { deadline: performance.now() + 50 };
      for await (const _ of once.run({ ...request, context }));
    })();
    for (const step of release.splice(100)) step();
    await expect(late).rejects.toBe(down);
    controller.abort("enough");
    for (const each of waiting) await expect(each).rejects.toMatchObject({ code: "aborted", reason: "enough" });
    for (const step of release) step();
    await Promise.all(busy);
  });
});

describe("the numbers of a retry", () => {
  test.each([
    { retries: -1 },
    { retries: 1.5 },
    { retries: Number.NaN },
    { retries: Number.POSITIVE_INFINITY },
    { retries: "3" as never },
    { maxRetryAfterMs: -1 },
    { maxRetryAfterMs: Number.NaN },
    { maxRetryAfterMs: "3" as never },
  ])("are refused at once where they cannot be: %o", (options) => {
    const [name = ""] = Object.keys(options);
    expect(() => retry(options)).toThrow(
      expect.objectContaining({ code: "configuration", message: expect.stringContaining(name) }),
    );
  });

  test.each([-1, Number.NaN, "3", undefined])("are refused where a delay cannot be: %s", async (delay) => {
    const model: Model = {
      id: "own/down",
      async *run() {
        yield { type: "start", id: "own-1", model: "down" };
        throw new OverloadedError("down", { provider: "own" });
      },
    };
    const read = async () => {
      for await (const _ of retry({ delayMs: () => delay as number })(model).run({ messages: [], stream: true }));
    };
    await expect(read()).rejects.toMatchObject({ code: "configuration", message: expect.stringContaining("delayMs") });
  });
});
