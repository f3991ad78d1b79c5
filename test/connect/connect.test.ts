import {
  AuthenticationError,
  ConnectionError,
  call,
  type Message,
  model,
  Session,
  TimeoutError,
  user,
} from "callwright";
import { AgentReplyError, connect, defineAgent } from "callwright/connect";
import { script, wireServer } from "callwright/testing";
import { afterEach, expect, test, vi } from "vitest";
import { listing, question } from "./tests.js";

const quick = { pollMs: 1 };
const tests = (count: number) => Array.from({ length: count }, (_, index) => question(`t${index + 1}`));

afterEach(() => void vi.useRealTimers());

test("ten tests at a concurrency of ten run at the same time", async () => {
  const server = await wireServer();
  // None is answered before all are there.
  server.reply(async () => {
    await server.arrived(10);
    return { text: "Hello." };
  });
  const answer = call("openai/gpt-4o-mini", server.openai)((messages: readonly Message[]) => messages);
  const backend = listing(tests(10));
  expect(await connect(defineAgent(answer), { backend, ...quick })).toEqual({ delivered: 10, failed: 0 });
  expect(server.peakInFlight).toBe(10);
  expect(backend.closed).toBe(true);
  await server.close();
});

test("a concurrency of two is kept", async () => {
  await using server = await wireServer();
  server.reply({ text: "Hello.", delayMs: 5 });
  const answer = call("openai/gpt-4o-mini", server.openai)((messages: readonly Message[]) => messages);
  const backend = listing(tests(10));
  await connect(defineAgent(answer), { backend, concurrency: 2, ...quick });
  expect(server.peakInFlight).toBe(2);
  expect(server.requests).toHaveLength(10);
});

test("a test that takes long does not hold up those behind it", async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const backend = listing(tests(10));
  const order: string[] = [];
  const agent = defineAgent({
    async completion({ testId }) {
      if (testId === "t1") await held;
      return { response: testId };
    },
  });
  await connect(agent, {
    backend,
    concurrency: 2,
    ...quick,
    onEvent(event) {
      if (event.type !== "delivered") return;
      order.push(event.request.testId);
      if (order.length === 9) release();
    },
  });
  expect(order.at(-1)).toBe("t1");
  expect(backend.delivered).toHaveLength(10);
});

test("a test that is listed at every poll is run once", async () => {
  const runs: string[] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const backend = listing(tests(3));
  const agent = defineAgent({
    async completion({ testId }) {
      runs.push(testId);
      await held;
      return { response: "Yes." };
    },
  });
  const connected = connect(agent, { backend, ...quick });
  await vi.waitFor(() => expect(backend.polls).toBeGreaterThan(3));
  release();
  expect(await connected).toEqual({ delivered: 3, failed: 0 });
  expect(runs).toEqual(["t1", "t2", "t3"]);
});

test("an answer that is not taken is sent again, and the model is not asked again", async () => {
  vi.useFakeTimers();
  const answers = script(["Only once."]);
  const refused = [new ConnectionError("reset"), new Error("503")];
  const backend = listing(tests(1));
  const { deliver } = backend;
  Object.defineProperty(backend, "deliver", {
    async value(...args: Parameters<typeof deliver>) {
      const error = refused.shift();
      if (error) throw error;
      return deliver(...args);
    },
  });
  const connected = connect(defineAgent(call(answers)((messages: readonly Message[]) => messages)), { backend });
  await vi.advanceTimersByTimeAsync(5000);
  expect(await connected).toEqual({ delivered: 1, failed: 0 });
  expect(answers.requests).toHaveLength(1);
  expect(backend.delivered[0]?.reply).toEqual({ response: "Only once." });
});

test("an answer that is refused for good is told of and counts as failed", async () => {
  const events: string[] = [];
  let tries = 0;
  const backend = listing(tests(1), {
    async deliver() {
      tries++;
      throw new AuthenticationError("No.", { provider: "somewhere" });
    },
    get exhausted() {
      return tries > 0;
    },
  });
  const outcome = await connect(
    defineAgent(() => "Hello."),
    { backend, ...quick, onEvent: ({ type }) => events.push(type) },
  );
  expect(outcome).toEqual({ delivered: 0, failed: 1 });
  expect([tries, ...events]).toEqual([1, "started", "undelivered"]);
});

test.each([
  ["undefined", undefined, /gave undefined/],
  ["content in place of response", { content: "Hello." }, /\{ content \} without a response/],
  ["a number", { response: 7 }, /a response that is of the type number/],
  ["null", { response: null }, /a response that is null/],
  ["an empty text", { response: " " }, /an empty response/],
  ["a list", ["Hello."], /a list/],
])("an agent that gives %s fails, and nothing is delivered", async (_, reply, problem) => {
  const backend = listing(tests(1));
  await connect(defineAgent({ completion: () => reply as never }), { backend, ...quick });
  expect(backend.delivered).toEqual([]);
  expect(backend.failed[0]?.error).toBeInstanceOf(AgentReplyError);
  expect(String(backend.failed[0]?.error)).toMatch(problem);
  expect(String(backend.failed[0]?.error)).toMatch(/response/);
});

