import { getEventListeners, once } from "node:events";
import { type CallOptions, call, rateLimit, retry, type ToolContext, tool } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ask, type Way, ways } from "../tools/wires.js";
import { type Listening, rawServer } from "../transport/listening.js";
import { turns } from "../turns.js";

let server: WireServer;
/** It accepts, and never says a word of TLS. */
let silent: Listening;
const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);

beforeEach(async () => {
  // What needs a timer never happens here, unless the test lets time pass.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  server = await wireServer();
  unhandled.length = 0;
  process.on("unhandledRejection", note);
  silent = await rawServer();
});
afterEach(async () => {
  await server.close();
  await silent.close();
  await turns(4);
  process.off("unhandledRejection", note);
  vi.useRealTimers();
  expect(unhandled).toEqual([]);
});

/** Runs what is ready to run, and nothing that needs a timer, a socket or another turn of the loop. */
async function microtasks(): Promise<void> {
  for (let task = 0; task < 200; task++) await undefined;
}

/** A call that was brought into a phase. */
interface Brought {
  readonly asked: Promise<unknown>;
  /** Ends what held the call back, after it was aborted. */
  readonly release?: () => unknown;
}
type Asking = (options?: CallOptions) => Promise<unknown>;

const forever = { delayMs: Number.POSITIVE_INFINITY };
const spaces = `{"id":${" ".repeat(100_000)}`;

/** Resolves when it was called; what it calls is for callbacks. */
function moment<T = void>(): { readonly reached: Promise<T>; readonly reach: (value: T) => void } {
  let reach = (_: T) => {};
  const reached = new Promise<T>((resolve) => {
    reach = resolve;
  });
  return { reached, reach };
}

/** How a call comes into each phase that it can be aborted in. */
const phases: Record<string, (way: Way, asking: Asking) => Promise<Brought>> = {
  async "in a rate limit's line"(way, asking) {
    const use = [rateLimit({ concurrency: 1 })];
    const { reached: freed, reach: free } = moment();
    server.reply(async () => {
      await freed;
      return {};
    });
    const first = ask(server, way, { use });
    await server.arrived();
    const asked = asking({ use });
    await turns(2);
    return {
      asked,
      async release() {
        free();
        await first;
        // The place is free for the next.
        await ask(server, way, { use });
        expect(server.requests).toHaveLength(2);
      },
    };
  },

  async "in the line for a connection"(way, asking) {
    const { reached: freed, reach: free } = moment();
    server.reply(async () => {
      await freed;
      return {};
    });
    const first = ask(server, way, { connections: 1 });
    await server.arrived();
    const asked = asking({ connections: 1 });
    await turns(10);
    return {
      asked,
      async release() {
        free();
        await first;
        await ask(server, way, { connections: 1 });
        expect(server.requests).toHaveLength(2);
        expect(server.connections).toBe(1);
      },
    };
  },

  async "while it connects"(_, asking) {
    const connected = silent.connected();
    const asked = asking({ baseURL: `https://${silent.host}/v1` });
    asked.catch(() => {});
    const closed = once(await connected, "close");
    return { asked, release: () => closed };
  },

  async "before it is answered"(_, asking) {
    server.reply(forever);
    const asked = asking();
    const request = await server.arrived();
    return { asked, release: () => request.closed };
  },

  async "in the middle of the answer"({ stream }, asking) {
    const { reached, reach } = moment();
    if (stream) {
      const text = {
        async *[Symbol.asyncIterator]() {
          yield* ["one ", "two "];
          await new Promise(() => {});
        },
      };
      server.reply({ text });
    } else server.reply({ raw: spaces, splitAt: [50_000], hangAfter: 1 });
    const asked = asking({ metadata: { onChunk: reach } });
    const request = await server.arrived();
    if (stream) await reached;
    else await turns(10);
    return { asked, release: () => request.closed };
  },

  async "between two tries"(_, asking) {
    const { reached, reach } = moment();
    server.reply({ status: 529 }, {});
    const delayMs = () => {
      reach();
      return 1000;
    };
    const asked = asking({ use: [retry({ delayMs })] });
    await reached;
    await turns(2);
    return { asked };
  },

  async "while a tool runs"(_, asking) {
    const { reached, reach } = moment<AbortSignal>();
    server.reply({ toolCalls: [{ name: "work", args: {} }] }, {});
    const work = tool({ name: "work", description: "Works" })((_: unknown, { signal }: ToolContext) => {
      reach(signal);
      return new Promise(() => {});
    });
    const asked = asking({ tools: [work], maxSteps: 2 });
    const signal = await reached;
    return { asked, release: () => expect(signal.aborted).toBe(true) };
  },
};

