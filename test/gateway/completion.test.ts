import { ConfigurationError, completion, override, UnsupportedProviderError } from "callwright";
import { script, wireServer } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { errorOf, onBothWires, turnsOf } from "../calls/wires.js";

const messages = [{ role: "user", content: "Hi" }];
const schema = {
  type: "object",
  properties: { title: { type: "string" } },
  required: ["title"],
  additionalProperties: false,
};
const bookTool = {
  type: "function",
  function: { name: "find_book", description: "Finds a book", parameters: schema },
};

onBothWires((wire) => {
  const ask = (request: Record<string, unknown> = {}) =>
    completion({ model: wire.reference, messages, ...wire.access, ...request, stream: false });

  test("an answer has the shape of a chat.completion", async () => {
    wire.server.reply({ text: "Hello.", usage: { input: 20, output: 7, cachedInput: 5, reasoning: 3 } });
    const before = Math.floor(Date.now() / 1000);
    const answer = await ask();
    expect(answer).toEqual({
      id: expect.stringMatching(/^(chatcmpl-|msg_)/),
      object: "chat.completion",
      created: expect.any(Number),
      model: wire.name,
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "Hello.", refusal: null },
          finish_reason: "stop",
          logprobs: null,
        },
      ],
      usage: {
        prompt_tokens: 20,
        completion_tokens: 7,
        total_tokens: 27,
        prompt_tokens_details: { cached_tokens: 5 },
        completion_tokens_details: { reasoning_tokens: 3 },
      },
    });
    expect(answer.created).toBeGreaterThanOrEqual(before);
    expect(answer.created).toBeLessThanOrEqual(Date.now() / 1000);
  });

  test("an answer without usage has none", async () => {
    wire.server.reply({ usage: null });
    expect(await ask()).not.toHaveProperty("usage");
  });

  test.each([
    ["stop", "stop"],
    ["length", "length"],
    ["tool-calls", "tool_calls"],
    ["content-filter", "content_filter"],
  ] as const)("the finish %s is told as %s", async (finishReason, finish_reason) => {
    wire.server.reply({ text: "Hello.", finishReason });
    expect((await ask()).choices[0]?.finish_reason).toBe(finish_reason);
  });

  describe("tools", () => {
    test("are offered, and calls come back with their ids, beside text and without", async () => {
      const toolCalls = [
        { name: "find_book", args: { title: "Momo" }, id: "call_a" },
        { name: "find_book", args: {}, id: "call_b" },
      ];
      wire.server.reply({ toolCalls }, { text: "Wait.", toolCalls });
      const { choices } = await ask({ tools: [bookTool] });
      expect(choices[0]).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
      expect(choices[0]?.message.tool_calls).toEqual([
        { id: "call_a", type: "function", function: { name: "find_book", arguments: '{"title":"Momo"}' } },
        { id: "call_b", type: "function", function: { name: "find_book", arguments: "{}" } },
      ]);
      const [tool] = wire.body.tools;
      expect(
        wire.provider === "openai" ? tool : { type: "function", function: { ...tool, parameters: tool.input_schema } },
      ).toMatchObject(bookTool);
      expect((await ask({ tools: [bookTool] })).choices[0]?.message).toMatchObject({
        content: "Wait.",
        tool_calls: [{}, {}],
      });
    });

    test("that were called go in again with their results, in each provider's own form", async () => {
      wire.server.reply(
        { toolCalls: [{ name: "find_book", args: { title: "Momo" }, id: "call_a" }] },
        { text: "Found." },
      );
      const first = await ask({ tools: [bookTool] });
      const message = first.choices[0]?.message;
      const second = await ask({
        tools: [bookTool],
        messages: [
          ...messages,
          message,
          { role: "tool", tool_call_id: message?.tool_calls?.[0]?.id, content: [{ type: "text", text: "Shelf E" }] },
        ],
      });
      expect(second.choices[0]?.message.content).toBe("Found.");
      expect(wire.body.messages).toHaveLength(3);
      expect(wire.body.messages[2]).toEqual(
        wire.provider === "openai"
          ? { role: "tool", tool_call_id: "call_a", content: "Shelf E" }
          : {
              role: "user",
              content: [{ type: "tool_result", tool_use_id: "call_a", content: [{ type: "text", text: "Shelf E" }] }],
            },
      );
      expect(JSON.stringify(wire.body.messages[1])).toContain("Momo");
    });

    test.each([
      ["auto", { openai: "auto", anthropic: { type: "auto" } }],
      ["none", { openai: "none", anthropic: { type: "none" } }],
      ["required", { openai: "required", anthropic: { type: "any" } }],
      [
        { type: "function", function: { name: "find_book" } },
        {
          openai: { type: "function", function: { name: "find_book" } },
          anthropic: { type: "tool", name: "find_book" },
        },
      ],
    ] as const)("are chosen from by tool_choice %j", async (tool_choice, sent) => {
      await ask({ tools: [bookTool], tool_choice });
      expect(wire.body.tool_choice).toEqual(sent[wire.provider as "openai"]);
    });

    test("are asked for one at a time with parallel_tool_calls: false", async () => {
      await ask({ tools: [bookTool], parallel_tool_calls: false });
      if (wire.provider === "openai") expect(wire.body.parallel_tool_calls).toBe(false);
      else expect(wire.body.tool_choice.disable_parallel_tool_use).toBe(true);
    });
  });

  test("messages of every role and part reach the provider", async () => {
    const pixel = "data:image/png;base64,iVBORw0KGgo=";
    await ask({
      messages: [
        { role: "developer", content: "Be brief." },
        {
          role: "user",
          content: [
            { type: "text", text: "Look:" },
            { type: "image_url", image_url: { url: "https://example.com/a.png", detail: "low" } },
            { type: "image_url", image_url: { url: pixel } },
            { type: "file", file: { file_data: "data:application/pdf;base64,JVBERi0=", filename: "a.pdf" } },
          ],
        },
        { role: "assistant", content: null, refusal: "I would rather not.", tool_calls: null },
        { role: "user", content: "Please." },
      ],
    });
    expect(turnsOf(wire.body).map(([role, text]) => `${role}: ${text}`)).toEqual([
      "system: Be brief.",
      wire.provider === "openai" ? "user: Look:[image_url][image_url][file]" : "user: Look:[image][image][document]",
      "assistant: I would rather not.",
      "user: Please.",
    ]);
  });

  test("sound reaches a provider that hears, and is an error before the request at one that does not", async () => {
    const part = { type: "input_audio", input_audio: { data: "AQID", format: "mp3" } };
    const asked = ask({ messages: [{ role: "user", content: [part] }] });
    if (wire.provider === "openai") await asked;
    else expect(await errorOf(asked)).toBeInstanceOf(ConfigurationError);
    expect(wire.server.requests.map(({ body }) => body.messages[0].content)).toEqual(
      wire.provider === "openai" ? [[part]] : [],
    );
  });

  test("options are sent in each provider's own words", async () => {
    await ask({ temperature: 0, top_p: 0.5, max_tokens: 100, stop: "END", reasoning_effort: "low" });
    expect(wire.body).toMatchObject({ temperature: 0, top_p: 0.5 });
    if (wire.provider === "openai")
      expect(wire.body).toMatchObject({ max_completion_tokens: 100, stop: ["END"], reasoning_effort: "low" });
    else
      expect(wire.body).toMatchObject({ max_tokens: 100, stop_sequences: ["END"], output_config: { effort: "low" } });
    await ask({ max_tokens: 100, max_completion_tokens: 50, stop: ["A", "B"] });
    expect(wire.body.max_completion_tokens ?? wire.body.max_tokens).toBe(50);
    expect(wire.body.stop ?? wire.body.stop_sequences).toEqual(["A", "B"]);
  });

  test("keys that are not known go to the provider as they are", async () => {
    // The strict server knows the keys of today.
    await using lax = await wireServer({ strict: false });
    const brand_new = { deep: [1, false, ""] };
    await ask({ ...lax[wire.provider], service_tier: "auto", metadata: { user_id: "u1" }, brand_new });
    expect(lax.requests[0]?.body).toMatchObject({
      service_tier: "auto",
      metadata: { user_id: "u1" },
      brand_new,
    });
  });

  test("null says the same as leaving a key out", async () => {
    await ask();
    const { body } = wire;
    const names = [
      "n",
      "temperature",
      "top_p",
      "max_tokens",
      "max_completion_tokens",
      "stop",
      "seed",
      "tools",
      "logprobs",
    ];
    const more = [
      "tool_choice",
      "parallel_tool_calls",
      "response_format",
      "stream_options",
      "reasoning_effort",
      "user",
    ];
    await ask(Object.fromEntries([...names, ...more].map((name) => [name, null])));
    expect(wire.body).toEqual(body);
  });

  test("key, address, client, signal, time limits and headers never stand in the body", async () => {
    const own = {
      ...wire.access,
      signal: new AbortController().signal,
      timeouts: { totalMs: 5000 },
      headers: { "x-shelf": "E" },
      fetch: undefined,
      client: undefined,
      connections: 2,
      api: undefined,
      stream_options: { include_usage: true },
      n: 1,
    };
    await ask(own);
    for (const name of Object.keys(own)) expect(wire.body).not.toHaveProperty(name);
    expect(JSON.stringify(wire.body)).not.toContain(wire.access.apiKey);
    expect(wire.server.requests[0]?.headers["x-shelf"]).toBe("E");
  });

  test("a response_format with a schema is held by the provider, and the answer is its JSON", async () => {
    wire.server.reply({ text: '{"title":"Momo"}' });
    const json_schema = { name: "book", schema, strict: true };
    const answer = await ask({ response_format: { type: "json_schema", json_schema } });
    expect(JSON.parse(answer.choices[0]?.message.content ?? "")).toEqual({ title: "Momo" });
    if (wire.provider === "openai") expect(wire.body.response_format).toEqual({ type: "json_schema", json_schema });
    else {
      expect(wire.body).not.toHaveProperty("response_format");
      expect(wire.body.output_config.format).toMatchObject({ type: "json_schema", schema });
    }
  });

  test("a response_format of text is what every provider gives, and is not sent", async () => {
    await ask({ response_format: { type: "text" } });
    expect(wire.body).not.toHaveProperty("response_format");
  });

  test.each([401, 400, 404])("a %s of the provider is thrown as its typed error", async (status) => {
    wire.server.reply({ status });
    const names: Record<number, string> = { 401: "authentication", 400: "bad_request", 404: "not_found" };
    expect(await errorOf(ask())).toMatchObject({ code: names[status], status, provider: wire.provider });
  });

  test("an aborted signal closes the connection", async () => {
    wire.server.reply({ delayMs: Number.POSITIVE_INFINITY });
    const controller = new AbortController();
    const asked = ask({ signal: controller.signal });
    const request = await wire.server.arrived();
    controller.abort();
    expect(await errorOf(asked)).toMatchObject({ code: "aborted" });
    await request.closed;
    expect(request.aborted).toBe(true);
  });

  test("the caller's request is left as it was", async () => {
    const request = {
      tools: [bookTool],
      stop: ["END"],
      messages: [...messages, { role: "user", content: [{ type: "text", text: "!" }] }],
    };
    const copy = structuredClone(request);
    await ask(request);
    expect(request).toEqual(copy);
  });
});

