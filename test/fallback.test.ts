import {
  AuthenticationError,
  BaseTool,
  type CallChunk,
  type CallStream,
  call,
  FallbackError,
  fallback,
  type Model,
  type ModelEvent,
  model,
  retry,
  timeout,
} from "callwright";
import { script, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { errorOf, onBothWires } from "./calls/wires.js";

afterEach(() => vi.unstubAllEnvs());

class Look extends BaseTool.of({ at: z.string() }) {
  override call() {
    return `a ${this.at}`;
  }
}

/** A model that says some events, and then fails. */
function failing(
  id: string,
  events: readonly ModelEvent[] = [],
  error: unknown = new Error(`${id} is closed.`),
): Model {
  return {
    id,
    async *run() {
      yield* events;
      throw error;
    },
  };
}

const text = (text: string): ModelEvent => ({ type: "text-delta", text });

async function read(stream: CallStream<any>) {
  const chunks: CallChunk[] = [];
  const tools: unknown[] = [];
  for await (const [chunk, tool] of stream) {
    chunks.push(chunk);
    if (tool) tools.push(tool);
  }
  return { chunks, tools };
}

onBothWires((wire) => {
  /** The server that the second model is on, where only the environment leads. */
  let second: WireServer;
  beforeEach(async () => {
    second = await wireServer();
    vi.stubEnv(wire.other.variables.key, "sk-of-the-second");
    vi.stubEnv(wire.other.variables.url, second[wire.other.provider].baseURL);
  });
  afterEach(() => second.close());

  const use = () => [fallback(wire.other.reference), retry({ retries: 0 })];

  test.each<readonly [string, object]>([
    ["a server error", { status: 500 }],
    ["an overload", { status: 503 }],
    ["a wrong key", { status: 401 }],
    ["a refused request", { status: 400 }],
    ["a broken connection", { drop: "reset" }],
    ["an answer that is none", { raw: "<html>" }],
  ])("the second model answers where the first fails by %s", async (_, reply) => {
    wire.server.reply(reply);
    second.reply({ text: "I am the second." });
    const ask = call(wire.reference, { ...wire.access, use: use() })((question: string) => question);
    const response = await ask("Who are you?");
    expect(response).toMatchObject({ content: "I am the second.", provider: wire.other.provider });
    expect([wire.server.requests.length, second.requests.length]).toEqual([1, 1]);
  });

  test("the second is not asked where the first answers", async () => {
    const response = await call(wire.reference, { ...wire.access, use: use() })(() => "Hi")();
    expect(response.provider).toBe(wire.provider);
    expect(second.connections).toBe(0);
  });

  test("the key, the address and the headers of the first do not go along; its parameters and tools do", async () => {
    wire.server.reply({ status: 500 });
    const options = {
      ...wire.access,
      headers: { "x-secret": "s-1" },
      temperature: 0,
      tools: [Look],
      system: "Be brief.",
    };
    await call(wire.reference, { ...options, use: use() })(() => "Hi")();
    const [{ headers, body } = { headers: {}, body: {} }] = second.requests;
    expect(JSON.stringify(headers)).toContain("sk-of-the-second");
    expect(JSON.stringify(headers)).not.toMatch(/s-1|wire-server/);
    expect(body).toMatchObject({ temperature: 0, tools: [{}], model: wire.other.name });
    expect(JSON.stringify(body)).toContain("Be brief.");
  });

  test("where all fail, the error holds the error of each, in the order in which they were asked", async () => {
    wire.server.reply({ status: 401 });
    second.reply({ status: 400 });
    const error = await errorOf(call(wire.reference, { ...wire.access, use: use() })(() => "Hi")());
    expect(error).toBeInstanceOf(FallbackError);
    expect(error.errors[0]).toBeInstanceOf(AuthenticationError);
    expect(error.errors).toMatchObject([
      { provider: wire.provider, status: 401 },
      { provider: wire.other.provider, status: 400 },
    ]);
    expect(error.cause).toBe(error.errors[1]);
    expect(error.message).toContain(wire.reference);
    expect(error.message).toContain(wire.other.reference);
    expect(JSON.stringify(error)).not.toMatch(/sk-/);
  });

  describe("in the middle of a stream", () => {
    /** Chunks of the first one's wire up to the first of its text. */
    const untilText = wire.provider === "openai" ? 2 : 4;

    const open = (use: readonly any[], tools: readonly any[] = []): Promise<CallStream<any>> =>
      call(wire.reference, { ...wire.access, use, tools, stream: true })(() => "Who are you?")();

    test.each(["errorAfter", "cutAfter", "endAfter"])(
      "the second begins anew where the first breaks by %s",
      async (how) => {
        wire.server.reply({ text: ["I am ", "the fi", "rst."], [how]: untilText + 1 });
        second.reply({ text: ["I am ", "the second."] });
        const stream = await open(use());
        const { chunks } = await read(stream);
        const restart = chunks.findIndex(({ restarted }) => restarted);
        const said = (some: CallChunk[]) => some.map(({ content }) => content).join("");
        expect(said(chunks.slice(0, restart))).toMatch(/^I am /);
        expect(said(chunks.slice(restart))).toBe("I am the second.");
        expect(chunks.filter(({ restarted }) => restarted)).toHaveLength(1);
        expect(chunks[restart]?.text).toBe(chunks[restart]?.content);
        // What was void stands nowhere.
        expect(stream.content).toBe("I am the second.");
        const response = await stream.response();
        expect(response).toMatchObject({ content: "I am the second.", provider: wire.other.provider });
        expect(response.message).toEqual({ role: "assistant", content: "I am the second." });
        expect(response.model).toBe(wire.other.name);
      },
    );

    test("before any output, nobody sees a restart", async () => {
      wire.server.reply({ status: 503 });
      second.reply({ text: "I am the second." });
      const { chunks } = await read(await open(use()));
      expect(chunks.map(({ restarted }) => restarted)).not.toContain(true);
    });

    test("half of a tool's arguments are void with the rest", async () => {
      wire.server.reply({ toolCalls: [{ name: "Look", args: { at: "shelf".repeat(100) } }], cutAfter: 8 });
      second.reply({ toolCalls: [{ name: "Look", args: { at: "book" } }] });
      const stream = await open(use(), [Look]);
      const { tools } = await read(stream);
      expect(tools).toMatchObject([{ at: "book" }]);
      expect((await stream.response()).toolCalls).toHaveLength(1);
    });

    test("where all fail, it is the same error as of a plain call", async () => {
      wire.server.reply({ text: ["I am ", "the first."], errorAfter: untilText + 1 });
      second.reply({ status: 401 });
      const stream = await open(use());
      const error = await errorOf(read(stream));
      expect(error).toMatchObject({ name: "FallbackError", errors: { length: 2 } });
    });

    test("leaving the second closes its connection", async () => {
      wire.server.reply({ status: 503 });
      second.reply({ text: ["I am ", "the second."], hangAfter: 5 });
      for await (const [chunk] of await open(use())) if (chunk.content) break;
      await second.requests[0]!.closed;
      expect(second.requests[0]?.aborted).toBe(true);
    });
  });

  test("the call is tried again before the next model is asked, and the next one tried again as well", async () => {
    const soon = { status: 503, headers: { "retry-after-ms": "1" } };
    wire.server.reply(soon);
    second.reply(soon, soon, { text: "I am the second." });
    const ask = call(wire.reference, { ...wire.access, use: [fallback(wire.other.reference)] })(() => "Hi");
    expect((await ask()).content).toBe("I am the second.");
    expect([wire.server.requests.length, second.requests.length]).toEqual([3, 3]);
  });

  test("a retry around it asks all models again where one may come back, after the longest pause that was asked for", async () => {
    wire.server.reply({ status: 503, headers: { "retry-after-ms": "60" } });
    second.reply({ status: 503, headers: { "retry-after-ms": "1" } }, { text: "I am the second." });
    const asked: number[] = [];
    const around = [retry({ delayMs: () => 1 }), fallback(wire.other.reference)];
    const ask = call(wire.reference, { ...wire.access, use: around })(() => {
      asked.push(performance.now());
      return "Hi";
    });
    expect((await ask()).content).toBe("I am the second.");
    expect(performance.now() - (asked[0] ?? 0)).toBeGreaterThan(60);
    expect([wire.server.requests.length, second.requests.length]).toEqual([2, 2]);
  });

  test("a retry around it gives up where no model may come back", async () => {
    wire.server.reply({ status: 401 });
    second.reply({ status: 400 });
    const around = [retry({ delayMs: () => 1 }), fallback(wire.other.reference)];
    const error = await errorOf(call(wire.reference, { ...wire.access, use: around })(() => "Hi")());
    expect(error).toMatchObject({ code: "fallback", retryable: false });
    expect([wire.server.requests.length, second.requests.length]).toEqual([1, 1]);
  });

  test("an abort asks nobody else", async () => {
    wire.server.reply({ delayMs: Number.POSITIVE_INFINITY });
    const controller = new AbortController();
    const ask = call(wire.reference, { ...wire.access, use: use(), signal: controller.signal })(() => "Hi");
    const asking = errorOf(ask());
    await wire.server.arrived();
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await asking).toMatchObject({ name: "AbortedError", reason });
    expect(second.connections).toBe(0);
  });

  test("the total time limit of the call asks nobody else", async () => {
    wire.server.reply({ delayMs: Number.POSITIVE_INFINITY });
    const ask = call(wire.reference, { ...wire.access, use: use(), timeouts: { totalMs: 100 } })(() => "Hi");
    expect(await errorOf(ask())).toMatchObject({ name: "TimeoutError", phase: "total" });
    expect(second.connections).toBe(0);
  });

  test.each([{ totalMs: 100 }, { firstEventMs: 100 }])(
    "a model that takes longer than it may is followed by the next, which has all of its time: %j",
    async (limits) => {
      wire.server.reply({ delayMs: Number.POSITIVE_INFINITY });
      second.reply({ text: ["I am ", "the second."], delayMs: 300 });
      const around = [fallback(wire.other.reference), retry({ retries: 0 }), timeout(limits)];
      const stream = await call(wire.reference, { ...wire.access, use: around, stream: true })(() => "Hi")();
      expect((await stream.response()).content).toBe("I am the second.");
      await wire.server.requests[0]!.closed;
      expect(wire.server.requests[0]?.aborted).toBe(true);
    },
  );
});

