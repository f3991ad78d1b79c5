import type { Problem } from "./problem.js";
import {
  any,
  boolean,
  count,
  either,
  from,
  integer,
  list,
  literal,
  nullable,
  object,
  open,
  type Path,
  record,
  required,
  type Shape,
  string,
  strings,
  tagged,
  text,
  type Words,
} from "./shape.js";

const content = either(string, list(record));
const call = object({
  id: required(string),
  type: nullable(literal("function")),
  function: required(object({ name: required(string), arguments: required(string) })),
  index: nullable(integer),
});

/** The members of a request. Source: https://docs.mistral.ai/api/endpoint/chat, and the reports at `mistralWords` */
export const mistralShape: Shape = object({
  model: required(text({ min: 1 })),
  messages: required(
    list(
      tagged(
        "role",
        {
          system: object({ role: required(string), content: required(content) }),
          user: object({ role: required(string), content: required(content) }),
          assistant: object({
            role: required(string),
            content: nullable(content),
            tool_calls: nullable(list(call)),
            prefix: nullable(boolean),
          }),
          tool: object({
            role: required(string),
            content: required(content),
            tool_call_id: nullable(string),
            name: nullable(string),
          }),
        },
        { named: true },
      ),
      { min: 1 },
    ),
  ),
  temperature: nullable(from(0, 1.5)),
  top_p: nullable(from(0, 1)),
  max_tokens: nullable(count(0)),
  stream: nullable(boolean),
  stop: nullable(either(string, strings)),
  random_seed: nullable(count(0)),
  metadata: nullable(record),
  response_format: nullable(
    open({
      type: nullable(literal("text", "json_object", "json_schema")),
      json_schema: nullable(open({ name: required(string), schema: required(record), strict: nullable(boolean) })),
    }),
  ),
  tools: nullable(
    list(
      object({
        type: nullable(string),
        function: required(
          object({
            name: required(string),
            description: nullable(string),
            parameters: required(open({ type: required(literal("object")) })),
            strict: nullable(boolean),
          }),
        ),
      }),
    ),
  ),
  tool_choice: nullable(
    either(
      literal("auto", "none", "any", "required"),
      object({ type: nullable(string), function: required(object({ name: required(string) })) }),
    ),
  ),
  presence_penalty: nullable(from(-2, 2)),
  frequency_penalty: nullable(from(-2, 2)),
  n: nullable(count(1)),
  prediction: nullable(record),
  parallel_tool_calls: nullable(boolean),
  prompt_mode: nullable(string),
  reasoning_effort: nullable(string),
  prompt_cache_key: nullable(string),
  guardrails: nullable(any),
  safe_prompt: nullable(boolean),
});

/**
 * Mistral answers 422, with the details as its validator makes them.
 * Sources: https://github.com/Gage-Technologies/mistral-go/issues/3, https://github.com/charmbracelet/crush/issues/1590,
 * https://github.com/editor-code-assistant/eca/issues/231
 */
export const mistralWords: Words = {
  missing: (path) => detailed(path, "missing", "Field required", null),
  unknown: (path, value) => detailed(path, "extra_forbidden", "Extra inputs are not permitted", value),
  kind(path, expected, value) {
    const [kind = "string"] = expected;
    const [type, word] = kinds.get(kind) ?? ["list_type", "list"];
    return detailed(path, type, `Input should be a valid ${word}`, value);
  },
  value: (path, values, value) =>
    detailed(path, "literal_error", `Input should be ${values.map((each) => `'${each}'`).join(" or ")}`, value),
  variant: (path, tag, values, value) =>
    detailed(
      path,
      "union_tag_invalid",
      `Input tag '${value}' found using '${tag}' does not match any of the expected tags: ${values.map((each) => `'${each}'`).join(", ")}`,
      value,
    ),
  pattern: (path, pattern, value) =>
    detailed(path, "string_pattern_mismatch", `String should match pattern '${pattern.source}'`, value),
  length(path, value, bound, limit) {
    const [kind, unit] = typeof value === "string" ? ["String", "character"] : ["List", "item"];
    const [most, name] = bound === "max" ? ["most", "long"] : ["least", "short"];
    const message = `${kind} should have at ${most} ${limit} ${unit}${limit === 1 ? "" : "s"}`;
    return detailed(path, `${kind === "String" ? "string_" : ""}too_${name}`, message, value);
  },
  bound: (path, value, bound, limit) =>
    detailed(
      path,
      bound === "min" ? "greater_than_equal" : "less_than_equal",
      `Input should be ${bound === "min" ? "greater" : "less"} than or equal to ${limit}`,
      value,
    ),
};

const kinds: ReadonlyMap<string, readonly [type: string, word: string]> = new Map([
  ["string", ["string_type", "string"]],
  ["boolean", ["bool_type", "boolean"]],
  ["integer", ["int_type", "integer"]],
  ["number", ["float_type", "number"]],
  ["object", ["dict_type", "dictionary"]],
]);

function detailed(path: Path, type: string, msg: string, input: unknown): Problem {
  const loc = ["body", ...path.map((step) => (typeof step === "object" ? step.variant : step))];
  return { message: `${loc.join(".")}: ${msg}`, status: 422, detail: [{ type, loc, msg, input }] };
}

export function unreadable(why: string): Problem {
  return detailed([], "json_invalid", `JSON decode error: ${why}`, {});
}
