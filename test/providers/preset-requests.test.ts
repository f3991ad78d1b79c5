import { assistant, audio, call, document, image, tool, user } from "callwright";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { Compatible, streamed, weather, whole } from "./compatible.js";

const wire = new Compatible();

describe("deepseek", () => {
  test("misses its reasoning where a turn has none, so it gets an empty one", async () => {
    await wire.ask("deepseek/m", {}, user("Hi"), assistant("Hello."), user("So?"));
    expect(wire.body.messages[1]).toEqual({ role: "assistant", content: "Hello.", reasoning_content: "" });
  });

  test("gets content as a string, also where a message has parts", async () => {
    await wire.ask("deepseek/m", {}, user(["One. ", "Two."]));
    expect(wire.body.messages).toEqual([{ role: "user", content: "One. Two." }]);
  });

  test.each([
    ["none", { thinking: { type: "disabled" } }],
    ["low", { thinking: { type: "enabled" }, reasoning_effort: "low" }],
  ] as const)("is told the effort %s as %j", async (reasoningEffort, fields) => {
    await call("deepseek/m", { ...wire.server.openai, reasoningEffort })(() => "Hi")();
    expect(wire.body).toEqual({ model: "m", messages: [{ role: "user", content: "Hi" }], stream: false, ...fields });
  });

  test.each(["required", { name: "weather" }] as const)(
    "does not think where a tool is forced (%j)",
    async (toolChoice) => {
      const response = await call("deepseek/m", { ...wire.server.openai, tools: [weather], toolChoice })(() => "Hi")();
      expect(wire.body.thinking).toEqual({ type: "disabled" });
      expect(response.warnings).toMatchObject([{ code: "thinking_off" }]);
    },
  );

  test("tells what it read from its cache in a field of its own", async () => {
    const usage = { prompt_tokens: 100, completion_tokens: 5, total_tokens: 105, prompt_cache_hit_tokens: 60 };
    const response = await wire.ask("deepseek/m", whole({ content: "Hi" }, usage));
    expect(response.usage).toMatchObject({ inputTokens: 100, cachedInputTokens: 60, outputTokens: 5 });
  });
});

describe("a value by a schema", () => {
  const responseModel = z.object({ title: z.string() });

  test.each(["deepseek", "gradient"] as const)(
    "is asked of %s by a tool, as it holds no schemas by itself",
    async (provider) => {
      wire.server.reply({ toolCalls: [{ name: "answer", args: { title: "Emma" } }] });
      expect(await call(`${provider}/m`, { ...wire.server.openai, responseModel })(() => "Hi")()).toEqual({
        title: "Emma",
      });
      expect(wire.body.tool_choice).toEqual({ type: "function", function: { name: "answer" } });

      const native = call(`${provider}/m`, { ...wire.server.openai, responseModel, outputMode: "native" })(() => "Hi");
      await expect(native()).rejects.toThrow(new RegExp(`${provider} cannot hold .*outputMode "tool"`));
      expect(wire.server.requests.length).toBe(1);
    },
  );

  test("is asked of all others by its JSON Schema", async () => {
    wire.server.reply({ text: '{"title":"Emma"}' });
    for (const provider of [
      "ollama",
      "lmstudio",
      "vllm",
      "huggingface",
      "groq",
      "mistral",
      "xai",
      "together",
      "openrouter",
      "google",
    ]) {
      expect(await call(`${provider}/m`, { ...wire.server.openai, responseModel })(() => "Hi")()).toEqual({
        title: "Emma",
      });
      expect(wire.body.response_format).toMatchObject({ type: "json_schema", json_schema: { strict: true } });
    }
  });
});

describe("tools", () => {
  test("of which lmstudio cannot be told the name to call are offered as that one, which must be called", async () => {
    const other = tool({ name: "other", description: "Another", input: z.object({}) })(() => "");
    const options = { ...wire.server.openai, tools: [other, weather], toolChoice: { name: "weather" } };
    await call("lmstudio/m", options)(() => "Hi")();
    expect(wire.body.tool_choice).toBe("required");
    expect(wire.body.tools.map((each: any) => each.function.name)).toEqual(["weather"]);
  });

  test.each([
    ["none", { tools: undefined, warned: [] }],
    ["auto", { tools: 2, warned: [] }],
    ["required", { tools: 2, warned: ["ollama takes no toolChoice; it was not sent."] }],
    [{ name: "weather" }, { tools: 1, warned: ["ollama takes no toolChoice; it was not sent."] }],
  ] as const)(
    "with the choice %j of ollama, which knows none, are offered so that it holds where it can",
    async (toolChoice, { tools, warned }) => {
      const other = tool({ name: "other", description: "Another", input: z.object({}) })(() => "");
      const options = { ...wire.server.openai, tools: [weather, other], toolChoice };
      const response = await call("ollama/m", options)(() => "Hi")();
      expect(wire.body.tools?.length).toBe(tools);
      expect(wire.body).not.toHaveProperty("tool_choice");
      expect(response.warnings.map(({ message }) => message)).toEqual(warned);
    },
  );

  test.each([false, true])(
    "of google get back what it said beside a call, or it would refuse (stream: %s)",
    async (asStream) => {
      const extra_content = { google: { thought_signature: "c2ln" } };
      const call1 = {
        index: 0,
        id: "",
        type: "function",
        function: { name: "weather", arguments: '{"city":"Oslo"}' },
        extra_content,
      };
      const call2 = { ...call1, id: "f-2", extra_content: undefined };
      const tool_calls = [call1, { ...call2, index: 1 }];
      const reply = asStream ? streamed([{ tool_calls }]) : whole({ content: null, tool_calls });
      const response = asStream ? await wire.stream("google/m", reply) : await wire.ask("google/m", reply);
      expect(response.tools.length).toBe(2);
      const { messages } = response;
      const results = await response.runTools();
      await wire.ask("google/m", {}, ...messages, ...results);
      const [first, second] = wire.body.messages[1].tool_calls;
      expect(first).toMatchObject({ extra_content, id: expect.stringMatching(/^call_/) });
      expect(second).not.toHaveProperty("extra_content");
      await wire.ask("openrouter/m", {}, ...messages, ...results);
      expect(JSON.stringify(wire.body)).not.toContain("c2ln");
    },
  );
});

describe("parts", () => {
  const pdf = document(new TextEncoder().encode("%PDF-1.7"));
  const link = image("https://x.test/a.png");
  const wav = audio(new Uint8Array(3), { mediaType: "audio/wav" });

  test.each([
    ["ollama", [link, wav, pdf]],
    ["lmstudio", [link, wav, pdf]],
    ["vllm", [pdf]],
    ["huggingface", [wav, pdf]],
    ["gradient", [wav, pdf]],
    ["groq", [wav, pdf]],
    ["deepseek", [link, wav, pdf]],
    ["xai", [wav, pdf]],
    ["together", [wav, pdf]],
    ["google", [pdf]],
  ] as const)("that %s lacks are an error before any request", async (provider, parts) => {
    for (const part of parts)
      await expect(wire.ask(`${provider}/m`, {}, user(part))).rejects.toMatchObject({
        name: "ConfigurationError",
        message: expect.stringContaining(`${provider} takes no ${part.type} part here.`),
      });
    expect(wire.server.connections).toBe(0);
  });

  test("that are links to documents are taken by openrouter", async () => {
    await wire.ask("openrouter/m", {}, user(document("https://x.test/a.pdf", { name: "a.pdf" })));
    expect(wire.body.messages[0].content).toEqual([
      { type: "file", file: { filename: "a.pdf", file_data: "https://x.test/a.pdf" } },
    ]);
  });
});
