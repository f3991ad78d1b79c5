import {
  BudgetExceededError,
  budget,
  ConfigurationError,
  call,
  fallback,
  type ModelEvent,
  OverloadedError,
  rateLimit,
} from "callwright";
import { script, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { providerOf, references, stalling } from "../streams/wire-chunks.js";
import { answering, asking, finish, hello, items, read } from "./models.js";

/** A request of 2 + 16 tokens at most, and so many of output. */
const upTo = (maxTokens: number) => asking("Hi", { params: { maxTokens } });

describe.each(references)("a budget of %s", (reference) => {
  let server: WireServer;
  beforeEach(async () => {
    server = await wireServer();
  });
  afterEach(() => server.close());
  const asked = (options: object = {}) => call(reference, { ...server[providerOf(reference)], ...options })(() => "Hi");

  test.each([
    // First of all, while no price is loaded yet.
    ["USD", { usd: 0.0005 }],
    ["tokens", { tokens: 300 }],
  ] as const)(
    "in %s is never overspent by 50 calls at once, and each call that does not fit is refused unsent",
    async (unit, limit) => {
      const purse = budget(limit);
      server.reply({ text: "Hello", usage: { input: 10, output: 5 }, delayMs: 5 });
      const ask = asked({ use: [purse], maxTokens: 20 });
      const outcomes = await Promise.allSettled(items(50).map(ask));
      const failed = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
      expect(failed.every((error) => error instanceof BudgetExceededError && !error.retryable)).toBe(true);
      const answered = outcomes.length - failed.length;
      expect(answered).toBe(server.requests.length);
      expect(answered).toBeGreaterThan(2);
      expect(answered).toBeLessThan(50);
      expect(purse.spent.tokens).toBe(answered * 15);
      expect(purse.spent[unit === "USD" ? "usd" : "tokens"]).toBeLessThanOrEqual(unit === "USD" ? 0.0005 : 300);
      // What they did not use can be spent by others.
      const before = server.requests.length;
      while (
        await ask().then(
          () => true,
          () => false,
        )
      );
      expect(server.requests.length).toBeGreaterThan(before);
      expect(purse.spent[unit === "USD" ? "usd" : "tokens"]).toBeLessThanOrEqual(unit === "USD" ? 0.0005 : 300);
    },
  );

  test("counts what calls did cost, plain and streamed", async () => {
    const purse = budget({ usd: 1 });
    const response = await asked({ use: [purse] })();
    expect(purse.spent).toEqual({ usd: response.cost, tokens: 15 });
    const stream = await call(reference, { ...server[providerOf(reference)], use: [purse], stream: true })(
      () => "Hi",
    )();
    await stream.response();
    expect(purse.spent.usd).toBeCloseTo(2 * (response.cost ?? 0), 10);
    expect(purse.spent.tokens).toBe(30);
  });

  test("is shared by all calls around which it stands, and sends as maxTokens what a call could reserve", async () => {
    const purse = budget({ tokens: 10_000 });
    await asked({ use: [purse] })();
    await asked({ use: [purse], maxTokens: 100 })();
    const sent = server.requests.map(({ body }) => body.max_completion_tokens ?? body.max_tokens);
    expect(sent).toEqual([4096, 100]);
    expect(purse.spent.tokens).toBe(30);
  });

  test("takes nothing for calls that fail, and frees what they had reserved", async () => {
    const purse = budget({ tokens: 100 });
    const ask = asked({ use: [purse], maxTokens: 80 });
    for (const reply of [
      { status: 400 },
      { drop: "reset" } as const,
      { status: 503, headers: { "x-should-retry": "false" } },
    ]) {
      server.reply(reply);
      await ask().catch(() => {});
    }
    expect(purse.spent).toEqual({ usd: 0, tokens: 0 });
    server.reply({ text: "Hello" });
    expect((await ask()).content).toBe("Hello");
  });

  test("counts, of a stream that is left, its input and what had come", async () => {
    const purse = budget({ tokens: 1000 });
    const streaming = call(reference, { ...server[providerOf(reference)], use: [purse], stream: true, maxTokens: 500 })(
      () => "Hi",
    );
    server.reply(stalling(["12345"]));
    for await (const _ of await streaming()) break;
    expect(purse.spent.tokens).toBe(18 + 5);
    const untouched = await streaming();
    await untouched[Symbol.asyncDispose]();
    expect(purse.spent.tokens).toBe(18 + 5 + 18);
    server.reply({ text: "Hello" });
    expect((await (await streaming()).response()).content).toBe("Hello");
  });

  test("goes by the price that was given for the call, and by that of the model that answered", async () => {
    const purse = budget({ usd: 1 });
    await asked({ use: [purse], price: { input: 1000, output: 2000 }, maxTokens: 100 })();
    expect(purse.spent.usd).toBeCloseTo((10 * 1000 + 5 * 2000) / 1e6, 10);
  });
});

describe("a budget", () => {
  test("is known at any time, and cannot be changed from outside", async () => {
    const purse = budget({ tokens: 100 });
    expect(purse.spent).toEqual({ usd: 0, tokens: 0 });
    Object.assign(purse.spent, { tokens: -1000 });
    expect(purse.spent).toEqual({ usd: 0, tokens: 0 });
    expect(() => Object.assign(purse, { spent: { usd: 0, tokens: 0 } })).toThrow(TypeError);
  });

  test("says what a call could use, and what is left", async () => {
    const limited = budget({ tokens: 100 })(answering());
    await expect(read(limited, upTo(83))).rejects.toThrow(/own\/hello could use 101 tokens, and 100 are left/);
    expect(await read(limited, upTo(82))).toEqual(hello);
  });

  test("reserves from the start, so that a call under way leaves less to the next", async () => {
    let release = () => {};
    const model = answering(async function* (run): AsyncGenerator<ModelEvent> {
      if (run === 1) {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
      yield* [{ type: "text-delta", text: "Hello" } as const, finish(10, 5)];
    });
    const purse = budget({ tokens: 100 });
    const limited = purse(model);
    const first = read(limited, upTo(80));
    await expect.poll(() => model.starts).toHaveLength(1);
    expect(purse.spent.tokens).toBe(0);
    await expect(read(limited, upTo(80))).rejects.toBeInstanceOf(BudgetExceededError);
    release();
    await first;
    await expect(read(limited, upTo(67))).resolves.toHaveLength(2);
    expect(purse.spent.tokens).toBe(30);
  });

  test("gives a call without maxTokens 4096, or what is left, and refuses where that would be no answer", async () => {
    const model = answering(() => [{ type: "text-delta", text: "Hello" }, finish(10, 970)]);
    const limited = budget({ tokens: 1034 })(model);
    await read(limited);
    await read(limited).catch(() => {});
    expect(model.requests.map(({ params }) => params?.maxTokens)).toEqual([1034 - 18, 36]);
    const empty = budget({ tokens: 18 + 15 })(model);
    await expect(read(empty)).rejects.toBeInstanceOf(BudgetExceededError);
    expect(model.requests).toHaveLength(2);
  });

  test("in USD gives it what the money that is left can buy", async () => {
    const model = answering(undefined, "openai/gpt-4o-mini");
    const price = (_: string, usage: { inputTokens: number; outputTokens: number }) =>
      usage.inputTokens * 0.001 + usage.outputTokens * 0.01;
    await read(budget({ usd: 0.5 })(model), asking("Hi", { context: { costOf: price } }));
    expect(model.requests[0]?.params?.maxTokens).toBe(Math.floor((0.5 - 0.018) / 0.01));
  });

  test("in USD refuses a model whose price nobody knows; one in tokens does not, and counts tokens only", async () => {
    const model = answering(() => [finish(10, 5)]);
    const refused = await read(budget({ usd: 1 })(model)).catch((error) => error);
    expect(refused).toBeInstanceOf(ConfigurationError);
    expect(refused.message).toMatch(/price of own\/hello is unknown/);
    expect(model.starts).toHaveLength(0);
    const purse = budget({ tokens: 10_000 });
    await read(purse(model));
    expect(purse.spent).toEqual({ usd: 0, tokens: 15 });
  });

  test("counts what it had reserved where the provider does not say what was used", async () => {
    const purse = budget({ tokens: 1000 });
    await read(purse(answering()), upTo(100));
    expect(purse.spent.tokens).toBe(118);
  });

  test("counts the input and what had come where a stream breaks", async () => {
    const broken = answering(function* () {
      yield { type: "text-delta", text: "12345678" };
      throw new OverloadedError("down", { provider: "own" });
    });
    const purse = budget({ tokens: 1000 });
    await read(purse(broken), upTo(100)).catch(() => {});
    expect(purse.spent.tokens).toBe(18 + 8);
  });

  test("counts the output that a restart made void", async () => {
    const broken = answering(function* () {
      yield { type: "text-delta", text: "12345678" };
      throw new OverloadedError("down", { provider: "own" });
    });
    const purse = budget({ tokens: 1000 });
    const other = answering(() => [{ type: "text-delta", text: "Hello" }, finish(10, 5)]);
    await read(purse(fallback(other)(broken)), upTo(100));
    expect(purse.spent.tokens).toBe(18 + 8 + 15);
  });

  test("holds tools, pictures and a schema for the answer to be input as well", async () => {
    const model = answering();
    const tool = { name: "find", description: "Finds.", schema: {}, strict: false };
    const output = { name: "book", schema: { title: "x".repeat(1000) }, strict: true };
    const picture = { type: "image", source: new Uint8Array(3), mediaType: "image/png" } as const;
    for (const more of [{ tools: [tool] }, { output }, { messages: [{ role: "user", content: [picture] } as const] }]) {
      await expect(read(budget({ tokens: 900 })(model), { ...upTo(10), ...more })).rejects.toBeInstanceOf(
        BudgetExceededError,
      );
    }
  });

  test("may be followed by a model that costs nothing", async () => {
    const use = [fallback(script(["I am free."])), budget({ tokens: 20 })];
    const response = await call(answering(), { use, maxTokens: 100 })(() => "Hi")();
    expect(response.content).toBe("I am free.");
  });

  test.each([
    {},
    { usd: 0 },
    { usd: -1 },
    { usd: Number.NaN },
    { usd: Number.POSITIVE_INFINITY },
    { usd: "3" as never },
    { tokens: 0 },
    { tokens: 1.5 },
  ])("refuses the limit %o", (limit) => {
    expect(() => budget(limit)).toThrow(expect.objectContaining({ code: "configuration" }));
  });
});

describe("usage that is not an amount", () => {
  const none = { cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };
  const whole = { inputTokens: 10, outputTokens: 5, totalTokens: 15, ...none };
  const all = (value: unknown) => Object.fromEntries(Object.keys(whole).map((name) => [name, value]));
  const price = { input: 1, output: 2 };

  test.each<[string, unknown]>([
    ["NaN", all(Number.NaN)],
    ["infinite", all(Number.POSITIVE_INFINITY)],
    ["negative", all(-5)],
    ["text", all("15")],
    ["null", all(null)],
    ["a BigInt", all(15n)],
    ["empty", {}],
    ["null as a whole", null],
    ["a number as a whole", 15],
  ])("counts as what was reserved: %s", async (_, usage) => {
    const wrong = answering(() => [...hello.slice(0, 2), { type: "finish", reason: "stop", usage } as ModelEvent]);
    const purse = budget({ usd: 1, tokens: 1000 });
    const ask = call(wrong, { use: [purse], maxTokens: 30, price })(() => "Hi");
    await ask();
    const once = purse.spent;
    expect(once.tokens).toBeGreaterThan(30);
    expect(once.usd).toBeCloseTo((30 * 2 + (once.tokens - 30)) / 1e6, 12);
    await ask();
    expect(purse.spent.tokens).toBe(2 * once.tokens);
    expect(purse.spent.usd).toBeCloseTo(2 * once.usd, 12);
  });

  test.each(["inputTokens", "cachedInputTokens", "outputTokens"])(
    "in %s alone leaves the tokens as they are told, and reserves the USD",
    async (name) => {
      const usage = { ...whole, [name]: Number.NaN };
      const wrong = answering(() => [...hello.slice(0, 2), { type: "finish", reason: "stop", usage }]);
      const purse = budget({ usd: 1 });
      await call(wrong, { use: [purse], maxTokens: 30, price })(() => "Hi")();
      expect(purse.spent.tokens).toBe(15);
      expect(purse.spent.usd).toBeGreaterThan(60 / 1e6);
    },
  );

  test("still lets a budget refuse what would exceed it", async () => {
    const wrong = answering(() => [
      ...hello.slice(0, 2),
      { type: "finish", reason: "stop", usage: all(-1e9) as never },
    ]);
    const ask = call(wrong, { use: [budget({ tokens: 100 })], maxTokens: 30 })(() => "Hi");
    await ask();
    await expect(ask().then(ask)).rejects.toBeInstanceOf(BudgetExceededError);
  });

  test("counts in a rate limit as the estimate", async () => {
    const wrong = answering(() => [
      ...hello.slice(0, 2),
      { type: "finish", reason: "stop", usage: all(Number.NaN) as never },
    ]);
    const limited = rateLimit({ tokensPerMinute: 1000 })(wrong);
    await read(limited, upTo(900));
    const soon = { context: { deadline: performance.now() + 10_000 } };
    await expect(read(limited, { ...upTo(900), ...soon })).rejects.toMatchObject({ code: "rate_limit" });
  });
});
