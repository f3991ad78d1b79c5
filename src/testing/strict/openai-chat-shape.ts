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
 * The members of a Chat Completions request, as the types of openai 6.49 have them (ChatCompletionCreateParamsBase and what
 * it refers to). Source: https://platform.openai.com/docs/api-reference/chat/create
 */

/** Source: https://github.com/brekkylab/ailoy/pull/109 (pattern), https://github.com/home-assistant/core/issues/121325 (length) */
export const functionName = text({ min: 1, max: 64, pattern: /^[a-zA-Z0-9_-]+$/ });

/**
 * Source: https://github.com/agno-agi/agno/issues/5382. Other servers take longer ones, such as vLLM, whose own have 46
 * characters.
 */
const callId = (compatible: boolean) => text(compatible ? { min: 1 } : { min: 1, max: 40 });

function callShape(compatible: boolean): Shape {
  const id = required(callId(compatible));
  return tagged(
    "type",
    {
      function: open({ id, function: required(open({ name: required(functionName), arguments: required(string) })) }),
      custom: open({ id, custom: required(open({ name: required(string), input: required(string) })) }),
    },
    { untagged: "function", open: compatible },
  );
}

const textPart = open({ text: required(string) });

/** The content of a message. Compatible servers have further parts, such as Mistral's `document_url`. */
function content(parts: Readonly<Record<string, Shape>>, compatible: boolean): Shape {
  return either(string, list(tagged("type", parts, { open: compatible }), { min: 1 }));
}

function messageShape(compatible: boolean): Shape {
  const imageUrl = open({ url: required(string), detail: optional(literal("auto", "low", "high", "original")) });
  const audio = open({ data: required(string), format: required(literal("wav", "mp3")) });
  const parts = {
    text: textPart,
    // Mistral and Ollama take the link itself, Mistral the data of audio: https://docs.mistral.ai/capabilities/audio
    image_url: open({ image_url: required(compatible ? either(imageUrl, string) : imageUrl) }),
    input_audio: open({ input_audio: required(compatible ? either(audio, string) : audio) }),
    file: open({ file: required(open({ file_data: optional(string), filename: optional(string) })) }),
  };
  const texts = content({ text: textPart }, compatible);
  const name = optional(compatible ? string : text({ pattern: /^[^\s<|\\/>]+$/ }));
  return tagged(
    "role",
    {
      developer: open({ content: required(texts), name }),
      system: open({ content: required(texts), name }),
      user: open({ content: required(content(parts, compatible)), name }),
      assistant: open({
        content: nullable(content({ text: textPart, refusal: open({ refusal: required(string) }) }, compatible)),
        tool_calls: optional(list(callShape(compatible), { min: 1, max: 128 })),
        name,
      }),
      tool: open({ content: required(texts), tool_call_id: required(callId(compatible)) }),
      function: open({ content: nullable(string), name: required(functionName) }),
    },
    { open: false },
  );
}

function toolShape(compatible: boolean): Shape {
  return tagged(
    "type",
    {
      function: open({
        function: required(
          open({
            name: required(functionName),
            description: nullable(string),
            parameters: nullable(record),
            strict: nullable(boolean),
          }),
        ),
      }),
      custom: open({ custom: required(open({ name: required(functionName) })) }),
    },
    { open: compatible },
  );
}

const jsonFormat = open({
  json_schema: required(
    open({
      name: required(functionName),
      schema: optional(record),
      strict: nullable(boolean),
      description: optional(string),
    }),
  ),
});

/** Members whose limits all servers share. */
const shared: Readonly<Record<string, Member>> = {
  model: required(text({ min: 1 })),
  messages: required(any),
  max_tokens: nullable(count(1)),
  max_completion_tokens: nullable(count(1)),
  n: nullable(count(1, 128)),
  seed: nullable(integer),
  stream: nullable(boolean),
  stream_options: nullable(open({ include_usage: optional(boolean) })),
  logprobs: nullable(boolean),
  response_format: nullable(
    tagged("type", { text: record, json_object: record, json_schema: jsonFormat }, { open: true }),
  ),
  tool_choice: nullable(
    either(
      literal("none", "auto", "required", "any"),
      tagged("type", { function: open({ function: required(open({ name: required(string) })) }) }, { open: true }),
    ),
  ),
  parallel_tool_calls: nullable(boolean),
};

/** OpenAI's own. Source of the limits: https://platform.openai.com/docs/api-reference/chat/create */
const own: Readonly<Record<string, Member>> = {
  ...shared,
  stop: nullable(either(string, list(string, { max: 4 }))),
  temperature: nullable(from(0, 2)),
  top_p: nullable(from(0, 1)),
  frequency_penalty: nullable(from(-2, 2)),
  presence_penalty: nullable(from(-2, 2)),
  top_logprobs: nullable(count(0, 20)),
  tool_choice: nullable(
    either(
      literal("none", "auto", "required"),
      tagged("type", {
        function: open({ function: required(open({ name: required(string) })) }),
        allowed_tools: record,
        custom: record,
      }),
    ),
  ),
  reasoning_effort: nullable(literal("none", "minimal", "low", "medium", "high", "xhigh", "max")),
  modalities: nullable(list(literal("text", "audio"))),
  metadata: nullable(record),
  store: nullable(boolean),
  user: nullable(string),
  verbosity: nullable(literal("low", "medium", "high")),
  service_tier: nullable(string),
  audio: nullable(record),
  function_call: nullable(any),
  functions: nullable(list(record)),
  logit_bias: nullable(record),
  moderation: nullable(any),
  prediction: nullable(record),
  prompt_cache_key: nullable(string),
  prompt_cache_options: nullable(record),
  prompt_cache_retention: nullable(string),
  safety_identifier: nullable(string),
  web_search_options: nullable(record),
};

const compatibleRequest = open({
  ...shared,
  stop: nullable(either(string, strings)),
  temperature: nullable(from(0)),
  messages: required(list(messageShape(true), { min: 1 })),
  tools: nullable(list(toolShape(true))),
});

const openaiRequest = object({
  ...own,
  messages: required(list(messageShape(false), { min: 1 })),
  // Source: https://github.com/vishalmysore/Tools4AI/issues/16
  tools: nullable(list(toolShape(false), { min: 1, max: 128 })),
});

/**
 * Whether a model is OpenAI's, by its name. Requests for others are for a server that only speaks the same wire, and may
 * have members that OpenAI does not know: `top_k`, `random_seed`, `thinking`.
 */
export function isOpenaiModel(model: unknown): boolean {
  return typeof model === "string" && /^(ft:)?(gpt-(?!oss)|chatgpt-|o\d|codex-|computer-use-)/.test(model);
}

export function chatShape(model: unknown): Shape {
  return isOpenaiModel(model) ? openaiRequest : compatibleRequest;
}
