import { getEventListeners } from "node:events";
import { type CallStream, call, type Model, type ModelEvent, retry, type Timeouts, timeout } from "callwright";
import { script, type WireReply } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { errorOf, onBothWires } from "./calls/wires.js";

onBothWires((wire) => {
  const options = (limits: Timeouts) => ({ ...wire.access, use: [timeout(limits)] });
  const ask = (limits: Timeouts) => call(wire.reference, options(limits))(() => "Hi")();
  const open = (limits: Timeouts): Promise<CallStream> =>
    call(wire.reference, { ...options(limits), stream: true })(() => "Hi")();

  const reading = async (limits: Timeouts) => {
    for await (const _ of await open(limits));
  };

  /** Chunks of the wire up to the first of the text. */
  const untilText = wire.provider === "openai" ? 2 : 4;

  type Row = readonly [what: string, reply: WireReply, limits: Timeouts, phase: string];
  const rows: Row[] = [
    ["no headers", { delayMs: Number.POSITIVE_INFINITY }, { totalMs: 60 }, "total"],
    ["no headers", { delayMs: Number.POSITIVE_INFINITY }, { firstEventMs: 20 }, "first-event"],
    ["headers and no output", { text: "x", hangAfter: untilText - 1 }, { firstEventMs: 20 }, "first-event"],
    ["a stall between two outputs", { text: ["x", "y"], hangAfter: untilText }, { idleMs: 20 }, "idle"],
    ["too long in all", { text: ["x", "y"], hangAfter: untilText }, { totalMs: 100 }, "total"],
  ];

  test.each(rows)(
    "a stream with %s is ended by its limit, and the connection closed",
    async (_, reply, limits, phase) => {
      wire.server.reply(reply);
      expect(await errorOf(reading(limits))).toMatchObject({ name: "TimeoutError", code: "timeout", phase });
      await Promise.all(wire.server.requests.map(({ closed }) => closed));
      expect(wire.server.requests.every(({ aborted }) => aborted)).toBe(true);
    },
  );

  test("a plain call has a limit in all, and none on the wait for its headers", async () => {
    wire.server.reply({ delayMs: Number.POSITIVE_INFINITY });
    const error = await errorOf(ask({ totalMs: 60 }));
    expect(error).toMatchObject({ name: "TimeoutError", phase: "total", retryable: false });
    expect(error.message).toContain("60 ms");
    wire.server.reply({ delayMs: 100, text: "late" });
    expect((await ask({ firstEventMs: 20, idleMs: 20 })).content).toBe("late");
  });

  test("a retry around it tries again where the limit of one try is over, and not where that of the call is", async () => {
    const silent = { delayMs: Number.POSITIVE_INFINITY };
    const use = [retry({ delayMs: () => 1 }), timeout({ totalMs: 300 })];
    wire.server.reply(silent, { text: "Hello" });
    expect((await call(wire.reference, { ...wire.access, use })(() => "Hi")()).content).toBe("Hello");
    expect(wire.server.requests).toHaveLength(2);
    wire.server.reply(silent);
    const short = { ...wire.access, use, timeouts: { totalMs: 200 } };
    expect(await errorOf(call(wire.reference, short)(() => "Hi")())).toMatchObject({ phase: "total" });
    expect(wire.server.requests).toHaveLength(3);
  });

  test("an error in mid-stream holds what had come", async () => {
    wire.server.reply({ text: ["Once ", "upon"], hangAfter: untilText });
    expect(await errorOf(reading({ idleMs: 20 }))).toMatchObject({ phase: "idle", partial: { content: "Once " } });
  });

  test("a steady stream is not ended by the limit between outputs, however long it is", async () => {
    const text = Array.from({ length: 30 }, (_, n) => `${n} `);
    wire.server.reply({ text, gapMs: 20 });
    const response = await (await open({ firstEventMs: 400, idleMs: 400 })).response();
    expect(response.content).toBe(text.join(""));
  });

  test("the limits that it does not set are those of the call", async () => {
    wire.server.reply({ text: ["Once ", "upon"], hangAfter: untilText });
    const options = {
      ...wire.access,
      use: [timeout({ totalMs: 60_000 })],
      timeouts: { idleMs: 20 },
      stream: true,
    } as const;
    const stream = await call(wire.reference, options)(() => "Hi")();
    expect(await errorOf(stream.response())).toMatchObject({ phase: "idle" });
  });
});

