import {
  BaseTool,
  budget,
  cache,
  call,
  circuitBreaker,
  completion,
  type Model,
  model,
  OverloadedError,
  override,
  parallel,
  rateLimit,
  retry,
  Session,
  timeout,
  tool,
} from "callwright";
import { script } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { errorOf } from "./calls/wires.js";

const odd = { negative: -1, zero: 0, half: 1.5, text: "3", none: Number.NaN, endless: Infinity, long: 2 ** 31 };
type Odd = keyof typeof odd;

/** What a number may be, by which of the odd ones it may be. */
const kinds = {
  "a whole number above 0": ["long"],
  "a whole number of at least 0": ["zero", "long"],
  "a whole number above 0, or Infinity": ["long", "endless"],
  "a number of milliseconds above 0": ["half", "long", "endless"],
  "a number of milliseconds of at least 0": ["zero", "half", "long", "endless"],
  "a number above 0": ["half", "long"],
  "a number of at least 0": ["zero", "half", "long"],
  "a number": ["negative", "zero", "half", "long"],
} satisfies Record<string, Odd[]>;

const answering = () => script([{ toolCalls: [{ name: "look", args: {} }] }, "Hi"]);
const look = tool("Looks.")(function look() {
  return "seen";
});
const ask = (options: object) => call(script(["Hi"]), options)(() => "Hi")();
const access = { apiKey: "sk-none", baseURL: "http://127.0.0.1:1" };

/** Each public option that takes a number: its name, what it may be, and how it is given. */
const options: readonly (readonly [name: string, kind: keyof typeof kinds, give: (value: any) => unknown])[] = [
  ["retries", "a whole number of at least 0", (retries) => retry({ retries })],
  ["maxRetryAfterMs", "a number of milliseconds of at least 0", (maxRetryAfterMs) => retry({ maxRetryAfterMs })],
  ["totalMs", "a number of milliseconds above 0", (totalMs) => ask({ timeouts: { totalMs } })],
  ["firstEventMs", "a number of milliseconds above 0", (firstEventMs) => ask({ timeouts: { firstEventMs } })],
  ["idleMs", "a number of milliseconds above 0", (idleMs) => timeout({ idleMs })],
  ["connectMs", "a number of milliseconds above 0", (connectMs) => model(script([]), { timeouts: { connectMs } })],
  ["totalMs", "a number of milliseconds above 0", (totalMs) => override({ timeouts: { totalMs } }, () => ask({}))],
  ["requestsPerMinute", "a whole number above 0", (requestsPerMinute) => rateLimit({ requestsPerMinute })],
  ["tokensPerMinute", "a whole number above 0", (tokensPerMinute) => rateLimit({ tokensPerMinute })],
  ["concurrency", "a whole number above 0", (concurrency) => rateLimit({ concurrency })],
  ["failures", "a whole number above 0", (failures) => circuitBreaker({ failures })],
  ["windowMs", "a number of milliseconds above 0", (windowMs) => circuitBreaker({ windowMs })],
  ["cooldownMs", "a number of milliseconds above 0", (cooldownMs) => circuitBreaker({ cooldownMs })],
  ["ttlMs", "a number of milliseconds above 0", (ttlMs) => cache({ ttlMs })],
  ["maxEntries", "a whole number above 0", (maxEntries) => cache({ maxEntries })],
  ["usd", "a number above 0", (usd) => budget({ usd })],
  ["tokens", "a whole number above 0", (tokens) => budget({ tokens })],
  ["concurrency", "a whole number above 0, or Infinity", (concurrency) => parallel([], async () => 1, { concurrency })],
  [
    "concurrency",
    "a whole number above 0, or Infinity",
    async (concurrency) => (await call(answering(), { tools: [look] })(() => "Hi")()).runTools({ concurrency }),
  ],
  ["maxSteps", "a whole number above 0", (maxSteps) => ask({ maxSteps })],
  ["reask", "a whole number of at least 0", (reask) => ask({ reask })],
  ["maxSteps", "a whole number above 0", (maxSteps) => new Session({ model: script([]), maxSteps })],
  ["maxMessages", "a whole number above 0", (maxMessages) => new Session({ model: script([]), maxMessages })],
  ["maxTokens", "a whole number above 0", (maxTokens) => new Session({ model: script([]), maxTokens })],
  [
    "timeoutMs",
    "a number of milliseconds above 0",
    (timeoutMs) => tool({ name: "wait", description: "Waits", timeoutMs })(() => 1),
  ],
  [
    "timeoutMs",
    "a number of milliseconds above 0",
    (timeoutMs) => {
      class Wait extends BaseTool {
        override call() {}
      }
      tool({ description: "Waits", timeoutMs })(Wait);
    },
  ],
  ["connections", "a whole number above 0", (connections) => model("openai/gpt-4o-mini", { ...access, connections })],
  ["connections", "a whole number above 0", (connections) => call("openai/gpt-4o-mini", { ...access, connections })],
  ["maxTokens", "a whole number above 0", (maxTokens) => ask({ maxTokens })],
  ["topK", "a whole number above 0", (topK) => ask({ topK })],
  ["temperature", "a number", (temperature) => ask({ temperature })],
  ["topP", "a number", (topP) => ask({ topP })],
  ["seed", "a number", (seed) => ask({ seed })],
  ["presencePenalty", "a number", (presencePenalty) => override({ presencePenalty }, () => ask({}))],
  ["frequencyPenalty", "a number", (frequencyPenalty) => model(script(["Hi"])).complete("Hi", { frequencyPenalty })],
  ["price.input", "a number of at least 0", (input) => ask({ price: { input, output: 1 } })],
  [
    "price.cachedInput",
    "a number of at least 0",
    (cachedInput) => ask({ price: { input: 1, output: 1, cachedInput } }),
  ],
  [
    "connections",
    "a whole number above 0",
    (connections) =>
      errorOf(
        completion({
          model: "openai/gpt-4o-mini",
          messages: [{ role: "user", content: "Hi" }],
          ...access,
          connections,
        }),
      ).then(rethrow),
  ],
];