test("a result of a tool bears the name of the tool that was called, for models of one's own", async () => {
  const model = script(["Found."]);
  const call = { id: "call_a", type: "function", function: { name: "find_book", arguments: "{}" } };
  const conversation = [
    ...messages,
    { role: "assistant", tool_calls: [call] },
    { role: "tool", tool_call_id: "call_a", content: "Shelf E" },
  ];
  await override({ model }, () => completion({ model: "openai/gpt-4o-mini", messages: conversation }));
  expect(model.requests[0]?.messages[2]?.content).toEqual([
    { type: "tool-result", id: "call_a", name: "find_book", content: "Shelf E" },
  ]);
});

test("a refusal is told as such, with no content", async () => {
  const answer = await override(
    {
      model: script([
        [
          { type: "refusal-delta", text: "No." },
          { type: "finish", reason: "stop" },
        ],
      ]),
    },
    () => completion({ model: "openai/gpt-4o-mini", messages }),
  );
  expect(answer.choices[0]?.message).toEqual({ role: "assistant", content: null, refusal: "No." });
});

test("override reaches it, so that a test needs no server", async () => {
  const answer = await override({ model: script(["Hello."]) }, () =>
    completion({ model: "openai/gpt-4o-mini", messages }),
  );
  expect(answer).toMatchObject({ model: "model", choices: [{ message: { content: "Hello." } }] });
  expect(answer.id).toBe("script-1");
});

