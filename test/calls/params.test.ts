import { call, type Params } from "callwright";
import { wireServer } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { errorOf, onBothWires } from "./wires.js";

const plain = {
  openai: { model: "gpt-4o-mini", messages: [{ role: "user", content: "Hi" }], stream: false },
  anthropic: {
    model: "claude-haiku-4-5",
    messages: [{ role: "user", content: "Hi" }],
    max_tokens: 4096,
    stream: false,
  },
};

type Row = readonly [params: Params, onOpenai: object, onAnthropic: object];
const sent: Record<string, Row> = {
  "no option at all": [{}, {}, {}],
  "a temperature of 0": [{ temperature: 0 }, { temperature: 0 }, { temperature: 0 }],
  "an option that is undefined": [{ temperature: undefined, stop: undefined }, {}, {}],
  "a limit of tokens": [{ maxTokens: 7 }, { max_completion_tokens: 7 }, { max_tokens: 7 }],
  "topP of 0": [{ topP: 0 }, { top_p: 0 }, { top_p: 0 }],
  "stop sequences": [{ stop: ["END", "\n"] }, { stop: ["END", "\n"] }, { stop_sequences: ["END", "\n"] }],
  "an empty list of stop sequences": [{ stop: [] }, { stop: [] }, { stop_sequences: [] }],
  "an effort": [{ reasoningEffort: "low" }, { reasoning_effort: "low" }, { output_config: { effort: "low" } }],
  "no effort": [{ reasoningEffort: "none" }, { reasoning_effort: "none" }, { thinking: { type: "disabled" } }],
  "fields as the provider spells them": [
    { extraBody: { metadata: { user_id: "u-1" }, service_tier: "auto" } },
    { metadata: { user_id: "u-1" }, service_tier: "auto" },
    { metadata: { user_id: "u-1" }, service_tier: "auto" },
  ],
  "a field of extraBody that an option set as well": [
    { temperature: 1, extraBody: { temperature: 0.5 } },
    { temperature: 0.5 },
    { temperature: 0.5 },
  ],
  "fields that would replace the model, the messages or the stream": [
    { extraBody: { model: "gpt-5", messages: [], stream: true, stream_options: undefined } },
    {},
    {},
  ],
};

onBothWires((wire) => {
  test.each(Object.entries(sent))("the body for %s is exactly this", async (_, [params, onOpenai, onAnthropic]) => {
    await call(wire.reference, { ...wire.access, ...params })(() => "Hi")();
    const own = wire.provider === "openai" ? onOpenai : onAnthropic;
    expect(wire.body).toEqual({ ...plain[wire.provider], ...own });
  });

  test("a stream differs from a plain call by its flags alone", async () => {
    const ask = call(wire.reference, { ...wire.access, stream: true, temperature: 0 });
    await (await ask(() => "Hi")()).response();
    const flags = wire.provider === "openai" ? { stream_options: { include_usage: true } } : {};
    expect(wire.body).toEqual({ ...plain[wire.provider], temperature: 0, stream: true, ...flags });
  });

  const lacking: Params =
    wire.provider === "openai" ? { topK: 5 } : { seed: 0, frequencyPenalty: 0.5, presencePenalty: 0 };

  test.each(Object.entries(lacking))("%s is dropped with one warning, plain and streamed", async (name, value) => {
    const options = { ...wire.access, [name]: value };
    const response = await call(wire.reference, options)(() => "Hi")();
    expect(wire.body).toEqual(plain[wire.provider]);
    expect(response.content).toBe("Hello from the wire server.");
    expect(response.warnings).toEqual([{ code: "unsupported_option", message: expect.stringContaining(name) }]);

    const stream = await call(wire.reference, { ...options, stream: true })(() => "Hi")();
    expect((await stream.response()).warnings).toEqual(response.warnings);
  });

  test("the warning is there once, also when the call was tried again", async () => {
    wire.server.reply({ status: 503, headers: { "retry-after-ms": "1" } }, { text: "ok" });
    const response = await call(wire.reference, { ...wire.access, ...lacking })(() => "Hi")();
    expect(response.warnings.length).toBe(Object.keys(lacking).length);
    expect(wire.server.requests.length).toBe(2);
  });

  test("headers of the call go along", async () => {
    const headers = { "x-team": "library", "X-Empty": "", "x-latin": "caf\u00e9" };
    await call(wire.reference, { ...wire.access, headers })(() => "Hi")();
    const [request] = wire.server.requests;
    expect(request?.headers).toMatchObject({ "x-team": "library", "x-empty": "", "x-latin": "caf\u00e9" });
  });

  test.each<readonly [string, Record<string, string>]>([
    ["a line break in its value", { "x-a": "1\r\nx-evil: 1" }],
    ["a lone line feed", { "x-a": "1\nx-evil: 1" }],
    ["a NUL", { "x-a": "\0" }],
    ["a character beyond Latin-1", { "x-a": "\u4f60" }],
    ["a line break in its name", { "x-a\r\nx-evil": "1" }],
    ["a space in its name", { "x a": "1" }],
    ["no name", { "": "1" }],
    ["the name __proto__", JSON.parse('{ "__proto__": "1" }')],
  ])("a header with %s is refused before anything is sent", async (_, headers) => {
    const error = await errorOf(call(wire.reference, { ...wire.access, headers })(() => "Hi")());
    expect(error).toMatchObject({ name: "ConfigurationError" });
    expect(error.message).toContain("header");
    expect(wire.server.requests).toEqual([]);
  });
});

describe("values out of range are refused where the call is defined", () => {
  test.each<readonly [string, object]>([
    ["temperature", { temperature: Number.NaN }],
    ["temperature", { temperature: "0.5" }],
    ["maxTokens", { maxTokens: 0 }],
    ["maxTokens", { maxTokens: 1.5 }],
    ["topK", { topK: -1 }],
    ["seed", { seed: Number.POSITIVE_INFINITY }],
    ["timeouts.totalMs", { timeouts: { totalMs: 0 } }],
    ["timeouts.idleMs", { timeouts: { idleMs: Number.NaN } }],
  ])("%s as in %j", async (name, options) => {
    const error = await errorOf(() => call("openai/gpt-4o-mini", options as Params));
    expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining(name) });
  });
});

test.each([
  [{ include_obfuscation: false }, { include_usage: true, include_obfuscation: false }],
  [{ include_usage: false }, { include_usage: false }],
  [null, undefined],
])("a stream's own stream_options %j are sent to OpenAI, and null sends none", async (given, expected) => {
  await using server = await wireServer();
  const options = { ...server.openai, stream: true, extraBody: { stream_options: given } } as const;
  await (await call("openai/gpt-4o-mini", options)(() => "Hi")()).response();
  expect(server.requests[0]?.body.stream_options).toEqual(expected);
});
