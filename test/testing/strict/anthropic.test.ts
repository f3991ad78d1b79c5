import { type WireServer, wireServer } from "callwright/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ask, type Case, checks, jpeg, png } from "./asked.js";

const hello = { role: "user", content: "Hello?" };
const whole = (body: object) => ({ model: "claude-haiku-4-5", max_tokens: 100, messages: [hello], ...body });

const use = (id: string, more: object = {}) => ({ type: "tool_use", id, name: "find", input: {}, ...more });
const result = (id: string, more: object = {}) => ({ type: "tool_result", tool_use_id: id, content: "E4", ...more });
const text = (text: string, more: object = {}) => ({ type: "text", text, ...more });
const user = (...content: object[]) => ({ role: "user", content });
const assistant = (...content: object[]) => ({ role: "assistant", content });
const thinking = { type: "thinking", thinking: "Hm.", signature: "c2ln" };
const mark = { cache_control: { type: "ephemeral" } };
const longMark = { cache_control: { type: "ephemeral", ttl: "1h" } };

/** A conversation around one call. */
const round = (call: object, answer: object = user(result("a"))) => ({ messages: [hello, assistant(call), answer] });

const tool = (more: object = {}) => ({ name: "find", input_schema: { type: "object", properties: {} }, ...more });
const offer = (...tools: object[]) => ({ tools });

const closed = (properties: object, required: string[] = Object.keys(properties)) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});
const members = (count: number, schema: object) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, schema]));
const format = (schema: object) => ({ output_config: { format: { type: "json_schema", schema } } });
const string = { type: "string" };

describe("members", () => {
  const cases: Case[] = [
    {
      what: "a body without max_tokens",
      refused: { max_tokens: undefined },
      taken: { max_tokens: 1 },
      says: "max_tokens: Field required",
    },
    {
      what: "a negative max_tokens",
      refused: { max_tokens: -1 },
      taken: { max_tokens: 0 },
      says: "max_tokens: Input should be greater than or equal to 0",
    },
    {
      what: "a number as text",
      refused: { temperature: "1" },
      taken: { temperature: 1 },
      says: "temperature: Input should be a valid number",
    },
    {
      what: "a temperature above 1",
      refused: { temperature: 1.1 },
      taken: { temperature: 0 },
      says: "temperature: Input should be less than or equal to 1",
    },
    {
      what: "a member that it does not know",
      refused: { frequency_penalty: 1 },
      taken: { top_k: 1 },
      says: "frequency_penalty: Extra inputs are not permitted",
    },
    {
      what: "a role that it does not know",
      refused: { messages: [{ role: "tool", content: "x" }] },
      taken: { messages: [hello, { role: "system", content: "x" }] },
      says: "messages.0.role: Input should be 'user', 'assistant' or 'system'",
    },
    {
      what: "a block that it does not know",
      refused: { messages: [user({ type: "audio" })] },
      taken: { messages: [user(text("x"))] },
      says: "messages.0.content.0: Input tag 'audio' found using 'type' does not match any of the expected tags: 'text'",
    },
    {
      what: "a member of a block that it does not know",
      refused: round(use("a", { text: "x" })),
      taken: round(use("a", mark)),
      says: "messages.1.content.0.tool_use.text: Extra inputs are not permitted",
    },
    {
      what: "a cache point of a kind that it does not know",
      refused: { system: [text("x", { cache_control: { type: "ephemeral", scope: "global" } })] },
      taken: { system: [text("x", longMark)] },
      says: "system.0.cache_control.ephemeral.scope: Extra inputs are not permitted",
    },
    {
      what: "a message that is a number",
      refused: { messages: [{ role: "user", content: 7 }] },
      taken: { messages: [hello] },
      says: "messages.0.content: Input should be a valid list",
    },
  ];
  checks("/v1/messages", whole, cases);
});

