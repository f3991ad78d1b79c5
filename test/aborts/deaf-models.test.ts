import { AbortedError, call, type Model } from "callwright";
import { afterEach, describe, expect, test, vi } from "vitest";

afterEach(() => void vi.useRealTimers());

/** A model of one's own that neither answers nor looks at its signal. */
const deaf: Model = {
  id: "own/deaf",
  run: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }),
};
/** One that passes the reason of an abort on as it is. */
const raw: Model = {
  id: "own/raw",
  async *run({ signal }) {
    yield { type: "start", id: "1", model: "raw" };
    await new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  },
};

describe.each([
  ["does not heed its signal", deaf],
  ["rejects with the reason of the abort", raw],
])("a model of one's own that %s", (_, model) => {
  test("is left at an abort, with an AbortedError and its reason", async () => {
    const caller = new AbortController();
    const plain = call(model, { signal: caller.signal })(() => "Hi")();
    const streamed = call(model, { signal: caller.signal, stream: true })(() => "Hi")().then((stream) =>
      stream.response(),
    );
    const errors = Promise.all([plain, streamed].map((asked) => asked.catch((error: unknown) => error)));
    await new Promise((resolve) => setImmediate(resolve));
    caller.abort("enough");
    for (const error of await errors) {
      expect(error).toBeInstanceOf(AbortedError);
      expect(error).toMatchObject({ reason: "enough" });
    }
  });

  test("is left when the time of the call is over, unless said otherwise after ten minutes", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const asked = call(model)(() => "Hi")().catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(await asked).toMatchObject({ code: "timeout", phase: "total" });
  });
});
