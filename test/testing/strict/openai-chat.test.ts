import { describe } from "vitest";
import { type Case, checks, jpeg, png } from "./asked.js";

const hello = { role: "user", content: "Hello?" };
const whole = (body: object) => ({ model: "gpt-4o-mini", messages: [hello], ...body });

const call = (id: string, more: object = {}) => ({
  id,
  type: "function",
  function: { name: "find", arguments: "{}", ...more },
});
const calls = (...tool_calls: object[]) => ({ role: "assistant", content: null, tool_calls });
const result = (tool_call_id: string) => ({ role: "tool", tool_call_id, content: "E4" });
const round = (asked: object, ...after: object[]) => ({ messages: [hello, calls(asked), ...after] });
const user = (...content: object[]) => ({ messages: [{ role: "user", content }] });

const string = { type: "string" };
const object = { type: "object", properties: {} };
const tool = (more: object = {}) => ({ type: "function", function: { name: "find", parameters: object, ...more } });
const tools = (...list: object[]) => ({ tools: list });
const format = (schema: object, more: object = { strict: true }) => ({
  response_format: { type: "json_schema", json_schema: { name: "Book", schema, ...more } },
});
const closed = (properties: object) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const members = (count: number, schema: object) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`m${index}`, schema]));
const nested = (levels: number): object => (levels === 1 ? closed({}) : closed({ a: nested(levels - 1) }));

describe("members", () => {
  const cases: Case[] = [
    {
      what: "a member that it does not know",
      refused: { top_k: 1 },
      taken: { top_p: 1 },
      says: "Unrecognized request argument supplied: top_k",
      error: { param: null, code: null },
    },
    {
      what: "such a member only for OpenAI's models",
      refused: { model: "o4-mini", thinking: { type: "enabled" } },
      taken: { model: "deepseek-chat", thinking: { type: "enabled" } },
      says: "Unrecognized request argument supplied: thinking",
    },
    {
      what: "a body without a model",
      refused: { model: undefined },
      taken: { model: "gpt-4o" },
      says: "you must provide a model parameter",
    },
    {
      what: "a body without messages",
      refused: { messages: undefined },
      taken: {},
      says: "Missing required parameter: 'messages'.",
      error: { param: "messages", code: "missing_required_parameter" },
    },
    {
      what: "an empty list of messages",
      refused: { messages: [] },
      taken: {},
      says: "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      error: { param: "messages", code: "empty_array" },
    },
    {
      what: "a role that it does not know",
      refused: { messages: [{ role: "model", content: "x" }] },
      taken: { messages: [{ role: "developer", content: "x" }] },
      says: "Invalid value: 'model'. Supported values are: 'developer', 'system', 'user', 'assistant', 'tool' and 'function'.",
      error: { param: "messages[0].role", code: "invalid_value" },
    },
    {
      what: "a part that it does not know",
      refused: user({ type: "document_url", document_url: "https://example.com/a.pdf" }),
      taken: { model: "pixtral", ...user({ type: "document_url", document_url: "https://example.com/a.pdf" }) },
      says: "Invalid value: 'document_url'.",
      error: { param: "messages[0].content[0].type" },
    },
    {
      what: "an image part of the assistant",
      refused: { messages: [{ role: "assistant", content: [{ type: "image_url", image_url: { url: "https://a" } }] }] },
      taken: { messages: [{ role: "assistant", content: [{ type: "text", text: "x" }] }] },
      says: "Invalid value: 'image_url'. Supported values are: 'text' and 'refusal'.",
    },
    {
      what: "a number as text",
      refused: { temperature: "1" },
      taken: { temperature: null },
      says: "Invalid type for 'temperature': expected a decimal, but got a string instead.",
      error: { param: "temperature", code: "invalid_type" },
    },
    {
      what: "content that is a number",
      refused: { messages: [{ role: "user", content: 1 }] },
      taken: { messages: [{ role: "user", content: "1" }] },
      says: "Invalid type for 'messages[0].content': expected one of a string or array of objects, but got an integer instead.",
    },
    {
      what: "max_tokens below 1",
      refused: { max_tokens: 0 },
      taken: { max_tokens: 1 },
      says: "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got 0 instead.",
      error: { code: "integer_below_min_value" },
    },
    {
      what: "a fifth stop sequence",
      refused: { stop: ["a", "b", "c", "d", "e"] },
      taken: { stop: ["a", "b", "c", "d"] },
      says: "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an array with length 5 instead.",
      error: { code: "array_above_max_length" },
    },
    {
      what: "129 tools",
      refused: tools(...Array.from({ length: 129 }, (_, index) => tool({ name: `f${index}` }))),
      taken: tools(...Array.from({ length: 128 }, (_, index) => tool({ name: `f${index}` }))),
      says: "Invalid 'tools': array too long.",
    },
    {
      what: "content of nothing",
      refused: user(),
      taken: user({ type: "text", text: "" }),
      says: "Invalid 'messages[0].content': empty array.",
    },
    {
      what: "an answer of nothing",
      refused: { messages: [hello, { role: "assistant", content: null }] },
      taken: { messages: [hello, { role: "assistant", content: "" }] },
      says: "Invalid value for 'content': expected a string, got null.",
      error: { param: "messages.[1].content" },
    },
    {
      what: "an image of a type that no model reads",
      refused: user({ type: "image_url", image_url: { url: "data:image/svg+xml;base64,PHN2Zz4=" } }),
      taken: user({ type: "image_url", image_url: { url: `data:image/png;base64,${png}` } }),
      says: "You uploaded an unsupported image.",
      error: { code: "invalid_image_format" },
    },
    {
      what: "an image that is none",
      refused: user({ type: "image_url", image_url: { url: "data:application/pdf;base64,JVBERi0=" } }),
      taken: user({ type: "image_url", image_url: { url: `data:image/jpg;base64,${jpeg}` } }),
      says: "but got unsupported MIME type 'application/pdf'.",
    },
    {
      what: "audio of a format that it does not read",
      refused: user({ type: "input_audio", input_audio: { data: "AA==", format: "mpeg" } }),
      taken: user({ type: "input_audio", input_audio: { data: "AA==", format: "mp3" } }),
      says: "Invalid value: 'mpeg'. Supported values are: 'wav' and 'mp3'.",
    },
  ];
  checks("/v1/chat/completions", whole, cases);
});

