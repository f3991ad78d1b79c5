import {
  assistant,
  audio,
  type CallOptions,
  ConfigurationError,
  call,
  document,
  image,
  type Message,
  system,
  tool,
  user,
} from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { encodeResponses } from "../../src/providers/responses/encode.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const weather = tool({ name: "weather", description: "Tells the weather.", input: z.object({ city: z.string() }) })(
  async ({ city }) => `Rain in ${city}`,
);
const clock = tool({ name: "clock", description: "Tells the time.", input: z.object({}) })(async () => "noon");

const responses = () => ({ ...server.openai, api: "responses" }) as const;
const ask = (messages: readonly Message[] | string, options: CallOptions = {}) =>
  call("openai/gpt-5-mini", { ...responses(), ...options, stream: false })(async () => messages)();
const bodyOf = (at = -1) => server.requests.at(at)?.body;

describe("a request", () => {
  test("is stateless and asks for the reasoning in encrypted form", async () => {
    const response = await ask([system("Be brief."), user("Hi"), assistant("Hello"), user("More")]);
    expect(server.requests[0]?.path).toBe("/v1/responses");
    expect(bodyOf()).toEqual({
      model: "gpt-5-mini",
      input: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hi" },
        { role: "assistant", content: [{ type: "output_text", text: "Hello" }] },
        { role: "user", content: "More" },
      ],
      store: false,
      include: ["reasoning.encrypted_content"],
      stream: false,
    });
    expect(response).toMatchObject({
      content: "Hello from the wire server.",
      finishReason: "stop",
      model: "gpt-5-mini",
    });
    expect(response.requestId).toMatch(/^req_/);
  });

  test("asks for encrypted reasoning of a deployment only if its name tells that it reasons", async () => {
    const ask = (name: string, messages: readonly Message[] = [user("Hi")]) =>
      encodeResponses("azure", name, { messages, stream: false }, () => {});
    for (const name of ["o3-mini", "gpt-5", "gpt-5.1-codex", "codex-mini-latest"])
      expect(ask(name).include, name).toEqual(["reasoning.encrypted_content"]);
    for (const name of ["prod", "gpt-4o", "my-o3", "gpt-5-chat"]) expect(ask(name).include, name).toBeUndefined();
    // What came unencrypted is not stored either, so that its id would name nothing.
    const part = (data: object) => ({ type: "reasoning", text: "", origin: "azure", data }) as const;
    const thought = (data: object): Message => ({
      role: "assistant",
      content: [part({ type: "reasoning", id: "rs_1", summary: [], ...data }), { type: "text", text: "Yes." }],
    });
    const types = (data: object) =>
      (ask("prod", [user("Hi"), thought(data), user("So?")]).input as { type?: string }[]).map(({ type }) => type);
    expect(types({})).not.toContain("reasoning");
    expect(types({ encrypted_content: "gAAA" })).toContain("reasoning");
  });

  test.each(["gpt-4o-mini", "gpt-4.1", "gpt-3.5-turbo", "chatgpt-4o-latest", "gpt-5-chat-latest", "ft:gpt-4o-mini:me"])(
    "leaves the reasoning of %s alone, which has none",
    async (name) => {
      await call(`openai/${name}`, responses())(async () => "Hi")();
      expect(bodyOf()).toEqual({ model: name, input: [{ role: "user", content: "Hi" }], store: false, stream: false });
    },
  );

  test("carries the parameters that the API has, and warns of those it lacks", async () => {
    const response = await ask("Hi", {
      temperature: 0,
      maxTokens: 99,
      topP: 0.5,
      reasoningEffort: "low",
      topK: 3,
      stop: ["x"],
      seed: 7,
      frequencyPenalty: 1,
      presencePenalty: 1,
    });
    const { input: _, ...rest } = bodyOf();
    expect(rest).toEqual({
      model: "gpt-5-mini",
      temperature: 0,
      max_output_tokens: 99,
      top_p: 0.5,
      reasoning: { effort: "low" },
      store: false,
      include: ["reasoning.encrypted_content"],
      stream: false,
    });
    expect(response.warnings.map(({ code }) => code)).toEqual(Array(5).fill("unsupported_option"));
    expect(response.warnings.map(({ message }) => message.match(/no (\w+)/)?.[1])).toEqual([
      "topK",
      "stop",
      "seed",
      "frequencyPenalty",
      "presencePenalty",
    ]);
  });

  test("takes extraBody, which adds to the lists and cannot replace model, input or stream", async () => {
    await ask("Hi", {
      tools: [clock],
      reasoningEffort: "high",
      extraBody: {
        model: "other",
        input: "other",
        stream: true,
        store: true,
        truncation: "auto",
        tools: [{ type: "web_search" }],
        reasoning: { summary: "auto" },
        include: ["web_search_call.results", "reasoning.encrypted_content"],
      },
    });
    expect(bodyOf()).toMatchObject({
      model: "gpt-5-mini",
      input: [{ role: "user", content: "Hi" }],
      stream: false,
      store: true,
      truncation: "auto",
      tools: [{ type: "function", name: "clock" }, { type: "web_search" }],
      reasoning: { effort: "high", summary: "auto" },
    });
    expect(bodyOf().include).toEqual(["reasoning.encrypted_content", "web_search_call.results"]);
  });

  test("spells tools flat, and says whether they are strict, since the API's default is true", async () => {
    const strict = tool({
      name: "pick",
      description: "Picks.",
      strict: true,
      input: z.object({ n: z.number().optional() }),
    })(async () => "");
    await ask("Hi", { tools: [weather, strict], toolChoice: { name: "weather" }, parallelToolCalls: false });
    expect(bodyOf()).toMatchObject({
      tools: [
        {
          type: "function",
          name: "weather",
          description: "Tells the weather.",
          parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
          strict: false,
        },
        { name: "pick", strict: true, parameters: { required: ["n"], additionalProperties: false } },
      ],
      tool_choice: { type: "function", name: "weather" },
      parallel_tool_calls: false,
    });
    await ask("Hi", { tools: [clock], toolChoice: "required" });
    expect(bodyOf().tool_choice).toBe("required");
  });

  test("carries images and documents as links or bytes, and refuses sound before it is sent", async () => {
    const png = image(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), { detail: "low" });
    const pdf = document(new TextEncoder().encode("%PDF-"), { name: "a.pdf" });
    const link = document("https://example.com/b.pdf");
    await ask([user(["Look:", png, image("https://example.com/c.png"), pdf, link, { type: "cache-point" }])]);
    expect(bodyOf().input[0].content).toEqual([
      { type: "input_text", text: "Look:" },
      { type: "input_image", image_url: "data:image/png;base64,iVBORw0KGgo=", detail: "low" },
      { type: "input_image", image_url: "https://example.com/c.png", detail: "auto" },
      { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" },
      { type: "input_file", file_url: "https://example.com/b.pdf" },
    ]);
    const sound = audio(new Uint8Array([1]), { mediaType: "audio/wav" });
    await expect(ask([user([sound])])).rejects.toThrow(ConfigurationError);
    expect(server.requests).toHaveLength(1);
  });

  test("leaves out what an assistant said without words", async () => {
    await ask([user("Hi"), assistant(""), user("Well?")]);
    expect(bodyOf().input).toEqual([
      { role: "user", content: "Hi" },
      { role: "user", content: "Well?" },
    ]);
  });

  test("answers tool calls by their id, with images in place and failures marked", async () => {
    const calls: Message = {
      role: "assistant",
      content: ["a", "b", "c"].map((id) => ({ type: "tool-call", id, name: "look", arguments: "" })),
    };
    const shown = image("https://example.com/c.png");
    const results: Message = {
      role: "tool",
      content: [
        { type: "tool-result", id: "a", name: "look", content: "dark" },
        { type: "tool-result", id: "b", name: "look", content: [{ type: "text", text: "this" }, shown] },
        { type: "tool-result", id: "c", name: "look", content: "too late", isError: true },
      ],
    };
    await ask([user("Look"), calls, results]);
    expect(bodyOf().input.slice(1)).toEqual([
      ...["a", "b", "c"].map((call_id) => ({ type: "function_call", call_id, name: "look", arguments: "{}" })),
      { type: "function_call_output", call_id: "a", output: "dark" },
      {
        type: "function_call_output",
        call_id: "b",
        output: [
          { type: "input_text", text: "this" },
          { type: "input_image", image_url: "https://example.com/c.png", detail: "auto" },
        ],
      },
      { type: "function_call_output", call_id: "c", output: "Error: too late" },
    ]);
  });

  test("asks for output of a schema in the API's own form", async () => {
    server.reply({ text: '{"title":"Dune"}' });
    const schema = { type: "object", properties: { title: { type: "string" } }, required: ["title"] };
    const output = { name: "book", schema, strict: true };
    const response = await ask("Hi", {
      use: [({ id, run }) => ({ id, run: (request) => run({ ...request, output }) })],
      extraBody: { text: { verbosity: "low" } },
    });
    expect(bodyOf().text).toEqual({
      format: { type: "json_schema", name: "book", strict: true, schema: { ...schema, additionalProperties: false } },
      verbosity: "low",
    });
    expect(response.content).toBe('{"title":"Dune"}');
  });
});
