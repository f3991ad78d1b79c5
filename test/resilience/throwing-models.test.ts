import { getEventListeners } from "node:events";
import { call, type Model, type ModelRequest, OverloadedError, retry, timeout } from "callwright";
import { script } from "callwright/testing";
import { expect, test } from "vitest";
import { errorOf } from "../calls/wires.js";

/** A model whose `run` throws before it gives anything to iterate, so many times. */
function throwing(times: number): Model & { runs: number } {
  const inner = script(["Hello."]);
  const model = {
    id: "test/throwing",
    runs: 0,
    run(request: ModelRequest) {
      if (++model.runs <= times) throw new OverloadedError("busy", { provider: "test", status: 529 });
      return inner.run(request);
    },
  };
  return model;
}
const quick = retry({ delayMs: () => 1 });

test.each([false, true])(
  "a run that throws at once is tried again like any other failure (streamed: %s)",
  async (stream) => {
    const model = throwing(2);
    const asked: any = await call(model, { use: [quick], stream } as object)(() => "Hi")();
    expect((stream ? await asked.response() : asked).content).toBe("Hello.");
    expect(model.runs).toBe(3);
  },
);

test.each([false, true])("a run that throws at once leaves no listener behind (streamed: %s)", async (stream) => {
  const { signal } = new AbortController();
  // As middleware it stands above what callwright puts around every model.
  const use = [timeout({ totalMs: 1000 }), () => throwing(Number.POSITIVE_INFINITY)];
  for (const wrapped of [use, use.slice(1)]) {
    const error = await errorOf(call(script(["never"]), { use: wrapped, signal, stream } as object)(() => "Hi")());
    expect(error.message).toBe("busy");
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  }
});

test("an iterator whose next() throws at once is a failure of the stream, which closes it", async () => {
  const { signal } = new AbortController();
  const model: Model = {
    id: "test/next",
    run: () => ({
      [Symbol.asyncIterator]: () => ({
        next() {
          throw new RangeError("no next");
        },
      }),
    }),
  };
  const asked = call(script(["never"]), { use: [() => model], signal, stream: true })(() => "Hi")();
  expect((await errorOf(asked)).message).toBe("no next");
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("closing an iterator whose return() is not what it should be breaks nothing", async () => {
  for (const closing of [() => undefined, () => Promise.reject(new Error("no")), "throw"] as const) {
    const model: Model = {
      id: "test/return",
      run: () => ({
        [Symbol.asyncIterator]: () => ({
          next: async () => ({ value: { type: "text-delta", text: "a" }, done: false }) as const,
          return() {
            if (closing === "throw") throw new Error("no");
            return closing() as any;
          },
        }),
      }),
    };
    const stream = await call(model, { stream: true })(() => "Hi")();
    for await (const _ of stream) break;
    expect(stream.content).toBe("a");
  }
});