test("an agent that throws is reported as failed, never as an answer", async () => {
  const backend = listing(tests(2));
  const agent = defineAgent({
    completion({ testId }) {
      if (testId === "t1") throw new Error("The database is gone.");
      return { response: "Fine." };
    },
  });
  expect(await connect(agent, { backend, ...quick })).toEqual({ delivered: 1, failed: 1 });
  expect(backend.failed).toEqual([{ testId: "t1", error: new Error("The database is gone.") }]);
});

test("a call that runs when the time of its test is over is aborted, without the signal being passed along", async () => {
  await using server = await wireServer();
  server.reply({ text: "Hello." }, { delayMs: Number.POSITIVE_INFINITY });
  const answer = call("openai/gpt-4o-mini", server.openai)((messages: readonly Message[]) => messages);
  // What the first call loads would take a part of the time.
  await answer([user("Hi.")]);
  const backend = listing(tests(1));
  await connect(defineAgent(answer), { backend, timeoutMs: 1000, ...quick });
  expect(backend.failed[0]?.error).toBeInstanceOf(TimeoutError);
  expect(String(backend.failed[0]?.error)).toMatch(/test t1 within 1000 ms/);
  const request = await server.arrived(2);
  await request.closed;
  expect(request.aborted).toBe(true);
});

test("an agent that does not listen to its signal is left behind", async () => {
  const backend = listing(tests(2));
  const agent = defineAgent({
    completion: ({ testId }) => (testId === "t1" ? new Promise<never>(() => {}) : { response: "Fine." }),
  });
  expect(await connect(agent, { backend, concurrency: 1, timeoutMs: 30, ...quick })).toEqual({
    delivered: 1,
    failed: 1,
  });
});

test.each([2 ** 31, Number.POSITIVE_INFINITY])("a time limit of %d ms is not over at once", async (timeoutMs) => {
  const backend = listing(tests(1));
  const agent = defineAgent(() => new Promise<string>((resolve) => setTimeout(resolve, 20, "Hi.")));
  expect(await connect(agent, { backend, timeoutMs, ...quick })).toEqual({ delivered: 1, failed: 0 });
});

test("a signal lets what runs be finished and delivered, and begins nothing more", async () => {
  const controller = new AbortController();
  const backend = listing(tests(5));
  const signals: AbortSignal[] = [];
  const agent = defineAgent({
    async completion({ testId }, { signal }) {
      signals.push(signal);
      if (testId === "t2") controller.abort();
      await new Promise((resolve) => setImmediate(resolve));
      return { response: testId };
    },
  });
  expect(await connect(agent, { backend, concurrency: 2, signal: controller.signal })).toEqual({
    delivered: 2,
    failed: 0,
  });
  expect(backend.delivered.map(({ testId }) => testId).sort()).toEqual(["t1", "t2"]);
  expect(signals.some(({ aborted }) => aborted)).toBe(false);
  expect(backend.closed).toBe(true);
});

test("a signal ends a poll that waits", async () => {
  const controller = new AbortController();
  const backend = listing([], { pending: () => new Promise(() => {}), exhausted: false });
  const connected = connect(
    defineAgent(() => "Hi."),
    { backend, signal: controller.signal },
  );
  controller.abort();
  expect(await connected).toEqual({ delivered: 0, failed: 0 });
});

test("a poll that fails is repeated with growing pauses, and what waits meanwhile goes on", async () => {
  vi.useFakeTimers({ now: 0 });
  const at: number[] = [];
  const backend = listing(tests(1), {
    async pending() {
      at.push(Date.now());
      if (at.length < 5) throw new ConnectionError("refused");
      return tests(1);
    },
  });
  const problems: unknown[] = [];
  const connected = connect(
    defineAgent(() => "Hi."),
    {
      backend,
      onEvent: (event) => event.type === "problem" && problems.push(event.error),
    },
  );
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await connected).toEqual({ delivered: 1, failed: 0 });
  expect(at.slice(0, 5)).toEqual([0, 1000, 3000, 7000, 15_000]);
  expect(problems).toHaveLength(4);
});

test("a key that is refused ends the connection, after what runs is delivered", async () => {
  let polls = 0;
  const backend = listing(tests(1), {
    async pending() {
      if (++polls > 1) throw new AuthenticationError("No.", { provider: "somewhere" });
      return tests(1);
    },
    exhausted: false,
  });
  await expect(
    connect(
      defineAgent(() => "Hi."),
      { backend, ...quick },
    ),
  ).rejects.toThrow(AuthenticationError);
  expect(backend.delivered).toHaveLength(1);
  expect(backend.closed).toBe(true);
});