describe.each(ways)("a call of %s", (_, way) => {
  /** Asks, and reads a stream to its end in a loop; the loop tells of its chunks. */
  const askingWith =
    (signal: AbortSignal) =>
    async (options: CallOptions = {}) => {
      const all = { ...server[way.provider], signal, ...options };
      const reference = way.provider === "openai" ? "openai/gpt-4o-mini" : "anthropic/claude-haiku-4-5";
      if (!way.stream) return call(reference, all)(() => "Hi")();
      const stream = await call(reference, { ...all, stream: true })(() => "Hi")();
      for await (const [{ text }] of stream) if (text === "one two ") (options.metadata?.onChunk as () => void)?.();
      return "the loop ended";
    };

  // First in this file, when neither the SDK nor the price table has been loaded: nobody waits for them.
  test("that is aborted as soon as it was made ends at once, and does not even connect", async () => {
    const reason = new Error("never mind");
    const controller = new AbortController();
    let end: unknown;
    askingWith(controller.signal)().catch((error) => {
      end = error;
    });
    controller.abort(reason);
    await microtasks();
    expect(end).toMatchObject({ name: "AbortedError", reason });
    await turns(20);
    expect([server.requests.length, server.connections]).toEqual([0, 0]);
  });

  test.each(Object.entries(phases))(
    "that is aborted %s ends at once, with the reason, and asks nothing more",
    async (_, bring) => {
      const controller = new AbortController();
      const { signal } = controller;
      const { asked, release } = await bring(way, askingWith(signal));
      const requests = server.requests.length;
      let end: unknown;
      asked.then(
        () => {
          end = "it went well";
        },
        (error) => {
          end = error;
        },
      );
      await microtasks();
      expect(end).toBeUndefined();
      const reason = new Error("the user left");
      controller.abort(reason);
      // Not even one turn of the event loop later: whatever the machine is busy with, it is done within the abort's own turn.
      await microtasks();
      expect(end).toMatchObject({ name: "AbortedError", reason });
      expect(getEventListeners(signal, "abort")).toEqual([]);
      await turns(10);
      expect(server.requests).toHaveLength(requests);
      await release?.();
      const after = server.requests.length;
      await vi.advanceTimersByTimeAsync(3_600_000);
      await turns(10);
      expect(server.requests).toHaveLength(after);
    },
  );

  test("that is aborted anywhere on its way to the server ends with the reason", async () => {
    server.reply(forever);
    for (let tasks = 0; tasks < 60; tasks++) {
      const reason = new Error(`after ${tasks} microtasks`);
      const controller = new AbortController();
      let end: unknown;
      askingWith(controller.signal)().catch((error) => {
        end = error;
      });
      for (let task = 0; task < tasks; task++) await undefined;
      controller.abort(reason);
      await microtasks();
      expect(end).toMatchObject({ name: "AbortedError", reason });
      expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    }
    await turns(20);
    await Promise.all(server.requests.map(({ closed }) => closed));
    expect(server.requests.filter(({ aborted }) => !aborted)).toEqual([]);
  });

  test("that is aborted while it connects takes no one along who comes right after it", async () => {
    const options = { baseURL: `https://${silent.host}/v1`, connections: 1, use: [retry({ retries: 0 })] };
    const [first, second] = [new AbortController(), new AbortController()];
    const left = askingWith(first.signal)(options).catch((error) => error);
    await silent.connected();
    first.abort("left");
    // As many microtasks as a call needs to the connection, and some less, and some more.
    const others: unknown[] = [];
    for (let tasks = 0; tasks < 60; tasks++) {
      askingWith(second.signal)(options).catch((error) => others.push(error));
      await undefined;
    }
    expect(await left).toMatchObject({ name: "AbortedError", reason: "left" });
    await silent.connected();
    await turns(10);
    expect(others).toEqual([]);
    second.abort("over");
    await microtasks();
    expect(others).toHaveLength(60);
    expect(others.every((error: any) => error.reason === "over")).toBe(true);
  });

  test("that is aborted before it begins sends nothing", async () => {
    const reason = new Error("too late");
    const signal = AbortSignal.abort(reason);
    let end: unknown;
    askingWith(signal)().catch((error) => {
      end = error;
    });
    await microtasks();
    expect(end).toMatchObject({ name: "AbortedError", reason });
    expect(getEventListeners(signal, "abort")).toEqual([]);
    await vi.advanceTimersByTimeAsync(3_600_000);
    await turns(10);
    expect([server.requests.length, server.connections]).toEqual([0, 0]);
  });

  test("that is aborted after its end keeps its answer", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    server.reply({ text: ["one ", "two"] });
    const { requests } = server;
    const answer = await ask(server, way, { signal });
    expect(getEventListeners(signal, "abort")).toEqual([]);
    controller.abort(new Error("too late"));
    await vi.advanceTimersByTimeAsync(3_600_000);
    await turns(10);
    expect(answer).toMatchObject({ content: "one two", finishReason: "stop" });
    expect(requests.map(({ aborted }) => aborted)).toEqual([false]);
  });
});
