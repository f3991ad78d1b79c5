import { ConfigurationError } from "../errors.js";
import type { ModelRequest, OutputDefinition, Params, ToolDefinition } from "../model.js";
import { strictSchema } from "../schema/strict.js";
import type { Emit } from "./exchange.js";
import { encodeChatMessages } from "./openai-messages.js";
import type { ChatOption, ChatQuirks, Preset } from "./preset.js";

type Body = Record<string, unknown>;

const usualFields: Readonly<Record<ChatOption, string | false>> = {
  temperature: "temperature",
  maxTokens: "max_tokens",
  topP: "top_p",
  topK: false,
  stop: "stop",
  seed: "seed",
  frequencyPenalty: "frequency_penalty",
  presencePenalty: "presence_penalty",
  reasoningEffort: "reasoning_effort",
  toolChoice: "tool_choice",
  parallelToolCalls: "parallel_tool_calls",
};

/**
 * The body of a Chat Completions request.
 * Source: https://platform.openai.com/docs/api-reference/chat/create
 *
 * @throws ConfigurationError where the request needs what the server lacks.
 */
export function encodeChat(preset: Preset, model: string, request: ModelRequest, warn: Emit): Body {
  const { provider, quirks } = preset;
  const { params = {}, output, stream } = request;
  const drop = (what: string) =>
    warn({ type: "warning", code: "unsupported_option", message: `${provider} takes no ${what}; it was not sent.` });
  const body: Body = {};
  const put = (option: ChatOption, value: unknown) => {
    const field = quirks.fields?.[option] ?? usualFields[option];
    if (value === undefined) return;
    if (field === false) drop(option);
    else body[field] = value;
  };

  const { temperature, maxTokens, topP, topK, stop, seed, frequencyPenalty, presencePenalty, reasoningEffort } = params;
  const sampling = { temperature, maxTokens, topP, topK, stop, seed, frequencyPenalty, presencePenalty };
  for (const [option, value] of Object.entries(sampling)) put(option as ChatOption, value);
  if (reasoningEffort && quirks.efforts && !quirks.efforts.includes(reasoningEffort))
    drop(`reasoningEffort ${JSON.stringify(reasoningEffort)}`);
  else if (reasoningEffort) putEffort(quirks, reasoningEffort, body, put);
  putTools(preset, request, body, put, drop);
  if (output) body.response_format = encodeOutput(preset, output);
  return {
    ...body,
    ...params.extraBody,
    model,
    messages: encodeChatMessages(preset, request.messages),
    stream,
    ...(stream && quirks.streamOptions !== false && { stream_options: { include_usage: true } }),
  };
}

type Put = (option: ChatOption, value: unknown) => void;

function putEffort({ effort }: ChatQuirks, wanted: Params["reasoningEffort"], body: Body, put: Put): void {
  if (effort === "thinking") body.thinking = { type: wanted === "none" ? "disabled" : "enabled" };
  if (effort === "thinking" && wanted === "none") return;
  put("reasoningEffort", effort === "object" ? { effort: wanted } : wanted);
}

function putTools(
  { provider, quirks }: Preset,
  { tools = [], toolChoice, parallelToolCalls }: ModelRequest,
  body: Body,
  put: Put,
  drop: (what: string) => void,
): void {
  const choosable = quirks.fields?.toolChoice !== false;
  // Where a choice cannot be said, one that leaves nothing to choose still can.
  if (tools.length === 0 || (toolChoice === "none" && !choosable)) return;
  if (quirks.tools === false) throw new ConfigurationError(`${provider} takes no tools.`);
  const forced = typeof toolChoice === "object" ? toolChoice.name : undefined;
  const byName = quirks.namedToolChoice !== false;
  const offered = forced === undefined || byName ? tools : tools.filter(({ name }) => name === forced);
  const strictness = quirks.strictTools !== false;
  if (!strictness && offered.some(({ strict }) => strict)) drop("strict tools");
  body.tools = offered.map((tool) => encodeTool(tool, tool.strict && strictness));
  if (forced !== undefined) put("toolChoice", byName ? { type: "function", function: { name: forced } } : "required");
  else if (toolChoice !== "auto" || choosable) put("toolChoice", toolChoice);
  put("parallelToolCalls", parallelToolCalls);
}

function encodeTool({ name, description, schema }: ToolDefinition, strict: boolean): Body {
  const parameters = strict ? strictSchema(schema, "openai") : schema;
  return { type: "function", function: { name, description, parameters, ...(strict && { strict }) } };
}

function encodeOutput({ provider, quirks }: Preset, output: OutputDefinition): Body {
  if (quirks.schemas === false)
    throw new ConfigurationError(
      `${provider} cannot hold an answer to a schema by itself. Ask with outputMode "tool" or "text".`,
    );
  const schema = output.strict ? strictSchema(output.schema, "openai") : output.schema;
  return { type: "json_schema", json_schema: { ...output, schema } };
}
