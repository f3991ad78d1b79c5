import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { call, type Model } from "callwright";
import { type WireReply, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { providerOf, references, signalled, stalling } from "./wire-chunks.js";

let server: WireServer;
const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
beforeEach(async () => {
  server = await wireServer();
  unhandled.length = 0;
  process.on("unhandledRejection", note);
});
afterEach(async () => {
  await server.close();
  await settled();
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});

/** Two turns of the loop: by then, a rejection that nobody handles was reported. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when the server has seen that the client is gone. */
async function seenByServer(): Promise<void> {
  const request = await server.arrived();
  await request.closed;
  expect(request.aborted).toBe(true);
}

describe.each(references)("leaving a stream of %s", (reference) => {
  const streaming = (
    options: { signal?: AbortSignal } = {},
    reply: WireReply = stalling(["one ", "two ", "three"]),
  ) => {
    server.reply(reply);
    return call(reference, { ...server[providerOf(reference)], stream: true, ...options })(() => "Hi")();
  };

  test("by a break closes the connection, keeps what came, and response() rejects with it", async () => {
    const stream = await streaming();
    let chunks = 0;
    for await (const _ of stream) if (++chunks === 2) break;
    await seenByServer();
    expect(stream.content).toBe("one two ");
    const rejection: any = await stream.response().catch((error) => error);
    expect(rejection).toMatchObject({ code: "stream_interrupted" });
    expect(rejection.partial.content).toBe("one two ");
    expect(() => stream[Symbol.asyncIterator]()).toThrowError(expect.objectContaining({ code: "stream_consumed" }));
    expect(stream.content).toBe("one two ");
  });

  test("by an error in the loop closes the connection, and the error is the loop's own", async () => {
    const stream = await streaming();
    const loop = async () => {
      for await (const _ of stream) throw new RangeError("mine");
    };
    await expect(loop()).rejects.toThrow(new RangeError("mine"));
    await seenByServer();
  });

  test("by abort() ends a loop that waits, with the reason", async () => {
    const stream = await streaming();
    const reason = { why: "enough" };
    const texts: string[] = [];
    const loop = (async () => {
      for await (const [chunk] of stream) {
        texts.push(chunk.content);
        if (texts.length === 3) setImmediate(() => stream.abort(reason));
      }
    })();
    const error: any = await loop.catch((error) => error);
    expect(error).toMatchObject({ code: "aborted", reason });
    expect(error.partial.content).toBe("one two three");
    await seenByServer();
    const rejection: any = await stream.response().catch((error) => error);
    expect(rejection).toMatchObject({ code: "stream_interrupted", cause: error });
  });

  test("by abort() inside the loop ends it with the next step", async () => {
    const stream = await streaming({}, { text: ["one ", "two ", "three"] });
    const texts: string[] = [];
    const loop = (async () => {
      for await (const [chunk] of stream) {
        texts.push(chunk.content);
        stream.abort("enough");
      }
    })();
    await expect(loop).rejects.toMatchObject({ code: "aborted", reason: "enough" });
    expect(texts).toEqual(["one "]);
  });

  test("by abort() before anything was read closes the connection", async () => {
    const stream = await streaming();
    stream.abort();
    await seenByServer();
    await expect(stream.response()).rejects.toMatchObject({ code: "stream_interrupted" });
  });

  test("by its disposal closes the connection", async () => {
    const stream = await streaming();
    await stream[Symbol.asyncDispose]();
    await seenByServer();
    await stream[Symbol.asyncDispose]();
  });

  test("by its disposal after the end changes nothing", async () => {
    const stream = await streaming({}, { text: "Hello" });
    await stream.response();
    await stream[Symbol.asyncDispose]();
    stream.abort();
    expect((await stream.response()).content).toBe("Hello");
    expect((await server.arrived()).aborted).toBe(false);
  });

  test("by an aborted signal ends the loop with its reason, and leaves no listener", async () => {
    const controller = new AbortController();
    const stream = await streaming({ signal: controller.signal });
    const reason = new Error("the user left");
    const loop = (async () => {
      for await (const [chunk] of stream) if (chunk.content === "three") setImmediate(() => controller.abort(reason));
    })();
    await expect(loop).rejects.toMatchObject({ code: "aborted", reason, cause: reason });
    await seenByServer();
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  test("by a signal that was aborted before sends no request", async () => {
    const reason = new Error("too late");
    await expect(streaming({ signal: AbortSignal.abort(reason) })).rejects.toMatchObject({ code: "aborted", reason });
    const plain = call(reference, { ...server[providerOf(reference)], signal: AbortSignal.abort(reason) });
    await expect(plain(() => "Hi")()).rejects.toMatchObject({ code: "aborted", reason });
    await settled();
    expect(server.requests).toHaveLength(0);
    expect(server.connections).toBe(0);
  });

  test("by a signal while the server has not answered rejects the call at once", async () => {
    for (const stream of [true, false]) {
      const controller = new AbortController();
      server.reply({ delayMs: Number.POSITIVE_INFINITY });
      const before = server.requests.length;
      const options = { ...server[providerOf(reference)], signal: controller.signal, stream };
      const asked = call(reference, options)(() => "Hi")();
      const request = await server.arrived(before + 1);
      controller.abort("enough");
      await expect(asked).rejects.toMatchObject({ code: "aborted", reason: "enough" });
      await request.closed;
      expect(request.aborted).toBe(true);
      expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
    }
  });

  test("by a signal in the middle of a plain answer rejects the call, and closes the connection", async () => {
    const controller = new AbortController();
    server.reply({ raw: `{"id":${" ".repeat(100_000)}`, splitAt: [50_000], hangAfter: 1 });
    const asked = call(reference, { ...server[providerOf(reference)], signal: controller.signal })(() => "Hi")();
    await server.arrived();
    // The first half is on its way; whether it was read makes no difference.
    await settled();
    controller.abort("enough");
    await expect(asked).rejects.toMatchObject({ code: "aborted", reason: "enough" });
    await seenByServer();
  });

  test("by textStream()'s break closes the connection", async () => {
    const stream = await streaming();
    for await (const text of stream.textStream()) if (text === "two ") break;
    await seenByServer();
    expect(stream.content).toBe("one two ");
  });

  test("by dropping it closes the connection when it is collected, untouched or half read", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    for (const read of [0, 1]) {
      const before = server.requests.length;
      await (async () => {
        const stream = await streaming();
        if (read > 0) await stream[Symbol.asyncIterator]().next();
      })();
      const request = await server.arrived(before + 1);
      let closed = false;
      void request.closed.then(() => {
        closed = true;
      });
      for (let turn = 0; turn < 100 && !closed; turn++) {
        collect();
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      expect(closed).toBe(true);
    }
  });

  test("never happens to one that is still read, whatever is collected", async () => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const { seen, see } = signalled();
    const stream = streaming(
      {},
      {
        text: (async function* () {
          yield "a";
          await seen;
          yield "b";
        })(),
      },
    );
    const loop = (async () => {
      let text = "";
      for await (const [chunk] of await stream) text += chunk.content;
      return text;
    })();
    await server.arrived();
    for (let turn = 0; turn < 10; turn++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    see();
    expect(await loop).toBe("ab");
  });

  test("one signal for many calls keeps no listener of those that are over", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const access = server[providerOf(reference)];
    server.reply({ text: ["a", "b"] });
    const streamed = call(reference, { ...access, signal, stream: true })(() => "Hi");
    const plain = call(reference, { ...access, signal })(() => "Hi");
    await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        if (index % 3 === 0) return plain();
        const stream = await streamed();
        if (index % 3 === 1) return stream.response();
        for await (const _ of stream) break;
        return undefined;
      }),
    );
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });
});

describe("a model of one's own hears that its stream was left", () => {
  const forever = new Promise<never>(() => {});

  test("by the signal of its request", async () => {
    let signal: AbortSignal | undefined;
    const model: Model = {
      id: "own/model",
      run(request) {
        signal = request.signal;
        const first = [{ value: { type: "text-delta", text: "a" } as const, done: false as const }];
        return { [Symbol.asyncIterator]: () => ({ next: async () => first.pop() ?? forever }) };
      },
    };
    for await (const _ of await call(model, { stream: true })(() => "Hi")()) break;
    expect(signal?.aborted).toBe(true);
  });

  test("by the end of its generator", async () => {
    let left = false;
    const model: Model = {
      id: "own/model",
      async *run() {
        try {
          yield { type: "text-delta", text: "a" };
          yield { type: "text-delta", text: "b" };
        } finally {
          left = true;
        }
      },
    };
    for await (const _ of await call(model, { stream: true })(() => "Hi")()) break;
    expect(left).toBe(true);
  });
});
