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
    messages: request.messages.flatMap(encodeMessage),
    stream: request.stream,
    ...(request.stream && { stream_options: { include_usage: true } }),
  };
}

function encodeMessage(message: Message): unknown[] {
  switch (message.role) {
    case "system":
      return [{ role: "system", content: wellFormed(textOf(message)) }];
    case "user":
      return [
        {
          role: "user",
          content:
            typeof message.content === "string" ? wellFormed(message.content) : message.content.flatMap(encodePart),
        },
      ];
    case "assistant":
      return [encodeAssistant(message)];
    case "tool":
      return encodeToolResults(message);
  }
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

/** One tool message a result. They hold text only, so other parts follow as what the user shows. */
function encodeToolResults(message: Message): unknown[] {
  const results = partsOf(message).filter((part): part is ToolResultPart => part.type === "tool-result");
  if (results.length === 0)
    throw new ConfigurationError("A tool message holds no tool result. Answer each tool call with a tool-result part.");
  const shown: unknown[] = [];
  const messages = results.map(({ id, name, content, isError }) => {
    let text = "";
    for (const part of typeof content === "string" ? [] : content) {
      if (part.type === "text") text += part.text;
      else shown.push({ type: "text", text: `From the result of ${name} (${id}):` }, ...encodePart(part));
    }
    if (typeof content === "string") text = content;
    // The wire has no flag for failure.
    return { role: "tool", tool_call_id: id, content: wellFormed(isError ? `Error: ${text}` : text) };
  });
  return shown.length > 0 ? [...messages, { role: "user", content: shown }] : messages;
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