test("what an agent's calls take is measured, whatever makes them", async () => {
  await using server = await wireServer();
  server.reply({ text: "Hello.", usage: { input: 100, output: 20 } });
  const mini = model("openai/gpt-4o-mini", server.openai);
  const answer = call("openai/gpt-4o-mini", { ...server.openai, stream: true })(
    (messages: readonly Message[]) => messages,
  );
  const agent = defineAgent({
    async completion({ messages, prompt }) {
      await mini.complete("First a thought.");
      await new Session({ model: mini }).send(prompt);
      return { response: (await (await answer(messages)).response()).content };
    },
  });
  const backend = listing(tests(1));
  await connect(agent, { backend, ...quick });
  const { measure } = backend.delivered[0]!;
  expect(measure).toMatchObject({ calls: 3, inputTokens: 300, outputTokens: 60 });
  expect(measure.costUsd).toBeCloseTo((300 * 0.15 + 60 * 0.6) / 1e6, 12);
  expect(measure.latencyMs).toBeGreaterThan(0);
});

test("tests that run at the same time are measured apart", async () => {
  const backend = listing(tests(4));
  const answers = {
    id: "script/model",
    async *run({ messages }: any) {
      yield { type: "text-delta", text: "Hm." } as const;
      const inputTokens = Number(messages.at(-1).content.at(-1));
      const rest = { outputTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };
      yield { type: "finish", reason: "stop", usage: { ...rest, inputTokens, totalTokens: inputTokens } } as const;
    },
  };
  await connect(defineAgent(call(answers)((messages: readonly Message[]) => messages)), { backend, ...quick });
  expect(backend.delivered.map(({ measure }) => measure.inputTokens).sort()).toEqual([1, 2, 3, 4]);
});

test("the backend hears at the start, and from time to time, how the agent answers a greeting", async () => {
  vi.useFakeTimers();
  const beats: unknown[] = [];
  const controller = new AbortController();
  const backend = listing([], { heartbeat: async (beat) => void beats.push(beat), exhausted: false });
  let greeted = 0;
  const agent = defineAgent(() => {
    if (++greeted === 2) throw new Error("Not today.");
    return "Hello!";
  });
  const connected = connect(agent, { backend, signal: controller.signal });
  await vi.advanceTimersByTimeAsync(300_000);
  controller.abort();
  await connected;
  expect(beats).toMatchObject([
    { ok: true, response: "Hello!" },
    { ok: false, error: new Error("Not today.") },
  ]);
});

test("a greeting takes one of the places, behind the tests that wait", async () => {
  let [running, peak] = [0, 0];
  const order: string[] = [];
  const controller = new AbortController();
  const backend = listing(tests(3), { heartbeat: async () => controller.abort(), exhausted: false });
  const agent = defineAgent(async (_, { testId }) => {
    order.push(testId);
    peak = Math.max(peak, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running--;
    return "Hi.";
  });
  expect(await connect(agent, { backend, concurrency: 2, signal: controller.signal })).toEqual({
    delivered: 3,
    failed: 0,
  });
  expect(peak).toBe(2);
  expect(order).toEqual(["t1", "t2", "t3", "heartbeat-1"]);
});

test("a greeting that is on its way does not keep the connection from ending", async () => {
  const controller = new AbortController();
  const backend = listing([], { heartbeat: async () => {}, exhausted: false });
  const agent = defineAgent(() => {
    controller.abort();
    return new Promise<string>(() => {});
  });
  expect(await connect(agent, { backend, signal: controller.signal })).toEqual({ delivered: 0, failed: 0 });
  expect(backend.closed).toBe(true);
});

test("a listener that throws ends the connection with its error, and no answer is lost", async () => {
  const backend = listing(tests(2), { exhausted: false });
  const connected = connect(
    defineAgent(() => "Hi."),
    {
      backend,
      onEvent() {
        throw new Error("The disk is full.");
      },
    },
  );
  await expect(connected).rejects.toThrow("The disk is full.");
  expect(backend.delivered.map(({ testId }) => testId)).toEqual(["t1"]);
  expect(backend.closed).toBe(true);
});

test.each([undefined, {}, "t1", [null], [{}]])("a backend that lists %j is told how a list is made", async (wrong) => {
  const backend = listing([], { pending: async () => wrong as never, exhausted: false });
  const connected = connect(
    defineAgent(() => "Hi."),
    { backend },
  );
  await expect(connected).rejects.toThrow(/pending\(\) must give a list of requests/);
  expect(backend.closed).toBe(true);
});

test.each([{ concurrency: 0 }, { concurrency: 1.5 }, { timeoutMs: 0 }, { pollMs: -1 }])(
  "%j is refused at once",
  async (wrong) => {
    const backend = listing(tests(1));
    await expect(
      connect(
        defineAgent(() => "Hi."),
        { backend, ...wrong },
      ),
    ).rejects.toThrow(/must be/);
    expect(backend.polls).toBe(0);
  },
);
