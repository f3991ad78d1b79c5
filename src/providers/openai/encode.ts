import { ConfigurationError } from "../../errors.js";
import { isPlainObject } from "../../json.js";
import type { ModelRequest, OutputDefinition, Params, ToolDefinition } from "../../model.js";
import type { Emit } from "../exchange.js";
import { fitMedia } from "../media.js";
import { normalise } from "../normalise/normalise.js";
import { chatRules } from "../normalise/rules.js";
import type { ChatOption, Preset } from "../presets/preset.js";
import { outputSchema, toolSchema } from "../tool-schema.js";
import { objectOf } from "../wire-parts.js";
import { encodeChatMessages } from "./messages.js";
import { chatMedia } from "./parts.js";

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
  const { params = {}, output, stream } = request;
  const form = formFor(preset, warn);
  const { temperature, maxTokens, topP, topK, stop, seed, frequencyPenalty, presencePenalty } = params;
  const sampling = { temperature, maxTokens, topP, topK, stop, seed, frequencyPenalty, presencePenalty };
  for (const [option, value] of Object.entries(sampling)) form.put(option as ChatOption, value);
  if (params.reasoningEffort) putEffort(form, params.reasoningEffort);
  if (request.tools && request.tools.length > 0) putTools(form, request, request.tools);
  if (output) form.body.response_format = encodeOutput(preset, output);
  const forces = request.toolChoice === "required" || typeof request.toolChoice === "object";
  return {
    ...form.body,
    ...params.extraBody,
    ...(forces && form.body.tools !== undefined && withoutThinking(form, params.extraBody)),
    model,
    messages: encodeChatMessages(
      preset,
      model,
      normalise(fitMedia(request.messages, chatMedia(preset)), chatRules(preset), warn),
    ),
    stream,
    ...(stream && { stream_options: streamOptions(preset, params.extraBody) }),
  };
}

/** Usage is asked for, unless the server refuses to be asked; null in `extraBody` says that of a server that is not known. */
function streamOptions({ quirks }: Preset, extra: Params["extraBody"] = {}): Body | undefined {
  const given = extra.stream_options;
  if (given === null || quirks.streamOptions === false) return isPlainObject(given) ? given : undefined;
  return { include_usage: true, ...objectOf(given) };
}

/** A body that is being filled in for one server. */
interface Form {
  readonly preset: Preset;
  readonly body: Body;
  /** Sets the field of an option that is given; says so where the server has none. */
  put(option: ChatOption, value: unknown): void;
  drop(what: string): void;
  warn(code: string, message: string): void;
}

function formFor(preset: Preset, emit: Emit): Form {
  const body: Body = {};
  const warn = (code: string, message: string) => emit({ type: "warning", code, message });
  const drop = (what: string) => warn("unsupported_option", `${preset.provider} takes no ${what}; it was not sent.`);
  const put = (option: ChatOption, value: unknown) => {
    const field = preset.quirks.fields?.[option] ?? usualFields[option];
    if (value === undefined) return;
    if (field === false) drop(option);
    else body[field] = value;
  };
  return { preset, body, put, drop, warn };
}

function putEffort({ preset: { quirks }, body, put, drop }: Form, wanted: string): void {
  if (quirks.efforts && !quirks.efforts.includes(wanted)) return drop(`reasoningEffort "${wanted}"`);
  if (quirks.effort === "thinking") body.thinking = { type: wanted === "none" ? "disabled" : "enabled" };
  if (quirks.effort === "thinking" && wanted === "none") return;
  put("reasoningEffort", quirks.effort === "object" ? { effort: wanted } : wanted);
}

function putTools(form: Form, { toolChoice, parallelToolCalls }: ModelRequest, tools: readonly ToolDefinition[]): void {
  const { provider, quirks } = form.preset;
  const choosable = quirks.fields?.toolChoice !== false;
  // Where a choice cannot be said, one that leaves nothing to choose still can.
  if (toolChoice === "none" && !choosable) return;
  if (quirks.tools === false) throw new ConfigurationError(`${provider} takes no tools.`);
  const forced = typeof toolChoice === "object" ? toolChoice.name : undefined;
  const byName = quirks.namedToolChoice !== false;
  const offered = forced === undefined || byName ? tools : tools.filter(({ name }) => name === forced);
  const strictness = quirks.strictTools !== false;
  if (!strictness && offered.some(({ strict }) => strict)) form.drop("strict tools");
  form.body.tools = offered.map((tool) => encodeTool(tool, tool.strict && strictness));
  if (forced !== undefined)
    form.put("toolChoice", byName ? { type: "function", function: { name: forced } } : "required");
  else if (toolChoice !== "auto" || choosable) form.put("toolChoice", toolChoice);
  form.put("parallelToolCalls", parallelToolCalls);
}

/** DeepSeek thinks by default, and then refuses to be forced. Source: https://github.com/langchain-ai/langchain/issues/40769 */
function withoutThinking({ preset: { provider, quirks }, body, warn }: Form, extra: Params["extraBody"]): Body {
  const { type } = objectOf(extra?.thinking ?? body.thinking);
  if (quirks.effort !== "thinking" || type === "disabled") return {};
  warn("thinking_off", `${provider} cannot think where a tool is forced; thinking was turned off.`);
  return { thinking: { type: "disabled" }, reasoning_effort: undefined };
}

function encodeTool(tool: ToolDefinition, strict: boolean): Body {
  const { name, description } = tool;
  const parameters = toolSchema(tool, strict, "openai");
  return { type: "function", function: { name, description, parameters, ...(strict && { strict }) } };
}

function encodeOutput({ provider, quirks }: Preset, output: OutputDefinition): Body {
  if (quirks.schemas === false)
    throw new ConfigurationError(
      `${provider} cannot hold an answer to a schema by itself. Ask with outputMode "tool" or "text".`,
    );
  const { name, strict } = output;
  const schema = strict ? outputSchema(output, "openai") : output.schema;
  return { type: "json_schema", json_schema: { name, schema, strict } };
}