test("a tool whose answer breaks off after it is not handed out, and nobody else is asked", async () => {
  await using server = await wireServer();
  const next = script(["next"]);
  const toolCalls = ["book", "shelf".repeat(100)].map((at) => ({ name: "Look", args: { at } }));
  server.reply({ toolCalls, cutAfter: 10 });
  const options = { ...server.anthropic, use: [fallback(next)], tools: [Look], stream: true } as const;
  const stream = await call("anthropic/claude-haiku-4-5", options)(() => "Hi")();
  const tools: unknown[] = [];
  const error = await errorOf(async () => {
    for await (const [, tool] of stream) if (tool) tools.push(tool);
  });
  expect(tools).toEqual([]);
  expect(error).toMatchObject({ name: "StreamInterruptedError", partial: { tools: [], toolErrors: [{}, {}] } });
  expect(next.requests).toEqual([]);
});

describe("a fallback", () => {
  test("asks models of one's own, one after the other, until one answers", async () => {
    const last = script(["the fourth"]);
    const never = script(["the fifth"]);
    const models = [failing("a/2"), failing("a/3", [{ type: "start", id: "", model: "3" }]), last, never];
    const response = await call(failing("a/1"), { use: [fallback(...models)] })(() => "Hi")();
    expect(response.content).toBe("the fourth");
    expect([last.requests.length, never.requests.length]).toEqual([1, 0]);
  });

  test("tells each model's error, also of what is no error", async () => {
    const use = [fallback(failing("a/2", [], "a string"), failing("a/3", [], null))];
    const error = await errorOf(call(failing("a/1"), { use })(() => "Hi")());
    expect(error.errors).toMatchObject([{ message: "a/1 is closed." }, "a string", null]);
    expect(error.message).toMatch(/a\/1: a\/1 is closed\..*a\/2: a string.*a\/3/s);
  });

  test("inside another hands its error on, and the outer asks on", async () => {
    const inner = fallback(failing("a/2"));
    const outer = fallback(script(["the third"]));
    expect((await call(failing("a/1"), { use: [outer, inner] })(() => "Hi")()).content).toBe("the third");
  });

  test("throws the error of a model that handed out a tool, and asks nobody else", async () => {
    const next = script(["next"]);
    const tool: ModelEvent[] = [
      { type: "tool-start", index: 0, id: "1", name: "Look" },
      { type: "tool-delta", index: 0, arguments: '{"at": "book"}' },
    ];
    const ask = (events: readonly ModelEvent[]) =>
      call(failing("a/1", events), { use: [fallback(next)], stream: true, tools: [Look] })(() => "Hi")();
    expect(await errorOf(async () => read(await ask([...tool, { type: "tool-end", index: 0 }])))).toMatchObject({
      message: "a/1 is closed.",
    });
    expect(next.requests).toEqual([]);
    expect((await read(await ask(tool))).tools).toEqual([]);
    expect(next.requests).toHaveLength(1);
  });

  test("says of each restart which error was its reason", async () => {
    const events: ModelEvent[] = [];
    const one = failing("a/1", [text("one")]);
    const made = fallback(failing("a/2", [text("two")]), script(["three"]))(one);
    for await (const event of made.run({ messages: [], stream: true })) events.push(event);
    const restarts = events.flatMap((event) => (event.type === "restart" ? [event.error] : []));
    expect(restarts).toMatchObject([{ message: "a/1 is closed." }, { message: "a/2 is closed." }]);
  });

  test("takes a model made by model(), with its own options", async () => {
    await using server = await wireServer();
    const own = model("openai/gpt-4o-mini", { ...server.openai, temperature: 0.3 });
    await call(failing("a/1"), { use: [fallback(own)] })(() => "Hi")();
    expect(server.requests[0]?.body.temperature).toBe(0.3);
  });

  test("finds a misspelt reference where it is made", () => {
    expect(() => fallback("opnai/gpt-4o" as never)).toThrow(/Did you mean openai/);
  });
});