describe("calls and results", () => {
  const cases: Case[] = [
    {
      what: "an id of more than 40 characters",
      refused: round(call("x".repeat(41)), result("x".repeat(41))),
      taken: round(call("x".repeat(40)), result("x".repeat(40))),
      says: "Invalid 'messages[1].tool_calls[0].id': string too long. Expected a string with maximum length 40, but got a string with length 41 instead.",
      error: { param: "messages[1].tool_calls[0].id", code: "string_above_max_length" },
    },
    {
      what: "a long id only for OpenAI's models",
      refused: round(call(`chatcmpl-tool-${"0".repeat(32)}`), result(`chatcmpl-tool-${"0".repeat(32)}`)),
      taken: {
        model: "qwen3",
        ...round(call(`chatcmpl-tool-${"0".repeat(32)}`), result(`chatcmpl-tool-${"0".repeat(32)}`)),
      },
      says: "Expected a string with maximum length 40, but got a string with length 46 instead.",
    },
    {
      what: "an empty list of calls",
      refused: { messages: [hello, { role: "assistant", content: "x", tool_calls: [] }] },
      taken: { messages: [hello, { role: "assistant", content: "x" }] },
      says: "Invalid 'messages[1].tool_calls': empty array.",
    },
    {
      what: "a name in the history that is no name of a function",
      refused: round(call("a", { name: "$x" }), result("a")),
      taken: round(call("a", { name: "x" }), result("a")),
      says: "Invalid 'messages[1].tool_calls[0].function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.",
    },
    {
      what: "a name of more than 64 characters",
      refused: tools(tool({ name: "x".repeat(65) })),
      taken: tools(tool({ name: "x".repeat(64) })),
      says: "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64, but got a string with length 65 instead.",
    },
    {
      what: "arguments that break off",
      refused: round(call("a", { arguments: '{"city":"Os' }), result("a")),
      taken: round(call("a", { arguments: '{"city":"Oslo"}' }), result("a")),
      says: "Failed to parse 'messages[1].tool_calls[0].function.arguments' as JSON: ",
    },
    {
      what: "arguments that are a list",
      refused: round(call("a", { arguments: "[]" }), result("a")),
      taken: round(call("a", { arguments: "{}" }), result("a")),
      says: "as JSON: expected an object.",
    },
    {
      what: "arguments that are an object",
      refused: round(call("a", { arguments: {} }), result("a")),
      taken: round(call("a", { arguments: "{}" }), result("a")),
      says: "Invalid type for 'messages[1].tool_calls[0].function.arguments': expected a string, but got an object instead.",
    },
    {
      what: "arguments with half a surrogate pair",
      refused: round(call("a", { arguments: '{"a":"\\ud83d"}' }), result("a")),
      taken: round(call("a", { arguments: '{"a":"\\ud83d\\ude00"}' }), result("a")),
      says: "as JSON: a surrogate half without its other half.",
    },
    {
      what: "a call without a result",
      refused: { messages: [hello, calls(call("a"), call("b")), result("a"), hello] },
      taken: { messages: [hello, calls(call("a"), call("b")), result("b"), result("a"), hello] },
      says: "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: b",
      error: { param: "messages.[3].role" },
    },
    {
      what: "a call as the last",
      refused: round(call("a")),
      taken: round(call("a"), result("a")),
      says: "The following tool_call_ids did not have response messages: a",
    },
    {
      what: "a message between a call and its result",
      refused: round(call("a"), hello, result("a")),
      taken: round(call("a"), result("a"), hello),
      says: "The following tool_call_ids did not have response messages: a",
    },
    {
      what: "a result for no call",
      refused: { messages: [hello, result("a")] },
      taken: { messages: [hello] },
      says: "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
      error: { param: "messages.[1].role" },
    },
    {
      what: "a result for another call",
      refused: round(call("a"), result("b"), result("a")),
      taken: round(call("a"), result("a")),
      says: "Invalid parameter: 'tool_call_id' of 'b' not found in 'tool_calls' of previous message.",
    },
    {
      what: "two results for one call",
      refused: round(call("a"), result("a"), result("a")),
      taken: { messages: [hello, calls(call("a")), result("a"), calls(call("a")), result("a")] },
      says: "Duplicate value for 'tool_call_id' of 'a' in messages.",
    },
    {
      what: "a choice without tools",
      refused: { tool_choice: "auto" },
      taken: { tool_choice: "auto", ...tools(tool()) },
      says: "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.",
    },
  ];
  checks("/v1/chat/completions", whole, cases);
});

