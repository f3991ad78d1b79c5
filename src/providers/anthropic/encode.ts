import type { CachePoint, Part, ReasoningPart, ToolResultPart } from "../../content.js";
import { ConfigurationError } from "../../errors.js";
import type { Message } from "../../message.js";
import type { ModelRequest, Params, ToolDefinition } from "../../model.js";
import type { JsonSchema } from "../../schema/standard.js";
import type { Emit } from "../exchange.js";
import { fitMedia } from "../media.js";
import { argumentsOf } from "../normalise/arguments.js";
import { normalise } from "../normalise/normalise.js";
import { anthropicRules, type WireRules } from "../normalise/rules.js";
import { checkStrictTogether, outputSchema, toolSchema } from "../tool-schema.js";
import { defined, lacks, objectOf } from "../wire-parts.js";
import { encodeDocumentSource, encodeSource, fitAnthropicMedia } from "./media.js";

type Block = Record<string, unknown>;
type Turn = { role: "user" | "assistant"; content: string | Block[] };

/** The API requires a limit. */
const defaultMaxTokens = 4096;

/**
 * The body of a Messages request.
 * Source: https://docs.anthropic.com/en/api/messages
 */
export function encodeMessages(model: string, request: ModelRequest, warn: Emit): Record<string, unknown> {
  const { params = {}, tools = [], output } = request;
  for (const name of ["seed", "frequencyPenalty", "presencePenalty"] as const) {
    if (params[name] !== undefined) warning(warn, "unsupported_option", `anthropic takes no ${name}; it was not sent.`);
  }
  const messages = normalise(fitMedia(request.messages, fitAnthropicMedia), rulesFor(params), warn);
  const firstTurn = messages.findIndex((message) => message.role !== "system");
  checkStrictTogether(tools, output);
  const body: Block = {
    max_tokens: params.maxTokens ?? defaultMaxTokens,
    ...defined({
      system: encodeSystem(messages.slice(0, firstTurn)),
      temperature: params.temperature,
      top_p: params.topP,
      top_k: params.topK,
      stop_sequences: params.stop,
      thinking: params.reasoningEffort === "none" ? { type: "disabled" } : undefined,
      output_config: encodeOutputConfig(params, output),
    }),
    ...(tools.length > 0 && {
      tools: tools.map(encodeTool),
      ...defined({ tool_choice: encodeToolChoice(request) }),
    }),
    ...params.extraBody,
    model,
    messages: encodeTurns(messages.slice(firstTurn)),
    stream: request.stream,
  };
  stopThinking(body, warn);
  return body;
}

/** The automatic cache point takes one of the four: https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching */
function rulesFor({ extraBody }: Params): WireRules {
  return extraBody?.cache_control ? { ...anthropicRules, cachePoints: anthropicRules.cachePoints - 1 } : anthropicRules;
}

/**
 * A model that thinks cannot be forced to call a tool (https://github.com/mastra-ai/mastra/issues/7507), and must have begun to
 * think before it called those whose results it gets:
 * https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking#extended-thinking-with-tool-use
 */
function stopThinking(body: Block, warn: Emit): void {
  const { type } = objectOf(body.thinking);
  if (type === undefined || type === "disabled") return;
  const choice = objectOf(body.tool_choice).type;
  const isForced = choice === "any" || choice === "tool";
  if (!isForced && !(type === "enabled" && goesOnWithoutThought(body.messages as Turn[]))) return;
  body.thinking = { type: "disabled" };
  const why = isForced ? "a tool is forced" : "the calls whose results it gets were made without thinking";
  warning(warn, "thinking_off", `anthropic cannot think if ${why}; thinking was turned off.`);
}

/** Whether the last turn answers calls of a loop that began without a thought, such as with another provider's answer. */
function goesOnWithoutThought(turns: readonly Turn[]): boolean {
  const holds = ({ content }: Turn, type: string) =>
    typeof content !== "string" && content.some((block) => block.type === type);
  let first: Turn | undefined;
  for (let at = turns.length - 1; at > 0; at -= 2) {
    const [caller, results] = [turns[at - 1], turns[at]];
    if (!caller || !results || !holds(results, "tool_result")) break;
    first = caller;
  }
  return first !== undefined && !holds(first, "thinking") && !holds(first, "redacted_thinking");
}

function warning(warn: Emit, code: string, message: string): void {
  warn({ type: "warning", code, message });
}