describe("a request that cannot be read is an error that names the place, and nothing is sent", () => {
  const image_url = { url: "file:///etc/passwd" };
  test.each<[string, Record<string, unknown>]>([
    ["n ", { n: 2 }],
    ["one choice", { n: 0 }],
    ["messages: it must be a list", { messages: undefined }],
    ["messages: it must be a list", { messages: "Hi" }],
    ["messages[0].role", { messages: [null] }],
    ["messages[1].role", { messages: [...messages, { role: "wizard", content: "" }] }],
    ["messages[0].content", { messages: [{ role: "user", content: null }] }],
    ["messages[0].content[0]", { messages: [{ role: "user", content: [{ type: "video" }] }] }],
    ["messages[0].content[0]", { messages: [{ role: "user", content: ["Hi"] }] }],
    ["http(s)", { messages: [{ role: "user", content: [{ type: "image_url", image_url }] }] }],
    [
      "messages[0].content[0].input_audio.data",
      { messages: [{ role: "user", content: [{ type: "input_audio", input_audio: { data: "%", format: "wav" } }] }] },
    ],
    ["messages[0].content[0]", { messages: [{ role: "user", content: [{ type: "file", file: { file_id: "f1" } }] }] }],
    ["messages[0].tool_call_id", { messages: [{ role: "tool", content: "1" }] }],
    ["messages[0].tool_calls", { messages: [{ role: "assistant", tool_calls: {} }] }],
    ["messages[0].tool_calls[0]", { messages: [{ role: "assistant", tool_calls: [{ id: "a" }] }] }],
    ["tools: it must be a list", { tools: {} }],
    ["tools[0]", { tools: [{ type: "custom", custom: { name: "x" } }] }],
    ["tools[1]", { tools: [bookTool, { type: "function" }] }],
    ["tool_choice", { tools: [bookTool], tool_choice: "always" }],
    ["response_format.json_schema.schema", { response_format: { type: "json_schema" } }],
    ["temperature", { temperature: "hot" }],
    ["maxTokens", { max_tokens: 0 }],
  ])("(%s)", async (place, request) => {
    const model = script([]);
    const error = await errorOf(
      override({ model }, () => completion({ model: "openai/gpt-4o-mini", messages, ...request })),
    );
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain(place);
    expect(model.requests).toEqual([]);
  });

  test("(model)", async () => {
    expect(await errorOf(completion({ model: "gpt-4o" as "x/y", messages }))).toBeInstanceOf(UnsupportedProviderError);
    expect(await errorOf(completion({ messages } as never))).toBeInstanceOf(ConfigurationError);
  });
});
