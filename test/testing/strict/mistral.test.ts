import { describe } from "vitest";
import { type Case, checks } from "./asked.js";

const hello = { role: "user", content: "Hello?" };
const whole = (body: object) => ({ model: "mistral-small-latest", messages: [hello], ...body });

const call = (id: string, more: object = {}) => ({
  id,
  type: "function",
  function: { name: "find", arguments: "{}", ...more },
});
const calls = (...tool_calls: object[]) => ({ role: "assistant", content: "", tool_calls });
const result = (tool_call_id: string) => ({ role: "tool", tool_call_id, content: "E4" });
const round = (asked: object, ...after: object[]) => ({ messages: [hello, calls(asked), ...after] });
const order = { type: "invalid_request_message_order", code: "3230" };
const [first, second] = ["a1b2c3d4e", "A1B2C3D4E"];

describe("Mistral", () => {
  const cases: Case[] = [
    {
      what: "a member that it does not know",
      refused: { max_completion_tokens: 1 },
      taken: { max_tokens: 1, random_seed: 7 },
      says: "Extra inputs are not permitted",
      status: 422,
      error: { type: "extra_forbidden", loc: ["body", "max_completion_tokens"], input: 1 },
    },
    {
      what: "a member of a message that it does not know",
      refused: { messages: [hello, { role: "assistant", content: "x", reasoning_content: "y" }, hello] },
      taken: { messages: [hello, { role: "assistant", content: "x" }, hello] },
      says: "Extra inputs are not permitted",
      status: 422,
      error: { loc: ["body", "messages", 1, "assistant", "reasoning_content"] },
    },
    {
      what: "an id that is not nine letters and digits",
      refused: round(call("call_0fypS1hVX"), result("call_0fypS1hVX")),
      taken: round(call(first), result(first)),
      says: "Tool call id was call_0fypS1hVX but must be a-z, A-Z, 0-9, with a length of 9.",
      error: { type: "invalid_function_call", code: "3280" },
    },
    {
      what: "a user's message behind a tool's",
      refused: round(call(first), result(first), hello),
      taken: round(call(first), result(first), { role: "assistant", content: "I see." }, hello),
      says: "Unexpected role 'user' after role 'tool'",
      error: order,
    },
    {
      what: "a system message behind an answer",
      refused: { messages: [hello, { role: "assistant", content: "x" }, { role: "system", content: "y" }, hello] },
      taken: { messages: [{ role: "system", content: "y" }, hello, { role: "assistant", content: "x" }, hello] },
      says: "Unexpected role 'system' after role 'assistant'",
      error: order,
    },
    {
      what: "an answer as the last",
      refused: { messages: [hello, { role: "assistant", content: "Sure" }] },
      taken: { messages: [hello, { role: "assistant", content: "Sure", prefix: true }] },
      says: "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant",
      error: order,
    },
    {
      what: "a call without a result",
      refused: { messages: [hello, calls(call(first), call(second)), result(first)] },
      taken: { messages: [hello, calls(call(first), call(second)), result(first), result(second)] },
      says: "Not the same number of function calls and responses",
      error: order,
    },
    {
      what: "an answer of nothing",
      refused: { messages: [hello, { role: "assistant", content: "" }, hello] },
      taken: { messages: [hello, { role: "assistant", content: "x" }, hello] },
      says: "Assistant message must have either content or tool_calls, but not none.",
    },
    {
      what: "a name that is no name of a function",
      refused: round(call(first, { name: "a.b" }), result(first)),
      taken: round(call(first, { name: "a-b" }), result(first)),
      says: "Function name was a.b but must be a-z, A-Z, 0-9, or contain underscores and dashes, with a maximum length of 64.",
    },
    {
      what: "arguments that break off",
      refused: round(call(first, { arguments: "{" }), result(first)),
      taken: round(call(first), result(first)),
      says: "Failed to parse 'messages[1].tool_calls[0].function.arguments' as JSON: ",
    },
  ];
  checks("/mistral/v1/chat/completions", whole, cases);
});