describe("a model that does not listen to its signal", () => {
  /** Says some events with a pause before each, and then nothing, whatever the signal says. */
  const deaf = (events: readonly ModelEvent[], before: () => Promise<unknown> = async () => {}) => {
    const seen: AbortSignal[] = [];
    const model: Model = {
      id: "deaf/model",
      async *run({ signal }) {
        if (signal) seen.push(signal);
        for (const event of events) {
          await before();
          yield event;
        }
        await new Promise(() => {});
      },
    };
    return { model, seen };
  };
  const text: ModelEvent = { type: "text-delta", text: "x" };

  test.each<readonly [string, readonly ModelEvent[], Timeouts, string]>([
    ["never answers", [], { totalMs: 20 }, "total"],
    ["never answers", [], { firstEventMs: 20 }, "first-event"],
    ["only opens and warns", [{ type: "warning", code: "c", message: "m" }], { firstEventMs: 20 }, "first-event"],
    ["stalls", [text], { idleMs: 20 }, "idle"],
  ])("and %s is left all the same, and its signal aborted", async (_, events, limits, phase) => {
    const { model, seen } = deaf(events);
    const use = [timeout(limits)];
    const asking = async () => (await call(model, { use, stream: true })(() => "Hi")()).response();
    expect(await errorOf(asking)).toMatchObject({ name: "TimeoutError", phase });
    expect(seen[0]?.aborted).toBe(true);
  });

  test("is left by a break in the loop as well", async () => {
    const { model, seen } = deaf([text, text]);
    const stream = await call(model, { use: [timeout({ totalMs: 60_000 })], stream: true })(() => "Hi")();
    for await (const _ of stream) break;
    expect(seen[0]?.aborted).toBe(true);
  });

  test("is ended by the caller's abort at once, and no listener stays on the caller's signal", async () => {
    const { model, seen } = deaf([]);
    const controller = new AbortController();
    const ask = call(model, { use: [timeout({ totalMs: 60_000 })], signal: controller.signal })(() => "Hi");
    const asking = errorOf(ask());
    await expect.poll(() => seen.length).toBe(1);
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await asking).toMatchObject({ name: "AbortedError", reason });
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  test("and is slower than the limit of its first output, but not than all, is waited for in a plain call", async () => {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 60));
    const { model } = deaf([text, { type: "finish", reason: "stop" }], pause);
    const whole: Model = {
      id: model.id,
      async *run(request) {
        for await (const event of model.run(request)) {
          yield event;
          if (event.type === "finish") return;
        }
      },
    };
    const ask = call(whole, { use: [timeout({ firstEventMs: 10, idleMs: 10 })] })(() => "Hi");
    expect((await ask()).content).toBe("x");
  });
});

test("a model that is in time is not touched, and nothing is left behind", async () => {
  const controller = new AbortController();
  const use = [timeout({ totalMs: 60_000, firstEventMs: 60_000, idleMs: 60_000 })];
  const ask = call(script(Array.from({ length: 20 }, () => "x")), { use, signal: controller.signal })(() => "Hi");
  for (let i = 0; i < 20; i++) expect((await ask()).content).toBe("x");
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  expect(process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length).toBeLessThan(20);
});

test("the sooner of two limits counts, wherever they stand", async () => {
  const model: Model = {
    id: "deaf/model",
    async *run() {
      await new Promise(() => {});
    },
  };
  for (const use of [
    [timeout({ totalMs: 20 }), timeout({ totalMs: 60_000 })],
    [timeout({ totalMs: 60_000 }), timeout({ totalMs: 20 })],
  ]) {
    expect(await errorOf(call(model, { use })(() => "Hi")())).toMatchObject({ name: "TimeoutError", phase: "total" });
  }
});

test.each([0, -1, Number.NaN, "5" as never])("a limit of %s is refused where it is made", (totalMs) => {
  expect(() => timeout({ totalMs })).toThrow(/timeouts\.totalMs must be/);
});

test("a limit beyond what a timer can hold is no limit that fires at once", async () => {
  const use = [timeout({ totalMs: 2 ** 31, idleMs: Number.MAX_SAFE_INTEGER })];
  expect((await call(script(["x"]), { use })(() => "Hi")()).content).toBe("x");
});