/** That nothing can be asked at the address is not what is tried here. */
function rethrow(error: { readonly code: string }): void {
  if (error.code === "configuration") throw error;
}

// No timer may be longer: it would fire at once.
const longestTimer = 2 ** 31 - 1;

describe("an option that takes a number", () => {
  let timers: ReturnType<typeof vi.spyOn>;
  beforeEach(() => {
    timers = vi.spyOn(globalThis, "setTimeout");
  });
  afterEach(() => vi.restoreAllMocks());

  describe.each(options)("%s (%s)", (name, kind, give) => {
    test.each(Object.entries(odd))("is taken or refused by name where it is %s", async (which, value) => {
      const given = Promise.resolve().then(() => give(value));
      if ((kinds[kind] as string[]).includes(which)) {
        await given;
        const waits: number[] = timers.mock.calls.map((args: unknown[]) => Number(args[1] ?? 0));
        expect(waits.filter((ms) => !(ms <= longestTimer))).toEqual([]);
      } else {
        const message = expect.stringMatching(`^(timeouts\\.)?${name} must be ${kind.split(",")[0]}`);
        expect(await errorOf(given)).toMatchObject({ name: "ConfigurationError", message });
      }
    });
  });

  test("is named with what was given instead", () => {
    expect(() => retry({ retries: "3" as never })).toThrow("retries must be a whole number of at least 0, not 3.");
  });
});

describe("a pause of 2 ** 31 milliseconds", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test("between two tries is no pause of one", async () => {
    const down = new OverloadedError("down", { provider: "own" });
    const model = script([down, "Hi"]);
    const asked = call(model, { timeouts: { totalMs: Infinity }, use: [retry({ delayMs: () => 2 ** 31 })] })(
      () => "Hi",
    );
    const answer = asked();
    await vi.advanceTimersByTimeAsync(longestTimer - 1000);
    expect(model.requests).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2000);
    expect(await answer).toMatchObject({ content: "Hi" });
  });

  test.each(["totalMs", "firstEventMs", "idleMs"])("as timeouts.%s ends no stream at once", async (name) => {
    let goOn = () => {};
    const waiting = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const slow: Model = {
      id: "own/slow",
      async *run() {
        yield { type: "text-delta", text: "Hi" };
        await waiting;
        yield { type: "finish", reason: "stop" };
      },
    };
    const stream = await call(slow, { stream: true, use: [timeout({ [name]: 2 ** 31 })] })(() => "Hi")();
    const response = stream.response();
    await vi.advanceTimersByTimeAsync(60_000);
    goOn();
    expect(await response).toMatchObject({ content: "Hi" });
  });
});