function encodeOutputConfig(params: Params, output: ModelRequest["output"]): Block | undefined {
  const effort = params.reasoningEffort === "none" ? undefined : params.reasoningEffort;
  if (!effort && !output) return undefined;
  return {
    ...(effort && { effort }),
    ...(output && { format: { type: "json_schema", schema: outputSchema(output, "anthropic") } }),
  };
}

function encodeTool(tool: ToolDefinition): Block {
  const { name, description, strict } = tool;
  const schema = toolSchema(tool, strict, "anthropic");
  checkNames(name, schema);
  return { name, description, input_schema: schema, ...(strict && { strict }) };
}

/** Source: https://github.com/twilio-labs/mcp/issues/58. Members of members may have any name. */
function checkNames(tool: string, schema: JsonSchema): void {
  if (checked.has(schema)) return;
  for (const name of Object.keys(schema.properties ?? {})) {
    if (/^[a-zA-Z0-9_.-]{1,64}$/.test(name)) continue;
    throw new ConfigurationError(
      `The tool ${tool}: the field ${JSON.stringify(name.slice(0, 100))} has a name that Anthropic refuses. Use 1 to 64 letters, digits, "_", "." or "-", and say the rest in its description.`,
    );
  }
  checked.add(schema);
}

const checked = new WeakSet<JsonSchema>();

function encodeToolChoice({ toolChoice, parallelToolCalls }: ModelRequest): Block | undefined {
  if (toolChoice === undefined && parallelToolCalls === undefined) return undefined;
  const choice =
    typeof toolChoice === "object"
      ? { type: "tool", name: toolChoice.name }
      : { type: toolChoice === "required" ? "any" : (toolChoice ?? "auto") };
  // With "none" there are no calls that could be parallel, and the API refuses the flag.
  return parallelToolCalls === undefined || choice.type === "none"
    ? choice
    : { ...choice, disable_parallel_tool_use: !parallelToolCalls };
}

function encodeSystem(messages: readonly Message[]): string | Block[] | undefined {
  const blocks = messages.flatMap((message) => encodeContent(message.content));
  if (blocks.length === 0) return undefined;
  const [only] = blocks;
  return blocks.length === 1 && only && !Object.hasOwn(only, "cache_control") ? (only.text as string) : blocks;
}

function encodeTurns(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  let answersTools = false;
  for (const { role, content } of messages) {
    const turn: Turn = {
      role: role === "assistant" ? role : "user",
      content: typeof content === "string" ? content : encodeContent(content),
    };
    // All results of one assistant turn, and what the user adds to them, must stand in the next turn.
    const last = turns.at(-1);
    if (answersTools && turn.role === "user" && last)
      last.content = [...blocksOf(last.content), ...blocksOf(turn.content)];
    else turns.push(turn);
    answersTools = role === "tool" || (answersTools && turn.role === "user");
  }
  return turns;
}

function blocksOf(content: string | Block[]): Block[] {
  return typeof content === "string" ? encodeContent(content) : content;
}

/** A cache point marks the block before it. */
function encodeContent(content: Message["content"]): Block[] {
  if (typeof content === "string") return [{ type: "text", text: content }];
  const blocks: Block[] = [];
  for (const part of content) {
    const last = blocks.at(-1);
    if (part.type !== "cache-point") blocks.push(encodePart(part));
    else if (last) last.cache_control = encodeCachePoint(part);
  }
  return blocks;
}

function encodeCachePoint({ ttl }: CachePoint): Block {
  return { type: "ephemeral", ...(ttl && { ttl }) };
}

function encodePart(part: Exclude<Part, CachePoint>): Block {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "image":
      return { type: "image", source: encodeSource(part) };
    case "document":
      return { type: "document", source: encodeDocumentSource(part), ...(part.name && { title: part.name }) };
    case "audio":
      throw lacks("anthropic", part, "Send a transcript instead.");
    case "reasoning":
      return encodeReasoning(part);
    case "tool-call":
      return { type: "tool_use", id: part.id, name: part.name, input: argumentsOf(part).value };
    case "tool-result":
      return encodeToolResult(part);
  }
}

/** Thinking goes back with its signature, and the blocks of Anthropic's own tools as they came. */
function encodeReasoning({ text, data }: ReasoningPart): Block {
  const { type, signature, data: redacted } = objectOf(data);
  if (type === "thinking") return { type, thinking: text, signature };
  return type === "redacted_thinking" ? { type, data: redacted } : { ...objectOf(data) };
}

function encodeToolResult({ id, content, isError }: ToolResultPart): Block {
  const encoded = typeof content === "string" ? content : encodeContent(content);
  return { type: "tool_result", tool_use_id: id, content: encoded, ...(isError && { is_error: true }) };
}
