import { call, user } from "callwright";
import { describe, expect, test } from "vitest";
import { Compatible, streamed, whole } from "./compatible.js";

const wire = new Compatible();

describe("reasoning", () => {
  const cases = [
    ["groq", "reasoning", { reasoning: "Hm." }],
    ["openrouter", "reasoning", { reasoning: "Hm." }],
    ["vllm", "reasoning", { reasoning: "Hm." }],
    ["ollama", "reasoning", { reasoning: "Hm." }],
    ["deepseek", "reasoning_content", { reasoning_content: "Hm." }],
    ["xai", "reasoning_content", {}],
    ["together", "reasoning", {}],
    ["openai", "reasoning_content", {}],
  ] as const;

  test.each(cases)("of %s comes in `%s`, and goes back as %j", async (provider, field, back) => {
    const response = await wire.ask(`${provider}/m`, whole({ content: "Rain.", [field]: "Hm." }));
    const other = await wire.stream(
      `${provider}/m`,
      streamed([{ [field]: "H" }, { [field]: "m." }, { content: "Rain." }]),
    );
    for (const { reasoning, content } of [response, other]) expect([reasoning, content]).toEqual(["Hm.", "Rain."]);
    await wire.ask(`${provider}/m`, {}, ...other.messages, user("Sure?"));
    expect(wire.body.messages[1]).toEqual({ role: "assistant", content: "Rain.", ...back });
  });

  test("told under both names at once is told once", async () => {
    const response = await wire.ask("vllm/m", whole({ content: "Rain.", reasoning: "Hm.", reasoning_content: "Hm." }));
    expect(response.reasoning).toBe("Hm.");
  });

  test("of one provider is not shown to another", async () => {
    const { messages } = await wire.ask("groq/m", whole({ content: "Rain.", reasoning: "Hm." }));
    for (const other of ["openrouter/m", "mistral/m", "openai/m"] as const) {
      await wire.ask(other, {}, ...messages, user("Sure?"));
      expect(wire.body.messages[1]).toEqual({ role: "assistant", content: "Rain." });
    }
  });
});

describe("usage", () => {
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };

  test("of groq's streams comes in x_groq, unasked", async () => {
    const response = await wire.stream("groq/m", streamed([{ content: "Hi" }], { x_groq: { id: "req_1", usage } }));
    expect(response.usage).toMatchObject({ inputTokens: 10, outputTokens: 5, totalTokens: 15 });
  });

  test("of mistral's streams comes with the finish, unasked", async () => {
    const response = await wire.stream("mistral/m", streamed([{ content: "Hi" }], { usage }));
    expect(response.usage).toMatchObject({ inputTokens: 10, outputTokens: 5, totalTokens: 15 });
  });

  test("that grows with every chunk is the last one", async () => {
    const chunk = (delta: object, finish: string | null, tokens: number) => ({
      choices: [{ index: 0, delta, finish_reason: finish }],
      usage: { prompt_tokens: 10, completion_tokens: tokens, total_tokens: 10 + tokens },
    });
    const end = { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
    const last = { ...chunk({}, null, 9), choices: [] };
    const response = await wire.stream("xai/m", {
      chunks: [chunk({ content: "A" }, null, 1), end, last, "data: [DONE]\n\n"],
    });
    expect(response.usage).toMatchObject({ outputTokens: 9 });
  });

  test.each(["xai", "google"] as const)("of %s counts what the model thought in the total alone", async (provider) => {
    const told = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 115,
      completion_tokens_details: { reasoning_tokens: 100 },
    };
    const response = await wire.ask(`${provider}/m`, whole({ content: "Hi" }, told));
    expect(response.usage).toMatchObject({
      inputTokens: 10,
      outputTokens: 105,
      reasoningTokens: 100,
      totalTokens: 115,
    });
  });
});

describe("errors", () => {
  test.each<readonly [string, unknown, string]>([
    [
      "mistral",
      { object: "error", message: "Tool call id was x", type: "invalid_function_call", code: "3280" },
      "Tool call id was x",
    ],
    ["mistral", { object: "Error", message: { detail: [{ msg: "Extra inputs" }] } }, "Extra inputs"],
    [
      "google",
      [{ error: { code: 400, message: "Unknown name seed", status: "INVALID_ARGUMENT" } }],
      "Unknown name seed",
    ],
    ["vllm", { detail: "Not that model" }, "Not that model"],
    ["lmstudio", { error: "Invalid tool_choice type" }, "Invalid tool_choice type"],
    ["xai", { code: "invalid", error: "Argument not supported" }, "Argument not supported"],
    ["azure", { statusCode: 401, message: "Access denied due to invalid subscription key." }, "Access denied"],
    ["groq", { error: { message: "Bad", type: "invalid_request_error" } }, "Bad"],
  ])("of %s say what the server said: %j", async (provider, json, told) => {
    wire.server.reply({ status: 400, json });
    await expect(call(`${provider}/m`, wire.server.openai)(() => "Hi")()).rejects.toMatchObject({
      name: "BadRequestError",
      provider,
      status: 400,
      message: expect.stringContaining(told),
    });
  });
});
