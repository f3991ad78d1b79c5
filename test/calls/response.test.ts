import { CallResponse, call, type FinishReason, type Model, tool, type Usage, user } from "callwright";
import { script } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { onBothWires } from "./wires.js";

onBothWires((wire) => {
  const ask = () => call(wire.reference, wire.access)(() => "Hi")();

  test("a response holds what the provider said", async () => {
    wire.server.reply({ text: "Dune", usage: { input: 12, output: 3, cachedInput: 4, reasoning: 1 } });
    const response = await ask();
    expect(response).toMatchObject({
      content: "Dune",
      reasoning: "",
      refusal: undefined,
      toolCalls: [],
      tools: [],
      tool: undefined,
      toolErrors: [],
      message: { role: "assistant", content: "Dune" },
      messages: [user("Hi"), { role: "assistant", content: "Dune" }],
      finishReason: "stop",
      model: wire.name,
      provider: wire.provider,
      warnings: [],
    });
    expect(response.usage).toEqual({
      inputTokens: 12,
      outputTokens: 3,
      cachedInputTokens: 4,
      cacheWriteTokens: 0,
      reasoningTokens: 1,
      totalTokens: 15,
    });
    expect(response.id).toMatch(wire.provider === "openai" ? /^chatcmpl-/ : /^msg_/);
    expect(response.requestId).toMatch(/^req_/);
    expect(response.raw).toMatchObject({ id: response.id, model: wire.name });
  });

  test("a response as text is its content", async () => {
    wire.server.reply({ text: "Dune" });
    expect(`${await ask()}`).toBe("Dune");
  });

  test("an answer without text has an empty content", async () => {
    wire.server.reply({ toolCalls: [{ name: "look_up", args: {} }] });
    const response = await ask();
    expect(response.content).toBe("");
    expect(response.toolCalls.length).toBe(1);
  });

  test("where the provider reports no usage, usage and cost are undefined", async () => {
    wire.server.reply({ usage: null });
    const response = await ask();
    expect([response.usage, response.cost]).toEqual([undefined, undefined]);
  });

  test.each(["stop", "length", "tool-calls", "content-filter"] as const)(
    "the finish reason %s is kept",
    async (reason) => {
      wire.server.reply({ text: "x", finishReason: reason });
      expect((await ask()).finishReason).toBe(reason);
    },
  );

  test("the cost counts each kind of token at its own price", async () => {
    wire.server.reply({ usage: { input: 1000, output: 100, cachedInput: 400 } });
    // USD per million tokens: input, cached input, output.
    const [input, cached, output] = wire.provider === "openai" ? [0.15, 0.075, 0.6] : [1, 0.1, 5];
    expect((await ask()).cost).toBeCloseTo((600 * input + 400 * cached + 100 * output) / 1e6, 12);
  });

  test("a model id with a date has the price of its model", async () => {
    const dated = ({ openai: "gpt-4o-mini-2024-07-18", anthropic: "claude-haiku-4-5-20251001" } as const)[
      wire.provider
    ];
    const [plain, other] = await Promise.all([ask(), call(`${wire.provider}/${dated}`, wire.access)(() => "Hi")()]);
    expect(other.model).toBe(dated);
    expect(other.cost).toBeGreaterThan(0);
    expect(other.cost).toBe(plain.cost);
  });

  test("a model that is not in the table has no price", async () => {
    const response = await call(`${wire.provider}/brand-new`, wire.access)(() => "Hi")();
    expect(response.usage).toBeDefined();
    expect(response.cost).toBeUndefined();
  });

  test("no member of a response sends a request", async () => {
    const response = await ask();
    for (const name of [...Object.keys(response), ...Object.getOwnPropertyNames(CallResponse.prototype)]) {
      void (response as unknown as Record<string, unknown>)[name];
    }
    JSON.stringify(response);
    await new Promise(setImmediate);
    expect(wire.server.requests.length).toBe(1);
  });

  test("the key is in nothing that a response shows of itself", async () => {
    const { inspect } = await import("node:util");
    const response = await ask();
    const shown = inspect(response, { depth: 9, showHidden: true, getters: true }) + JSON.stringify(response);
    expect(shown).not.toContain(wire.access.apiKey);
  });
});

test("a message of OpenAI with the content null has an empty content", async () => {
  const model = script([[{ type: "finish", reason: "stop" }]]);
  const response = await call(model)(() => "Hi")();
  expect([response.content, response.message.content]).toEqual(["", ""]);
});

describe("a model of one's own", () => {
  const usage: Usage = {
    inputTokens: 1000,
    outputTokens: 100,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    totalTokens: 1100,
  };
  const modelOf = (id: string, named: string, reason: FinishReason = "stop"): Model => ({
    ...script([
      [
        { type: "start", id: "1", model: named },
        { type: "finish", reason, usage },
      ],
    ]),
    id,
  });
  const costOf = async (id: string, named: string) => (await call(modelOf(id, named))(() => "Hi")()).cost;

  test("that is OpenAI's has OpenAI's price", async () => {
    expect(await costOf("openai/gpt-4o", "gpt-4o-2024-08-06")).toBeGreaterThan(0);
  });

  test("that serves a model of that name elsewhere is not priced as OpenAI's", async () => {
    expect(await costOf("ollama/gpt-4o", "gpt-4o")).toBeUndefined();
    expect(await costOf("my-openai/gpt-4o", "gpt-4o")).toBeUndefined();
    expect(await costOf("anthropic/gpt-4o", "gpt-4o")).toBeUndefined();
  });

  test("gives its response the provider and the name of its id", async () => {
    const model: Model = { ...script(["Dune"]), id: "ollama/org/small:1b" };
    const { provider, requestId, raw } = await call(model)(() => "Hi")();
    expect([provider, requestId, raw]).toEqual(["ollama", undefined, undefined]);
  });

  test("takes tools and gives instances, as the providers do", async () => {
    const add = tool({ name: "add", description: "Adds one" })(() => 1);
    const model = script([{ toolCalls: [{ name: "add", args: {} }] }]);
    const response = await call(model, { tools: [add] })(() => "Hi")();
    expect(await response.tool?.call()).toBe(1);
    expect(model.requests[0]?.tools?.map(({ name }) => name)).toEqual(["add"]);
  });
});
