import { functionName } from "./openai-chat-shape.js";
import {
  any,
  boolean,
  count,
  either,
  from,
  list,
  literal,
  nullable,
  object,
  open,
  optional,
  record,
  required,
  type Shape,
  string,
  strings,
  tagged,
  text,
} from "./shape.js";

/*
 * The members of a Responses request, as the types of openai 6.49 have them (ResponseCreateParamsBase, ResponseInputItem).
 * Source: https://platform.openai.com/docs/api-reference/responses/create
 */

/** Source: https://github.com/openai/codex/issues/14355 */
const callId = text({ min: 1, max: 64 });
const cacheBreakpoint = nullable(record);

const inputParts = {
  input_text: object({ type: required(string), text: required(string), prompt_cache_breakpoint: cacheBreakpoint }),
  input_image: object({
    type: required(string),
    image_url: nullable(string),
    file_id: nullable(string),
    detail: nullable(literal("low", "high", "auto", "original")),
    prompt_cache_breakpoint: cacheBreakpoint,
  }),
  input_file: object({
    type: required(string),
    file_data: nullable(string),
    file_id: nullable(string),
    file_url: nullable(string),
    filename: nullable(string),
    detail: nullable(string),
    prompt_cache_breakpoint: cacheBreakpoint,
  }),
  input_audio: record,
};
const outputParts = {
  output_text: object({
    type: required(string),
    text: required(string),
    annotations: nullable(list(any)),
    logprobs: nullable(list(any)),
  }),
  refusal: object({ type: required(string), refusal: required(string) }),
};

const message = (content: Shape) =>
  object({
    type: optional(string),
    role: required(string),
    content: required(either(string, content)),
    id: nullable(string),
    status: nullable(literal("in_progress", "completed", "incomplete")),
    phase: nullable(string),
  });
const shown = message(list(tagged("type", inputParts)));

const status = nullable(literal("in_progress", "completed", "incomplete"));

const items = {
  message: tagged("role", {
    user: shown,
    system: shown,
    developer: shown,
    assistant: message(list(tagged("type", outputParts))),
  }),
  function_call: object({
    type: required(string),
    call_id: required(callId),
    name: required(functionName),
    // Any text: https://platform.openai.com/docs/api-reference/responses/create
    arguments: required(string),
    id: nullable(string),
    status,
    caller: nullable(record),
    namespace: nullable(string),
  }),
  function_call_output: object({
    type: required(string),
    call_id: required(callId),
    output: required(either(string, list(tagged("type", inputParts)))),
    id: nullable(string),
    status,
    caller: nullable(record),
  }),
  reasoning: object({
    type: required(string),
    id: required(string),
    summary: required(list(open({ type: required(string), text: required(string) }))),
    content: nullable(list(record)),
    encrypted_content: nullable(string),
    status,
  }),
};

/** What hosted tools add to a conversation, and what only their owner can check. */
const hostedItems = [
  "file_search_call",
  "computer_call",
  "computer_call_output",
  "web_search_call",
  "tool_search_call",
  "tool_search_output",
  "additional_tools",
  "compaction",
  "compaction_trigger",
  "image_generation_call",
  "code_interpreter_call",
  "local_shell_call",
  "local_shell_call_output",
  "shell_call",
  "shell_call_output",
  "apply_patch_call",
  "apply_patch_call_output",
  "mcp_list_tools",
  "mcp_approval_request",
  "mcp_approval_response",
  "mcp_call",
  "custom_tool_call",
  "custom_tool_call_output",
  "item_reference",
  "program",
  "program_output",
];

const item = tagged(
  "type",
  { ...items, ...Object.fromEntries(hostedItems.map((name) => [name, record])) },
  { untagged: "message" },
);

const tool = tagged(
  "type",
  {
    function: object({
      type: required(string),
      name: required(functionName),
      description: nullable(string),
      parameters: nullable(record),
      strict: nullable(boolean),
      allowed_callers: nullable(strings),
      defer_loading: nullable(boolean),
      output_schema: nullable(record),
    }),
  },
  // Hosted tools, of which there are ever more.
  { open: true },
);

const format = tagged("type", {
  text: record,
  json_object: record,
  json_schema: object({
    type: required(string),
    name: required(functionName),
    schema: required(record),
    strict: nullable(boolean),
    description: nullable(string),
  }),
});

/** The whole body. */
export const responsesShape: Shape = object({
  model: optional(text({ min: 1 })),
  input: nullable(either(string, list(item))),
  instructions: nullable(string),
  // Source: https://platform.openai.com/docs/api-reference/responses/create, "max_output_tokens"
  max_output_tokens: nullable(count(16)),
  temperature: nullable(from(0, 2)),
  top_p: nullable(from(0, 1)),
  top_logprobs: nullable(count(0, 20)),
  stream: nullable(boolean),
  stream_options: nullable(object({ include_obfuscation: optional(boolean) })),
  store: nullable(boolean),
  include: nullable(strings),
  tools: nullable(list(tool)),
  tool_choice: nullable(either(literal("none", "auto", "required"), record)),
  parallel_tool_calls: nullable(boolean),
  text: nullable(object({ format: nullable(format), verbosity: nullable(literal("low", "medium", "high")) })),
  reasoning: nullable(record),
  previous_response_id: nullable(string),
  conversation: nullable(either(string, record)),
  background: nullable(boolean),
  context_management: nullable(list(record)),
  metadata: nullable(record),
  moderation: nullable(any),
  prompt: nullable(record),
  prompt_cache_key: nullable(string),
  prompt_cache_options: nullable(record),
  prompt_cache_retention: nullable(string),
  safety_identifier: nullable(string),
  service_tier: nullable(string),
  truncation: nullable(literal("auto", "disabled")),
  user: nullable(string),
  max_tool_calls: nullable(count(1)),
});
