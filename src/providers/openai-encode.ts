import { base64, type Part, type ToolCallPart, type ToolResultPart } from "../content.js";
import { ConfigurationError } from "../errors.js";
import { wellFormed } from "../json.js";
import { type Message, textOf } from "../message.js";
import type { ModelRequest } from "../model.js";
import { strictSchema } from "../schema/strict.js";
import type { Emit } from "./exchange.js";
import { defined, lacks, urlOf } from "./wire-parts.js";

/**
 * The body of a Chat Completions request.
 * Source: https://platform.openai.com/docs/api-reference/chat/create
 */
export function encodeChat(model: string, request: ModelRequest, warn: Emit): Record<string, unknown> {
  const { params = {}, tools = [], toolChoice, output } = request;
  if (params.topK !== undefined) {
    warn({ type: "warning", code: "unsupported_option", message: "openai takes no topK; it was not sent." });
  }
  return {
    ...defined({
      temperature: params.temperature,
      // Newer models refuse max_tokens, and all of them take this.
      max_completion_tokens: params.maxTokens,
      top_p: params.topP,
      stop: params.stop,
      seed: params.seed,
      frequency_penalty: params.frequencyPenalty,
      presence_penalty: params.presencePenalty,
      reasoning_effort: params.reasoningEffort,
    }),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, schema, strict }) => ({
        type: "function",
        function: {
          name,
          description,
          parameters: strict ? strictSchema(schema, "openai") : schema,
          ...(strict && { strict }),
        },
      })),
      ...defined({
        tool_choice:
          typeof toolChoice === "object" ? { type: "function", function: { name: toolChoice.name } } : toolChoice,
        parallel_tool_calls: request.parallelToolCalls,
      }),
    }),
    ...(output && {
      response_format: {
        type: "json_schema",
        json_schema: { ...output, schema: output.strict ? strictSchema(output.schema, "openai") : output.schema },
      },
    }),
    ...params.extraBody,
    model,
    messages: encodeMessages(request.messages),
    stream: request.stream,
    ...(request.stream && { stream_options: { include_usage: true } }),
  };
}

/** All results of one assistant turn must stand together, so what they show waits until the last of them. */
function encodeMessages(messages: readonly Message[]): unknown[] {
  const encoded: unknown[] = [];
  let shown: unknown[] = [];
  const show = () => {
    if (shown.length > 0) encoded.push({ role: "user", content: shown });
    shown = [];
  };
  for (const message of messages) {
    if (message.role === "tool") encoded.push(...encodeToolResults(message, shown));
    else {
      show();
      encoded.push(encodeMessage(message));
    }
  }
  show();
  return encoded;
}

function encodeMessage(message: Message): unknown {
  if (message.role === "assistant") return encodeAssistant(message);
  if (message.role === "system") return { role: "system", content: wellFormed(textOf(message)) };
  const { content } = message;
  return { role: "user", content: typeof content === "string" ? wellFormed(content) : content.flatMap(encodePart) };
}

function encodeAssistant(message: Message): unknown {
  const text = wellFormed(textOf(message));
  const calls = partsOf(message).filter((part): part is ToolCallPart => part.type === "tool-call");
  if (calls.length === 0) return { role: "assistant", content: text };
  const toolCalls = calls.map(({ id, name, arguments: json }) => ({
    id,
    type: "function",
    function: { name, arguments: json || "{}" },
  }));
  return { role: "assistant", content: text || null, tool_calls: toolCalls };
}

/** One tool message a result. They hold text only; other parts are added to `shown`, which follows as the user's. */
function encodeToolResults(message: Message, shown: unknown[]): unknown[] {
  const results = partsOf(message).filter((part): part is ToolResultPart => part.type === "tool-result");
  if (results.length === 0)
    throw new ConfigurationError("A tool message holds no tool result. Answer each tool call with a tool-result part.");
  return results.map(({ id, name, content, isError }) => {
    let text = "";
    for (const part of typeof content === "string" ? [] : content) {
      if (part.type === "text") text += part.text;
      else if (part.type !== "cache-point")
        shown.push({ type: "text", text: `From the result of ${name} (${id}):` }, ...encodePart(part));
    }
    if (typeof content === "string") text = content;
    // The wire has no flag for failure.
    return { role: "tool", tool_call_id: id, content: wellFormed(isError ? `Error: ${text}` : text) };
  });
}

function partsOf(message: Message): readonly Part[] {
  return typeof message.content === "string" ? [] : message.content;
}

function encodePart(part: Part): unknown[] {
  switch (part.type) {
    case "text":
      return [{ type: "text", text: wellFormed(part.text) }];
    case "image":
      return [
        {
          type: "image_url",
          image_url: { url: urlOf(part, "image/png"), ...(part.detail && { detail: part.detail }) },
        },
      ];
    case "audio": {
      const format = { "audio/wav": "wav", "audio/mpeg": "mp3" }[part.mediaType];
      if (!format) throw lacks("openai", part, `Its Chat Completions take WAV and MP3, not ${part.mediaType}.`);
      return [{ type: "input_audio", input_audio: { data: base64(part.data), format } }];
    }
    case "document":
      if (part.source instanceof URL)
        throw lacks("openai", part, "Its Chat Completions take no link to a document; pass the bytes.");
      return [
        { type: "file", file: { filename: part.name ?? "document.pdf", file_data: urlOf(part, "application/pdf") } },
      ];
    case "cache-point":
    case "reasoning":
      return [];
    default:
      throw new ConfigurationError(`A ${part.type} part has no place in a user message.`);
  }
}
