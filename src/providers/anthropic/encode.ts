import {
  base64,
  type CachePoint,
  type DocumentPart,
  type ImagePart,
  type Part,
  type ReasoningPart,
  type ToolResultPart,
} from "../../content.js";
import { ConfigurationError } from "../../errors.js";
import { isPlainObject, wellFormed } from "../../json.js";
import { parseJsonText } from "../../json-text.js";
import { type Message, textOf } from "../../message.js";
import type { ModelRequest, Params, ToolDefinition } from "../../model.js";
import { hrefOf } from "../../part-source.js";
import type { JsonSchema } from "../../schema/standard.js";
import type { Emit } from "../exchange.js";
import { checkStrictTogether, outputSchema, toolSchema } from "../tool-schema.js";
import { defined, lacks } from "../wire-parts.js";

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
  const firstTurn = request.messages.findIndex((message) => message.role !== "system");
  const leading = firstTurn < 0 ? request.messages : request.messages.slice(0, firstTurn);
  const rest = firstTurn < 0 ? [] : request.messages.slice(firstTurn);
  checkStrictTogether(tools, output);
  return {
    max_tokens: params.maxTokens ?? defaultMaxTokens,
    ...defined({
      system: encodeSystem(leading),
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
    messages: encodeTurns(rest, warn),
    stream: request.stream,
  };
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

function encodeTurns(messages: readonly Message[], warn: Emit): Turn[] {
  const turns: Turn[] = [];
  let answersTools = false;
  for (const message of messages) {
    const turn = encodeTurn(message, warn);
    // The API refuses an answer of nothing, such as that of a model that refused; without it, the turns still fit.
    if (turn.role === "assistant" && turn.content.length === 0) continue;
    // All results of one assistant turn, and what the user adds to them, must stand in the next turn.
    const last = turns.at(-1);
    if (answersTools && turn.role === "user" && last)
      last.content = [...blocksOf(last.content), ...blocksOf(turn.content)];
    else turns.push(turn);
    answersTools = message.role === "tool" || (answersTools && turn.role === "user");
  }
  return turns;
}

function encodeTurn(message: Message, warn: Emit): Turn {
  switch (message.role) {
    case "system":
      warning(
        warn,
        "system_in_conversation",
        "anthropic takes system messages only before the first turn; a later one was sent as a marked user turn.",
      );
      return { role: "user", content: wellFormed(`<system>\n${textOf(message)}\n</system>`) };
    case "user":
    case "assistant":
      return {
        role: message.role,
        content: typeof message.content === "string" ? wellFormed(message.content) : encodeContent(message.content),
      };
    case "tool": {
      const content = encodeContent(message.content);
      if (!content.some((block) => block.type === "tool_result"))
        throw new ConfigurationError(
          "A tool message holds no tool result. Answer each tool call with a tool-result part.",
        );
      return { role: "user", content };
    }
  }
}

function blocksOf(content: string | Block[]): Block[] {
  return typeof content === "string" ? encodeContent(content) : content;
}

/** Empty text is left out: the API refuses it. */
function encodeContent(content: Message["content"]): Block[] {
  const parts: readonly Part[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
  const blocks: Block[] = [];
  for (const part of parts) {
    const last = blocks.at(-1);
    if (part.type === "cache-point") {
      if (last) last.cache_control = encodeCachePoint(part);
    } else if (part.type !== "text" || part.text) blocks.push(...encodePart(part));
  }
  return blocks;
}

function encodeCachePoint({ ttl }: CachePoint): Block {
  return { type: "ephemeral", ...(ttl && { ttl }) };
}

function encodePart(part: Exclude<Part, CachePoint>): Block[] {
  switch (part.type) {
    case "text":
      return [{ type: "text", text: wellFormed(part.text) }];
    case "image":
      return [{ type: "image", source: encodeSource(part, "image/png") }];
    case "document":
      return [
        {
          type: "document",
          source: encodeDocument(part),
          ...(part.name && { title: part.name }),
        },
      ];
    case "audio":
      throw lacks("anthropic", part, "Send a transcript instead.");
    case "reasoning":
      return encodeReasoning(part);
    case "tool-call":
      return [{ type: "tool_use", id: part.id, name: part.name, input: inputOf(part.arguments) }];
    case "tool-result":
      return [encodeToolResult(part)];
  }
}

function encodeSource({ type, source, mediaType }: ImagePart | DocumentPart, otherwise: string): Block {
  return source instanceof URL
    ? { type: "url", url: hrefOf(type, source) }
    : { type: "base64", media_type: mediaType ?? otherwise, data: base64(source) };
}

function encodeDocument(part: DocumentPart): Block {
  const { source, mediaType } = part;
  if (source instanceof URL || !mediaType?.startsWith("text/")) return encodeSource(part, "application/pdf");
  return { type: "text", media_type: "text/plain", data: new TextDecoder().decode(source) };
}

/** Thinking goes back with its signature, to the provider that signed it. */
function encodeReasoning({ origin, text, data }: ReasoningPart): Block[] {
  if (origin !== "anthropic" || !isPlainObject(data)) return [];
  if (data.type === "redacted_thinking") return [{ type: "redacted_thinking", data: data.data }];
  return data.type === "thinking" ? [{ type: "thinking", thinking: text, signature: data.signature }] : [];
}

function encodeToolResult({ id, content, isError }: ToolResultPart): Block {
  const encoded = typeof content === "string" ? wellFormed(content) : encodeContent(content);
  return { type: "tool_result", tool_use_id: id, content: encoded, ...(isError && { is_error: true }) };
}

/** The API takes an object; what the model wrote wrongly goes back as what it wrote. */
function inputOf(json: string): unknown {
  const read = parseJsonText(json.trim() || "{}");
  if ("value" in read && isPlainObject(read.value)) return read.value;
  return { invalid_json: json };
}