describe("calls and results", () => {
  const cases: Case[] = [
    {
      what: "an id with other characters than letters, digits, _ and -",
      refused: round(use("functions.f:0"), user(result("functions.f:0"))),
      taken: round(use("functions_f-0"), user(result("functions_f-0"))),
      says: "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
    },
    {
      what: "such an id of a result",
      refused: round(use("a"), user(result("a.b"))),
      taken: round(use("a")),
      says: "messages.2.content.0.tool_result.tool_use_id: String should match pattern '^[a-zA-Z0-9_-]+$'",
    },
    {
      what: "one id for two calls",
      refused: { messages: [hello, assistant(use("a")), user(result("a")), assistant(use("a")), user(result("a"))] },
      taken: { messages: [hello, assistant(use("a")), user(result("a")), assistant(use("b")), user(result("b"))] },
      says: "messages.3.content.0: `tool_use` ids must be unique",
    },
    {
      what: "a call without a result",
      refused: { messages: [hello, assistant(use("a"), use("b")), user(result("a"))] },
      taken: { messages: [hello, assistant(use("a"), use("b")), user(result("b"), result("a"))] },
      says: "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: b. Each `tool_use` block must have a corresponding `tool_result` block in the next message.",
    },
    {
      what: "a call as the last",
      refused: { messages: [hello, assistant(use("a"))] },
      taken: { messages: [hello, assistant(text("Well"))] },
      says: "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: a.",
    },
    {
      what: "a result behind text in its turn",
      refused: round(use("a"), user(text("Here:"), result("a"))),
      taken: round(use("a"), user(result("a"), text("There."))),
      says: "`tool_use` ids were found without `tool_result` blocks immediately after: a.",
    },
    {
      what: "a result in a later message of its turn, behind text",
      refused: { messages: [hello, assistant(use("a")), user(text("Here:")), user(result("a"))] },
      taken: { messages: [hello, assistant(use("a")), user(result("a")), user(text("There."))] },
      says: "`tool_use` ids were found without `tool_result` blocks immediately after: a.",
    },
    {
      what: "a result for no call",
      refused: { messages: [user(result("a"))] },
      taken: { messages: [user(text("a"))] },
      says: "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: a. Each `tool_result` block must have a corresponding `tool_use` block in the previous message.",
    },
    {
      what: "a result for a call of an earlier turn",
      refused: {
        messages: [hello, assistant(use("a")), user(result("a")), assistant(text("So.")), user(result("a"))],
      },
      taken: { messages: [hello, assistant(use("a")), user(result("a")), assistant(text("So.")), user(text("a"))] },
      says: "messages.4.content.0: unexpected `tool_use_id` found in `tool_result` blocks: a.",
    },
    {
      what: "two results for one call",
      refused: round(use("a"), user(result("a"), result("a"))),
      taken: round(use("a"), user(result("a"))),
      says: "messages.2.content.1: each tool_use must have a single result. Found multiple `tool_result` blocks with id: a",
    },
    {
      what: "a call by the user",
      refused: { messages: [user(use("a"))] },
      taken: { messages: [user(text("a"))] },
      says: "messages.0: `tool_use` blocks can only be in `assistant` messages",
    },
    {
      what: "a name in the history that is no name of a tool",
      refused: round(use("a", { name: "browser.tabs.open" })),
      taken: round(use("a", { name: "browser_tabs_open" })),
      says: "messages.1.content.0.tool_use.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    },
    {
      what: "a name in the history of more than 128 characters",
      refused: round(use("a", { name: "x".repeat(129) })),
      taken: round(use("a", { name: "x".repeat(128) })),
      says: "messages.1.content.0.tool_use.name: String should have at most 128 characters",
    },
    {
      what: "an input that is a list",
      refused: round(use("a", { input: [] })),
      taken: round(use("a", { input: {} })),
      says: "messages.1.content.0.tool_use.input: Input should be a valid dictionary",
    },
  ];
  checks("/v1/messages", whole, cases);
});

describe("turns", () => {
  const cases: Case[] = [
    {
      what: "a conversation that the assistant begins",
      refused: { messages: [assistant(text("Hello.")), hello] },
      taken: { messages: [hello, hello, assistant(text("Hello."))] },
      says: 'messages: first message must use the "user" role',
    },
    {
      what: "a conversation of nothing",
      refused: { messages: [] },
      taken: { messages: [hello] },
      says: "messages: at least one message is required",
    },
    {
      what: "a message of nothing",
      refused: { messages: [hello, { role: "assistant", content: [] }, hello] },
      taken: { messages: [hello, { role: "assistant", content: [] }] },
      says: "messages.1: all messages must have non-empty content except for the optional final assistant message",
    },
    {
      what: "an empty text",
      refused: { messages: [hello, assistant(text(""), use("a")), user(result("a"))] },
      taken: { messages: [hello, assistant(text("."), use("a")), user(result("a"))] },
      says: "messages: text content blocks must be non-empty",
    },
    {
      what: "a blank text",
      refused: { messages: [{ role: "user", content: " \n" }] },
      taken: { messages: [{ role: "user", content: " x\n" }] },
      says: "messages: text content blocks must contain non-whitespace text",
    },
    {
      what: "a blank text in a result",
      refused: round(use("a"), user(result("a", { content: [text("\n")] }))),
      taken: round(use("a"), user(result("a", { content: "" }))),
      says: "messages: text content blocks must contain non-whitespace text",
    },
    {
      what: "a blank system text",
      refused: { system: [text(" ")] },
      taken: { system: [text("Be kind.")] },
      says: "system: text content blocks must contain non-whitespace text",
    },
    {
      what: "a last answer that ends in white space",
      refused: { messages: [hello, { role: "assistant", content: "Sure: " }] },
      taken: { messages: [hello, { role: "assistant", content: "Sure:" }] },
      says: "messages: final assistant content cannot end with trailing whitespace",
    },
    {
      what: "thinking at the end of an answer",
      refused: { messages: [hello, assistant(thinking), hello] },
      taken: { messages: [hello, assistant(thinking, text("So.")), hello] },
      says: "messages.1: The final block in an assistant message cannot be `thinking`.",
    },
    {
      what: "thinking without its signature",
      refused: { messages: [hello, assistant({ ...thinking, signature: undefined }, text("So.")), hello] },
      taken: { messages: [hello, assistant(thinking, text("So.")), hello] },
      says: "messages.1.content.0.thinking.signature: Field required",
    },
    {
      what: "thinking with an empty signature",
      refused: { messages: [hello, assistant({ ...thinking, signature: "" }, text("So.")), hello] },
      taken: { messages: [hello, assistant({ type: "redacted_thinking", data: "x" }, text("So.")), hello] },
      says: "messages.1.content.0: Invalid `signature` in `thinking` block",
    },
  ];
  checks("/v1/messages", whole, cases);
});

describe("cache points, images and documents", () => {
  const image = (media_type: string, data: string) => ({
    messages: [user({ type: "image", source: { type: "base64", media_type, data } })],
  });
  const pdf = Buffer.from("%PDF-1.7").toString("base64");
  const document = (source: object) => ({ messages: [user({ type: "document", source, title: "a" })] });
  const cases: Case[] = [
    {
      what: "five cache points",
      refused: { ...offer(tool(mark)), system: [text("x", mark)], messages: [user(...Array(3).fill(text("x", mark)))] },
      taken: { ...offer(tool(mark)), system: [text("x", mark)], messages: [user(...Array(2).fill(text("x", mark)))] },
      says: "A maximum of 4 blocks with cache_control may be provided. Found 5.",
    },
    {
      what: "a cache point on thinking",
      refused: { messages: [hello, assistant({ ...thinking, ...mark }, text("So.")), hello] },
      taken: { messages: [hello, assistant(thinking, text("So.", mark)), hello] },
      says: "messages.1.content.0.thinking.cache_control: Extra inputs are not permitted",
    },
    {
      what: "a cache point on an empty text",
      refused: { messages: [user(text("", mark))] },
      taken: { messages: [user(text("x", mark))] },
      says: "messages.0.content.0.text: cache_control cannot be set for empty text blocks",
    },
    {
      what: "a cache point of an hour behind one of five minutes",
      refused: { system: [text("x", mark)], messages: [user(text("x", longMark))] },
      taken: { system: [text("x", longMark)], messages: [user(text("x", mark))] },
      says: "messages.0.content.0.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block.",
    },
    {
      what: "an image of another type",
      refused: image("image/jpg", jpeg),
      taken: image("image/jpeg", jpeg),
      says: "messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'",
    },
    {
      what: "an image whose bytes are of another type than it says",
      refused: image("image/png", jpeg),
      taken: image("image/png", png),
      says: "messages.0.content.0.image.source.base64: The image was specified using the image/png media type, but the image appears to be a image/jpeg image",
    },
    {
      what: "such an image in a result",
      refused: round(use("a"), user(result("a", { content: image("image/png", jpeg).messages[0]!.content }))),
      taken: round(use("a"), user(result("a", { content: image("image/png", png).messages[0]!.content }))),
      says: "messages.2.content.0.tool_result.content.0.image.source.base64: The image was specified",
    },
    {
      what: "a document of another type",
      refused: document({ type: "base64", media_type: "application/msword", data: pdf }),
      taken: document({ type: "base64", media_type: "application/pdf", data: pdf }),
      says: "messages.0.content.0.document.source.base64.media_type: Input should be 'application/pdf'",
    },
    {
      what: "a text document of another type than plain text",
      refused: document({ type: "text", media_type: "text/markdown", data: "# x" }),
      taken: document({ type: "text", media_type: "text/plain", data: "# x" }),
      says: "messages.0.content.0.document.source.text.media_type: Input should be 'text/plain'",
    },
    {
      what: "a document that is an image",
      refused: document({ type: "base64", media_type: "application/pdf", data: png }),
      taken: document({ type: "url", url: "https://example.com/a.pdf" }),
      says: "The PDF specified was not valid.",
    },
  ];
  checks("/v1/messages", whole, cases);
});

describe("tools and thinking", () => {
  const think = { thinking: { type: "enabled", budget_tokens: 1024 }, max_tokens: 2000 };
  const choice = (choice: object, ...tools: object[]) => ({ ...offer(...tools), tool_choice: choice });
  const cases: Case[] = [
    {
      what: "a tool by the name of a method",
      refused: offer(tool({ name: "a.b" })),
      taken: offer(tool({ name: "a-b" })),
      says: "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    },
    {
      what: "two tools of one name",
      refused: offer(tool(), tool()),
      taken: offer(tool(), tool({ name: "found" })),
      says: "tools: Tool names must be unique.",
    },
    {
      what: "a tool whose input is text",
      refused: offer(tool({ input_schema: string })),
      taken: offer(tool({ input_schema: { type: "object" } })),
      says: "tools.0.custom.input_schema.type: Input should be 'object'",
    },
    {
      what: "a tool whose input has no type",
      refused: offer(tool({ input_schema: { anyOf: [] } })),
      taken: offer({ type: "web_search_20250305", name: "web_search" }),
      says: "tools.0.custom.input_schema.type: Field required",
    },
    {
      what: "a tool whose input is a union",
      refused: offer(tool({ input_schema: { type: "object", anyOf: [] } })),
      taken: offer(tool({ input_schema: { type: "object", properties: { a: { anyOf: [string] } } } })),
      says: "tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level",
    },
    {
      what: "a choice without tools",
      refused: choice({ type: "auto" }),
      taken: choice({ type: "auto" }, tool()),
      says: "tool_choice: may only be specified while providing tools.",
    },
    {
      what: "the choice of a tool that is not there",
      refused: choice({ type: "tool", name: "lose" }, tool()),
      taken: choice({ type: "tool", name: "find" }, tool()),
      says: "Tool 'lose' not found in provided tools",
    },
    {
      what: "a forced tool while it thinks",
      refused: { ...think, ...choice({ type: "any" }, tool()) },
      taken: { ...think, ...choice({ type: "auto" }, tool()) },
      says: "Thinking may not be enabled when tool_choice forces tool use.",
    },
    {
      what: "a forced tool while it may think",
      refused: { thinking: { type: "adaptive" }, ...choice({ type: "tool", name: "find" }, tool()) },
      taken: { thinking: { type: "disabled" }, ...choice({ type: "tool", name: "find" }, tool()) },
      says: "Thinking may not be enabled when tool_choice forces tool use.",
    },
    {
      what: "a small budget",
      refused: { ...think, thinking: { type: "enabled", budget_tokens: 1023 } },
      taken: think,
      says: "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
    },
    {
      what: "a budget that leaves nothing",
      refused: { ...think, max_tokens: 1024 },
      taken: { ...think, max_tokens: 1025 },
      says: "`max_tokens` must be greater than `thinking.budget_tokens`.",
    },
  ];
  checks("/v1/messages", whole, cases);
});

describe("strict schemas", () => {
  const strict = (input_schema: object) => offer(tool({ strict: true, input_schema }));
  const union = { anyOf: [string, { type: "null" }] };
  const cases: Case[] = [
    {
      what: "25 optional members in all",
      refused: { ...strict(closed(members(20, string), [])), ...format(closed(members(5, string), [])) },
      taken: { ...strict(closed(members(20, string), [])), ...format(closed(members(4, string), [])) },
      says: "Schemas contains too many optional parameters (25), which would make grammar compilation inefficient. Reduce the number of optional parameters in your tool schemas (limit: 24).",
    },
    {
      what: "17 unions",
      refused: format(closed(members(17, union))),
      taken: format(closed(members(16, union))),
      says: "Schemas contains too many parameters with union types (17 parameters with type arrays or anyOf).",
    },
    {
      what: "21 strict tools",
      refused: offer(
        ...Array.from({ length: 21 }, (_, i) => tool({ name: `t${i}`, strict: true, input_schema: closed({}) })),
      ),
      taken: offer(
        ...Array.from({ length: 21 }, (_, i) => tool({ name: `t${i}`, strict: i > 0, input_schema: closed({}) })),
      ),
      says: "The maximum number of strict tools supported is 20.",
    },
    {
      what: "an open object",
      refused: format({ type: "object", properties: { a: string } }),
      taken: format(closed({ a: string })),
      says: "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
    },
    {
      what: "a record",
      refused: format({ type: "object", additionalProperties: string }),
      taken: offer(tool({ input_schema: { type: "object", additionalProperties: string } })),
      says: "output_config.format.schema: For 'object' type, 'additionalProperties: object' is not supported.",
    },
    {
      what: "bounds",
      refused: strict(closed({ a: { type: "integer", minimum: 1, maximum: 2 } })),
      taken: strict(closed({ a: { type: "integer", description: "minimum: 1" } })),
      says: "tools.0.custom: For 'integer' type, properties minimum, maximum are not supported",
    },
    {
      what: "lists of two and more",
      refused: strict(closed({ a: { type: "array", items: string, minItems: 2 } })),
      taken: strict(closed({ a: { type: "array", items: string, minItems: 1 } })),
      says: "tools.0.custom: For 'array' type, 'minItems' values other than 0 or 1 are not supported",
    },
    {
      what: "a schema that contains itself",
      refused: format({ ...closed({ a: { $ref: "#/$defs/a" } }), $defs: { a: closed({ b: { $ref: "#/$defs/a" } }) } }),
      taken: format({
        ...closed({ a: { $ref: "#/$defs/a" }, b: { $ref: "#/$defs/a" } }),
        $defs: { a: closed({ c: string }) },
      }),
      says: "output_config.format.schema: Recursive schemas are not supported.",
    },
  ];
  checks("/v1/messages", whole, cases);
});

describe("the header anthropic-beta", () => {
  let server: WireServer;
  beforeAll(async () => {
    server = await wireServer();
  });
  afterAll(() => server.close());

  test("lets members and blocks of a beta pass", async () => {
    const body = whole({ context_management: { edits: [] } });
    expect((await ask(server, "/v1/messages", body)).body.error.message).toBe(
      "context_management: Extra inputs are not permitted",
    );
    const headers = { "anthropic-beta": "context-management-2025-06-27" };
    expect((await ask(server, "/v1/messages", body, headers)).status).toBe(200);
  });
});
