import {
  any,
  boolean,
  count,
  either,
  from,
  integer,
  list,
  literal,
  type Member,
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
 * The members of a Messages request, as the types of @anthropic-ai/sdk 1.11 have them (MessageCreateParamsBase and the
 * types of its blocks). Source: https://docs.anthropic.com/en/api/messages
 */

/** Of calls in a history. Source: https://github.com/BlockRunAI/ClawRouter/issues/17 */
const id = text({ pattern: /^[a-zA-Z0-9_-]+$/ });

/** Source: https://github.com/anthropics/claude-code/issues/96152 and the type of Tool.name */
const toolName = text({ min: 1, max: 128, pattern: /^[a-zA-Z0-9_-]{1,128}$/ });

/** Source: https://github.com/anthropics/claude-code/issues/25597, where its members are checked as well. */
const cacheControl = nullable(
  tagged(
    "type",
    { ephemeral: object({ type: required(string), ttl: optional(literal("5m", "1h")) }) },
    { named: true },
  ),
);

const textBlock = object({
  type: required(string),
  text: required(string),
  cache_control: cacheControl,
  citations: nullable(list(any)),
});

/** Source: https://github.com/anthropics/claude-code/issues/8184 */
const imageType = literal("image/jpeg", "image/png", "image/gif", "image/webp");
const link = object({ type: required(string), url: required(string) });
const file = object({ type: required(string), file_id: required(string) });

const imageBlock = object({
  type: required(string),
  source: required(
    tagged(
      "type",
      {
        base64: object({ type: required(string), media_type: required(imageType), data: required(text({ min: 1 })) }),
        url: link,
        file,
      },
      { named: true },
    ),
  ),
  cache_control: cacheControl,
  transformations: nullable(any),
});

/** Source: https://docs.anthropic.com/en/docs/build-with-claude/pdf-support and the types of its sources */
const documentBlock = object({
  type: required(string),
  source: required(
    tagged(
      "type",
      {
        base64: object({
          type: required(string),
          media_type: required(literal("application/pdf")),
          data: required(text({ min: 1 })),
        }),
        text: object({ type: required(string), media_type: required(literal("text/plain")), data: required(string) }),
        content: object({ type: required(string), content: required(either(string, list(record))) }),
        url: link,
        file,
      },
      { named: true },
    ),
  ),
  title: nullable(string),
  context: nullable(string),
  citations: nullable(object({ enabled: optional(boolean) })),
  cache_control: cacheControl,
});

const shownBlocks = { text: textBlock, image: imageBlock, document: documentBlock, search_result: record };

const blocks = {
  ...shownBlocks,
  tool_use: object({
    type: required(string),
    id: required(id),
    name: required(toolName),
    input: required(record),
    cache_control: cacheControl,
    caller: optional(record),
    toolset_name: nullable(string),
  }),
  tool_result: object({
    type: required(string),
    tool_use_id: required(id),
    content: optional(
      either(
        string,
        list(tagged("type", { ...shownBlocks, tool_reference: record, browser_state: record }, { named: true })),
      ),
    ),
    is_error: optional(boolean),
    cache_control: cacheControl,
    toolset_name: nullable(string),
  }),
  // No cache_control: https://github.com/router-for-me/CLIProxyAPI/issues/512
  thinking: object({ type: required(string), thinking: required(string), signature: required(string) }),
  redacted_thinking: object({ type: required(string), data: required(string) }),
};

/** What the API itself runs, and what stands in a history of it. */
const hostedBlocks = [
  "server_tool_use",
  "web_search_tool_result",
  "web_fetch_tool_result",
  "code_execution_tool_result",
  "bash_code_execution_tool_result",
  "text_editor_code_execution_tool_result",
  "tool_search_tool_result",
  "container_upload",
];
const betaBlocks = [
  "advisor_tool_result",
  "mcp_tool_use",
  "mcp_tool_result",
  "mcp_tool_listing",
  "compaction",
  "tool_addition",
  "tool_removal",
  "fallback",
];

const asRecords = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, record]));

const tool = object({
  type: nullable(literal("custom")),
  name: required(toolName),
  description: optional(string),
  input_schema: required(open({ type: required(literal("object")) })),
  strict: optional(boolean),
  cache_control: cacheControl,
  allowed_callers: optional(strings),
  defer_loading: optional(boolean),
  eager_input_streaming: nullable(boolean),
  input_examples: optional(list(record)),
});

const choice = { type: required(string), disable_parallel_tool_use: optional(boolean) };
const display = nullable(literal("summarized", "omitted"));

/** Every member that the API takes. */
const members: Readonly<Record<string, Member>> = {
  model: required(text({ min: 1 })),
  messages: required(any),
  // 0 fills the cache without an answer, says the SDK's type.
  max_tokens: required(count(0)),
  system: optional(either(string, list(tagged("type", { text: textBlock })))),
  tools: optional(list(any)),
  tool_choice: optional(
    tagged("type", {
      auto: object(choice),
      any: object(choice),
      tool: object({ ...choice, name: required(string) }),
      none: object({ type: required(string) }),
    }),
  ),
  thinking: optional(
    tagged(
      "type",
      {
        enabled: object({ type: required(string), budget_tokens: required(count(1024)), display }),
        adaptive: object({ type: required(string), display }),
        disabled: object({ type: required(string) }),
        between_tools: object({ type: required(string) }),
      },
      { named: true },
    ),
  ),
  output_config: optional(
    object({
      effort: nullable(literal("low", "medium", "high", "xhigh", "max")),
      format: nullable(object({ type: required(literal("json_schema")), schema: required(record) })),
    }),
  ),
  stream: optional(boolean),
  stop_sequences: optional(strings),
  temperature: optional(from(0, 1)),
  top_k: optional(integer),
  top_p: optional(from(0, 1)),
  metadata: optional(object({ user_id: nullable(string) })),
  service_tier: optional(literal("auto", "standard_only")),
  cache_control: cacheControl,
  container: nullable(either(string, record)),
  diagnostics: nullable(record),
  inference_geo: nullable(string),
  speed: nullable(literal("standard", "fast")),
  user_profile_id: optional(string),
  workspace_id: optional(string),
};

/** Taken with the header `anthropic-beta` only. Source: https://github.com/anthropics/claude-code/issues/14135 */
const betaMembers = [
  "billing_policy",
  "compaction",
  "context_management",
  "fallback_credit_token",
  "fallbacks",
  "mcp_servers",
  "output_format",
  "thread",
];

function requestShape(beta: boolean): Shape {
  const hosted = beta ? [...hostedBlocks, ...betaBlocks] : hostedBlocks;
  const block = tagged("type", { ...blocks, ...asRecords(hosted) }, { named: true });
  return object({
    ...members,
    messages: required(
      list(
        object({
          role: required(literal("user", "assistant", "system")),
          content: required(either(string, list(block))),
        }),
      ),
    ),
    // Tools that the API itself runs have a type with a date, of which there are ever more.
    tools: optional(list(tagged("type", { custom: tool }, { untagged: "custom", open: true, named: true }))),
    ...(beta && {
      ...Object.fromEntries(betaMembers.map((name) => [name, nullable(any)])),
      output_config: optional(record),
      thinking: optional(record),
      speed: nullable(any),
    }),
  });
}

const [plain, withBeta] = [requestShape(false), requestShape(true)];

export function messagesShape(headers: Readonly<Record<string, string>>): Shape {
  return headers["anthropic-beta"] === undefined ? plain : withBeta;
}
