import {
  BaseTool,
  type CacheStore,
  cache,
  call,
  fallback,
  image,
  type ModelEvent,
  type ModelRequest,
  OverloadedError,
  retry,
  system,
  text,
  user,
} from "callwright";
import { script, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { providerOf, references } from "../streams/wire-chunks.js";
import { answering, asking, finish, hello, items, read, within } from "./models.js";

/** A store that keeps JSON, as one in another process would. */
function jsonStore() {
  const entries = new Map<string, string>();
  const store: CacheStore = {
    async get(key) {
      const entry = entries.get(key);
      return entry === undefined ? undefined : JSON.parse(entry);
    },
    async set(key, events) {
      entries.set(key, JSON.stringify(events));
    },
  };
  return { store, entries };
}

/** The events of an answer as a cache repeats them. */
const fromCache = (events: readonly ModelEvent[]) =>
  events.map((event) => (event.type === "finish" ? { ...event, cached: true } : event));

describe("a cache", () => {
  const events: readonly ModelEvent[] = [
    { type: "open", provider: "own", requestId: "req_1", headers: { "x-served-by": "one" } },
    { type: "start", id: "own-1", model: "hello" },
    { type: "warning", code: "dropped", message: "topK" },
    { type: "reasoning-delta", text: "Hm.", data: { signature: "abc" } },
    { type: "text-delta", text: "Hel", more: true },
    { type: "text-delta", text: "lo" },
    { type: "tool-start", index: 0, id: "call_1", name: "find" },
    { type: "tool-delta", index: 0, arguments: '{"a":1}' },
    { type: "tool-end", index: 0 },
    { ...finish(10, 5), raw: { id: "own-1", choices: [] }, more: true } as ModelEvent,
  ];

  test.each([
    ["in this process", () => cache()],
    ["in a store that holds JSON", () => cache({ store: jsonStore().store })],
  ])("%s gives the same events again, and asks nobody", async (_, make) => {
    const model = answering(() => events);
    const cached = make()(model);
    expect(await read(cached)).toEqual(events);
    expect(await read(cached)).toEqual(fromCache(events));
    expect(model.starts).toHaveLength(1);
  });

  test("is not changed by what is done to an answer", async () => {
    const cached = cache()(answering(() => structuredClone(events)));
    for (const _ of items(2)) {
      const answer: any[] = await read(cached);
      answer.at(-1).raw.choices.push("mine");
      answer[4].text = "mine";
    }
    expect(await read(cached)).toEqual(fromCache(events));
  });

  const base = asking("Hi", { params: { temperature: 0 } });
  const tool = {
    name: "find",
    description: "Finds.",
    schema: { type: "object", properties: { a: {}, b: {} } },
    strict: false,
  };
  const of = (more: Partial<ModelRequest>) => ({ ...base, ...more });
  const others: Record<string, ModelRequest> = {
    "another text": asking("Ho", { params: { temperature: 0 } }),
    "a text that looks like two": of({ messages: [user("Hi"), user("")] }),
    "the same in another role": of({ messages: [system("Hi")] }),
    "parts ab and c": of({ messages: [user([text("ab"), text("c")])] }),
    "parts a and bc": of({ messages: [user([text("a"), text("bc")])] }),
    "one part abc": of({ messages: [user([text("abc")])] }),
    "é as one character": asking("\u00e9", { params: { temperature: 0 } }),
    "é as two characters": asking("e\u0301", { params: { temperature: 0 } }),
    "JSON with a before b": asking('{"a":1,"b":2}', { params: { temperature: 0 } }),
    "JSON with b before a": asking('{"b":2,"a":1}', { params: { temperature: 0 } }),
    "a picture": of({ messages: [user(image(new Uint8Array([1, 2, 3]), { mediaType: "image/png" }))] }),
    "another picture": of({ messages: [user(image(new Uint8Array([1, 23]), { mediaType: "image/png" }))] }),
    "a picture of the same length": of({
      messages: [user(image(new Uint8Array([3, 2, 1]), { mediaType: "image/png" }))],
    }),
    "a picture by its link": of({ messages: [user(image("https://books.example/1.png"))] }),
    "a picture by another link": of({ messages: [user(image("https://books.example/2.png"))] }),
    "a tool": of({ tools: [tool] }),
    "a tool whose schema has another order": of({
      tools: [{ ...tool, schema: { type: "object", properties: { b: {}, a: {} } } }],
    }),
    "a tool that must be called": of({ tools: [tool], toolChoice: "required" }),
    "one tool at a time": of({ tools: [tool], parallelToolCalls: false }),
    "a schema for the answer": of({ output: { name: "book", schema: {}, strict: true } }),
    "another temperature": of({ params: { temperature: 1 } }),
    "a number as text": of({ params: { temperature: "0" as never } }),
    "a further field": of({ params: { temperature: 0, extraBody: { user: "momo" } } }),
    "the same under another name": of({ params: { temperature: 0, extraBody: { team: "momo" } } }),
    "another day in a further field": of({ params: { temperature: 0, extraBody: { since: new Date(0) } } }),
    "yet another day in it": of({ params: { temperature: 0, extraBody: { since: new Date(1) } } }),
    "a whole answer instead of a stream": of({ stream: false }),
  };

  test("tells requests apart that differ in anything that shapes the answer", async () => {
    const model = answering();
    const cached = cache()(model);
    for (const [index, request] of [base, ...Object.values(others)].entries()) {
      await read(cached, request);
      expect(model.starts.length, Object.keys(others)[index - 1]).toBe(index + 1);
    }
    await read(cache()(answering(undefined, "own/another")), base);
  });

  test("tells models apart by their ids", async () => {
    const one = cache();
    const other = answering(undefined, "own/another");
    await read(one(answering()));
    await read(one(other));
    expect(other.starts).toHaveLength(1);
  });

  test.each<[string, ModelRequest]>([
    ["headers", of({ params: { temperature: 0, headers: { "x-trace": "1" } } })],
    ["a signal", of({ signal: new AbortController().signal })],
    ["metadata", of({ metadata: { team: "library" } })],
    ["a deadline", of(within(60_000))],
    ["the order of parameters and of members that are not set", of({ params: { seed: undefined, temperature: 0 } })],
    ["undefined members", { ...base, tools: undefined, output: undefined }],
  ])("does not tell requests apart by %s", async (_, request) => {
    const model = answering();
    const cached = cache()(model);
    await read(cached, base);
    await read(cached, request);
    expect(model.starts).toHaveLength(1);
  });

  test("does not tell parameters apart by their order", async () => {
    const model = answering();
    const cached = cache()(model);
    await read(cached, of({ params: { temperature: 0, extraBody: { user: "momo", team: "books" } } }));
    await read(cached, of({ params: { extraBody: { team: "books", user: "momo" }, temperature: 0 } }));
    expect(model.starts).toHaveLength(1);
  });

  test("keeps only what was finished", async () => {
    const model = answering(function* (run) {
      yield { type: "text-delta", text: "Hel" };
      if (run === 1) throw new OverloadedError("down", { provider: "own" });
      if (run === 2) return;
      yield* hello;
    });
    const cached = cache()(model);
    await read(cached).catch(() => {});
    await read(cached);
    const left = cached.run(asking())[Symbol.asyncIterator]();
    await left.next();
    await left.return?.();
    await read(cached);
    await read(cached);
    expect(model.starts).toHaveLength(4);
  });

  test("keeps of an answer that began anew what stands after that", async () => {
    const broken = answering(function* () {
      yield { type: "text-delta", text: "void" };
      throw new OverloadedError("down", { provider: "own" });
    });
    const cached = cache()(fallback(answering())(broken));
    expect((await read(cached)).some(({ type }) => type === "restart")).toBe(true);
    const again = await read(cached);
    expect(again.filter(({ type }) => type !== "open" && type !== "warning")).toEqual(fromCache(hello));
  });

  test("forgets the longest unused beyond maxEntries", async () => {
    const model = answering();
    const cached = cache({ maxEntries: 2 })(model);
    const runsOf = async (...texts: string[]) => {
      const before = model.starts.length;
      for (const each of texts) await read(cached, asking(each));
      return model.starts.length - before;
    };
    expect(await runsOf("a", "b", "a", "c")).toBe(3);
    expect(await runsOf("a", "c")).toBe(0);
    expect(await runsOf("b")).toBe(1);
  });

  test("forgets what is older than ttlMs, whatever the system's clock says, and tells its store how long to keep it", async () => {
    vi.useFakeTimers();
    try {
      const model = answering();
      const cached = cache({ ttlMs: 1000 })(model);
      await read(cached);
      expect(vi.getTimerCount()).toBe(0);
      await vi.advanceTimersByTimeAsync(999);
      vi.setSystemTime(Date.now() + 3_600_000);
      await read(cached);
      expect(model.starts).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(1);
      await read(cached);
      expect(model.starts).toHaveLength(2);
    } finally {
      vi.useRealTimers();
    }
    const set = vi.fn(async () => {});
    await read(cache({ store: { get: async () => undefined, set }, ttlMs: 1000 })(answering()));
    expect(set).toHaveBeenCalledWith(expect.stringMatching(/^callwright-1-[0-9a-f]{64}$/), hello, 1000);
  });

  const good = hello.map((event) => ({ ...event }));
  test.each<[string, unknown]>([
    ["text", "[]"],
    ["nothing at all", []],
    ["an object", { 0: good[0], length: 1 }],
    ["an answer that is cut off", good.slice(0, -1)],
    ["an answer with something behind its end", [...good, { type: "text-delta", text: "more" }]],
    ["an event of a kind that is not known", [{ type: "text-delta-2", text: "Hello" }, ...good]],
    ["an event of a kind that every object has", [{ type: "toString" }, ...good]],
    ["an event without its text", [{ type: "text-delta" }, ...good]],
    ["an event with a number for a text", [{ type: "text-delta", text: 5 }, ...good]],
    ["a restart", [{ type: "restart", error: {} }, ...good]],
    ["null among its events", [null, ...good]],
    ["half a usage", [{ type: "finish", reason: "stop", usage: { inputTokens: 5 } }]],
  ])("that holds %s warns, asks the model and keeps its answer instead", async (_, entry) => {
    let kept = entry;
    const model = answering();
    const store: CacheStore = {
      get: async () => kept as never,
      async set(_, events) {
        kept = events;
      },
    };
    const cached = cache({ store })(model);
    const [warning, ...rest] = await read(cached);
    expect(warning).toMatchObject({ type: "warning", code: "cache_ignored" });
    expect(rest).toEqual(hello);
    expect(await read(cached)).toEqual(fromCache(hello));
    expect(model.starts).toHaveLength(1);
  });

  test("whose store fails in any way costs a warning and a request, and not the call", async () => {
    const fail = () => {
      throw new Error("the disk is gone");
    };
    for (const store of [
      { get: fail, set: fail },
      { get: async () => fail(), set: async () => fail() },
    ] as CacheStore[]) {
      const model = answering();
      const [warning, ...rest] = await read(cache({ store })(model));
      expect(warning).toMatchObject({ code: "cache_ignored", message: expect.stringContaining("the disk is gone") });
      expect(rest).toEqual(hello);
    }
    const never = new Promise<never>(() => {});
    expect(await read(cache({ store: { get: async () => undefined, set: () => never } })(answering()))).toEqual(hello);
  });

  test("whose store does not answer is waited for two seconds, and never longer than the caller waits", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    try {
      const get = vi.fn(() => new Promise<never>(() => {}));
      const store: CacheStore = { get, set: async () => {} };
      const model = answering();
      const cached = cache({ store })(model);
      const controller = new AbortController();
      const outcomes = [
        read(cached),
        read(cached, asking("Hi", { signal: controller.signal })),
        read(cached, asking("Hi", within(500))),
      ].map((outcome) =>
        outcome.then(
          ([first]) => first?.type,
          (error) => error.code,
        ),
      );
      // Keys are made beside the event loop.
      while (get.mock.calls.length < 3) await new Promise((resolve) => setImmediate(resolve));
      await vi.advanceTimersByTimeAsync(400);
      controller.abort();
      expect(await outcomes[1]).toBe("aborted");
      await vi.advanceTimersByTimeAsync(100);
      expect(await outcomes[2]).toBe("timeout");
      expect(model.starts).toHaveLength(0);
      await vi.advanceTimersByTimeAsync(1500);
      expect(await outcomes[0]).toBe("warning");
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test("gives nothing to a caller who has given up", async () => {
    const cached = cache()(answering());
    await read(cached);
    await expect(read(cached, asking("Hi", { signal: AbortSignal.abort("enough") }))).rejects.toMatchObject({
      code: "aborted",
      reason: "enough",
    });
  });

  test("keeps no cookies", async () => {
    const { store, entries } = jsonStore();
    const headers = { "set-cookie": "session=secret", "x-served-by": "one" };
    await read(cache({ store })(answering(() => [{ type: "open", provider: "own", headers }, ...hello])));
    expect([...entries.values()].join()).not.toContain("secret");
    expect([...entries.values()].join()).toContain("x-served-by");
  });

  test.each([{ ttlMs: 0 }, { ttlMs: Number.NaN }, { maxEntries: 0 }, { maxEntries: 1.5 }])("refuses %o", (options) => {
    expect(() => cache(options)).toThrow(expect.objectContaining({ code: "configuration" }));
  });

  test("refuses maxEntries for a store of one's own, which it could not hold it to", () => {
    expect(() => cache({ store: jsonStore().store, maxEntries: 5 })).toThrow(/maxEntries/);
  });
});

describe.each(references)("a cache before %s", (reference) => {
  let server: WireServer;
  beforeEach(async () => {
    server = await wireServer();
  });
  afterEach(() => server.close());
  class FindBook extends BaseTool.of({ title: z.string() }) {
    call() {
      return this.title;
    }
  }

  test("answers plain calls and streams alike, with tools and usage, without a request and for nothing", async () => {
    const options = { ...server[providerOf(reference)], tools: [FindBook], use: [cache()] };
    server.reply({ text: ["One ", "moment."], toolCalls: [{ name: "FindBook", args: { title: "Momo" } }] });
    const ask = call(reference, options)(() => "Hi");
    const [first, second] = [await ask(), await ask()];
    for (const name of ["content", "usage", "finishReason", "id", "requestId", "message", "raw"] as const)
      expect(second[name]).toEqual(first[name]);
    expect(second.tool?.call()).toBe("Momo");
    expect(first.cost).toBeGreaterThan(0);
    expect([first.cached, second.cached, second.cost]).toEqual([false, true, 0]);
    expect(server.requests).toHaveLength(1);

    const streaming = call(reference, { ...options, stream: true })(() => "Hi");
    const tuples = async () => {
      const all = [];
      for await (const [chunk, tool] of await streaming()) all.push([chunk, tool?.args]);
      return all;
    };
    expect(await tuples()).toEqual(await tuples());
    expect(server.requests).toHaveLength(2);
  });

  test("does not join calls that run at the same time, and keeps one of their answers", async () => {
    server.reply({ text: "Hello", delayMs: 300 });
    const ask = call(reference, { ...server[providerOf(reference)], use: [cache()] })(() => "Hi");
    await Promise.all([ask(), ask()]);
    expect(server.requests).toHaveLength(2);
    await ask();
    expect(server.requests).toHaveLength(2);
  });

  test("keeps no failure", async () => {
    const ask = call(reference, { ...server[providerOf(reference)], use: [cache()] })(() => "Hi");
    server.reply({ status: 400 }, { text: "Hello" });
    await expect(ask()).rejects.toMatchObject({ status: 400 });
    expect((await ask()).content).toBe("Hello");
  });
});

describe("a cache shows a call what it could not use among the warnings of the response", () => {
  const store: CacheStore = { get: async () => [], set: async () => {} };
  const expected = [{ code: "cache_ignored", message: expect.stringContaining("asked anew") }];

  test("of a model that opens without headers", async () => {
    const response = await call(script(["Hello"]), { use: [cache({ store })] })(() => "Hi")();
    expect(response.content).toBe("Hello");
    expect(response.warnings).toEqual(expected);
  });

  test("of a provider, plain and streamed, also if it is tried again", async () => {
    await using server = await wireServer();
    server.reply({ status: 503 }, { text: "Hello" }, { status: 503 }, { text: "Hello" });
    const access = { ...server.openai, use: [cache({ store }), retry({ delayMs: () => 0 })] };
    const response = await call("openai/gpt-4o-mini", access)(() => "Hi")();
    expect(response.warnings).toEqual(expected);
    const stream = await call("openai/gpt-4o-mini", { ...access, stream: true })(() => "Hi")();
    expect((await stream.response()).warnings).toEqual(expected);
    expect(server.requests).toHaveLength(4);
  });
});