describe("schemas", () => {
  const strict = (parameters: object) => tools(tool({ strict: true, parameters }));
  const cases: Case[] = [
    {
      what: "a function of text",
      refused: tools(tool({ parameters: string })),
      taken: tools(tool({ parameters: undefined })),
      says: "Invalid schema for function 'find': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"string\"'.",
      error: { param: "tools[0].function.parameters", code: "invalid_function_parameters" },
    },
    {
      what: "a function of a union",
      refused: tools(tool({ parameters: { ...object, anyOf: [] } })),
      taken: tools(tool({ parameters: { type: "object", properties: { a: { anyOf: [string] } } } })),
      says: "Invalid schema for function 'find': schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.",
    },
    {
      what: "a format of a list",
      refused: format({ type: "array", items: string }, {}),
      taken: format({ type: "object" }, {}),
      says: "Invalid schema for response_format 'Book': schema must be a JSON Schema of 'type: \"object\"', got 'type: \"array\"'.",
      error: { param: "response_format", code: null },
    },
    {
      what: "a format of a strange name",
      refused: { response_format: { type: "json_schema", json_schema: { name: "a b", schema: object } } },
      taken: { response_format: { type: "json_schema", json_schema: { name: "a_b", schema: object } } },
      says: "Invalid 'response_format.json_schema.name': string does not match pattern.",
    },
    {
      what: "an optional member",
      refused: format({ ...closed({ a: string, b: string }), required: ["a"] }),
      taken: format({ ...closed({ a: string, b: string }), required: ["a"], additionalProperties: true }, {}),
      says: "Invalid schema for response_format 'Book': In context=(), 'required' is required to be supplied and to be an array including every key in properties. Missing 'b'.",
    },
    {
      what: "an open object deep inside",
      refused: format(closed({ a: { type: "array", items: { type: "object", properties: {} } } })),
      taken: format(closed({ a: { type: "array", items: closed({}) } })),
      says: "In context=('properties', 'a', 'items'), 'additionalProperties' is required to be supplied and to be false.",
    },
    {
      what: "a keyword outside of the subset",
      refused: strict(closed({ a: { ...string, default: "x" } })),
      taken: strict(closed({ a: { ...string, pattern: "^x" } })),
      says: "Invalid schema for function 'find': In context=('properties', 'a'), 'default' is not permitted.",
    },
    {
      what: "anything",
      refused: strict(closed({ a: {} })),
      taken: strict(closed({ a: { type: ["string", "null"] } })),
      says: "In context=('properties', 'a'), schema must have a 'type' key.",
    },
    {
      what: "11 levels",
      refused: format(nested(11)),
      taken: format(nested(10)),
      says: "Invalid schema for response_format 'Book': 11 levels of nesting exceeds limit of 10.",
    },
    {
      what: "5,001 members",
      refused: format(closed(members(5001, string))),
      taken: format(closed(members(5000, string))),
      says: "5001 parameters exceed the limit of 5000.",
    },
    {
      what: "1,001 enum values",
      refused: format(closed({ a: { ...string, enum: Array.from({ length: 1001 }, (_, index) => `${index}`) } })),
      taken: format(closed({ a: { ...string, enum: Array.from({ length: 1000 }, (_, index) => `${index}`) } })),
      says: "Expected at most 1000 enum values in total within a schema when using structured outputs, but found 1001.",
    },
  ];
  checks("/v1/chat/completions", whole, cases);
});
