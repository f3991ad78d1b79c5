import { describe } from "vitest";
import { type Case, checks, png } from "./asked.js";

const hello = { role: "user", content: "Hello?" };
const whole = (body: object) => ({ model: "gpt-5", input: [hello], ...body });
const input = (...items: object[]) => ({ input: [hello, ...items] });

const call = (call_id: string, more: object = {}) => ({
  type: "function_call",
  call_id,
  name: "find",
  arguments: "{}",
  ...more,
});
const output = (call_id: string, output: unknown = "E4") => ({ type: "function_call_output", call_id, output });
const reasoning = { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "x" };
const said = (text: string) => ({ role: "assistant", content: [{ type: "output_text", text }] });
const tool = (more: object) => ({
  tools: [{ type: "function", name: "find", parameters: { type: "object" }, ...more }],
});
const closed = { type: "object", properties: {}, required: [], additionalProperties: false };
const format = (schema: object) => ({ text: { format: { type: "json_schema", name: "Book", strict: true, schema } } });

describe("members", () => {
  const cases: Case[] = [
    {
      what: "a member that it does not know",
      refused: { seed: 1 },
      taken: { store: false },
      says: "Unknown parameter: 'seed'.",
      error: { param: "seed", code: "unknown_parameter" },
    },
    {
      what: "a member of an item that it does not know",
      refused: input(call("a", { parsed_arguments: {} }), output("a")),
      taken: input(call("a", { status: "completed" }), output("a")),
      says: "Unknown parameter: 'input[1].parsed_arguments'.",
    },
    {
      what: "a type of item that it does not know",
      refused: input({ type: "tool_use" }),
      taken: input({ type: "web_search_call", id: "ws_1" }),
      says: "Invalid value: 'tool_use'.",
      error: { param: "input[1].type" },
    },
    {
      what: "a role that it does not know",
      refused: input({ role: "tool", content: "x" }),
      taken: input({ role: "developer", content: "x" }),
      says: "Invalid value: 'tool'. Supported values are: 'user', 'system', 'developer' and 'assistant'.",
    },
    {
      what: "parts of the other side",
      refused: input({ role: "assistant", content: [{ type: "input_text", text: "x" }] }),
      taken: input(said("x")),
      says: "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'.",
    },
    {
      what: "an output without its text",
      refused: input(call("a"), { type: "function_call_output", call_id: "a" }),
      taken: input(call("a"), output("a", "")),
      says: "Missing required parameter: 'input[2].output'.",
    },
    {
      what: "fewer than 16 tokens",
      refused: { max_output_tokens: 15 },
      taken: { max_output_tokens: 16 },
      says: "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got 15 instead.",
    },
    {
      what: "a call_id of more than 64 characters",
      refused: input(call("x".repeat(65)), output("x".repeat(65))),
      taken: input(call("x".repeat(64)), output("x".repeat(64))),
      says: "Invalid 'input[1].call_id': string too long. Expected a string with maximum length 64, but got a string with length 65 instead.",
      error: { param: "input[1].call_id", code: "string_above_max_length" },
    },
    {
      what: "a name in the history that is no name of a function",
      refused: input(call("a", { name: "a.b" }), output("a")),
      taken: input(call("a", { name: "a-b" }), output("a")),
      says: "Invalid 'input[1].name': string does not match pattern.",
    },
    {
      what: "an id of an item that belongs to another type",
      refused: input(call("a", { id: "call_1" }), output("a")),
      taken: input(call("a", { id: "fc_1" }), output("a")),
      says: "Invalid 'input[1].id': 'call_1'. Expected an ID that begins with 'fc'.",
    },
    {
      what: "an image that no model reads",
      refused: input({ role: "user", content: [{ type: "input_image", image_url: "data:image/heic;base64,AAAA" }] }),
      taken: input({ role: "user", content: [{ type: "input_image", image_url: `data:image/png;base64,${png}` }] }),
      says: "You uploaded an unsupported image.",
    },
  ];
  checks("/v1/responses", whole, cases);
});

describe("what belongs together", () => {
  const cases: Case[] = [
    {
      what: "a call without its output",
      refused: input(call("a"), call("b"), output("a")),
      taken: input(call("a"), call("b"), output("b"), hello, output("a")),
      says: "No tool output found for function call b.",
      error: { param: "input", code: null },
    },
    {
      what: "an output without its call",
      refused: input(output("a")),
      taken: { ...input(output("a")), previous_response_id: "resp_1" },
      says: "No tool call found for function call output with call_id a.",
    },
    {
      what: "reasoning that nothing follows",
      refused: input(reasoning),
      taken: input(reasoning, said("So.")),
      says: "Item 'rs_1' of type 'reasoning' was provided without its required following item.",
    },
    {
      what: "reasoning that the user follows",
      refused: input(reasoning, hello),
      taken: input(reasoning, { ...reasoning, id: "rs_2" }, call("a"), output("a")),
      says: "Item 'rs_1' of type 'reasoning' was provided without its required following item.",
    },
    {
      what: "a function of a union",
      refused: tool({ parameters: { type: "object", oneOf: [] } }),
      taken: tool({}),
      says: "Invalid schema for function 'find': schema must have type 'object' and not have",
      error: { param: "tools[0].parameters", code: "invalid_function_parameters" },
    },
    {
      what: "a strict function that is open",
      refused: tool({ strict: true }),
      taken: tool({ strict: true, parameters: closed }),
      says: "In context=(), 'additionalProperties' is required to be supplied and to be false.",
    },
    {
      what: "a strict format that is open",
      refused: format({ type: "object", properties: {} }),
      taken: format(closed),
      says: "Invalid schema for response_format 'Book': In context=(), 'additionalProperties' is required",
      error: { param: "text.format.schema" },
    },
  ];
  checks("/v1/responses", whole, cases);
});
