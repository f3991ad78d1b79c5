import type { Part, ReasoningPart, ToolResultPart } from "../../content.js";
import { ConfigurationError } from "../../errors.js";
import { isPlainObject, wellFormed } from "../../json.js";
import { type Message, textOf } from "../../message.js";
import type { ModelRequest, ToolDefinition } from "../../model.js";
import { hrefOf } from "../../part-source.js";
import type { Emit } from "../exchange.js";
import { outputSchema, toolSchema } from "../tool-schema.js";
import { defined, lacks, urlOf } from "../wire-parts.js";

type Item = Record<string, unknown>;

/** OpenAI refuses to encrypt the reasoning of models that have none; all that came after these reason. */
const withoutReasoning = /^(ft:)?(gpt-[34]|chatgpt-|gpt-5-chat)/;

/**
 * The body of a Responses request. Nothing is stored at OpenAI unless `extraBody` says so: the reasoning comes back
 * encrypted and goes along with the next turn.
 * Source: https://platform.openai.com/docs/api-reference/responses/create
 */
export function encodeResponses(provider: string, model: string, request: ModelRequest, warn: Emit): Item {
  const { params = {}, tools = [], toolChoice, output } = request;
  for (const name of ["topK", "stop", "seed", "frequencyPenalty", "presencePenalty"] as const) {
    if (params[name] === undefined) continue;
    const message = `${provider}'s Responses take no ${name}; it was not sent.`;
    warn({ type: "warning", code: "unsupported_option", message });
  }
  const body = {
    ...defined({
      temperature: params.temperature,
      max_output_tokens: params.maxTokens,
      top_p: params.topP,
      reasoning: params.reasoningEffort && { effort: params.reasoningEffort },
      text: output && {
        format: {
          type: "json_schema",
          name: output.name,
          strict: output.strict,
          schema: output.strict ? outputSchema(output, "openai") : output.schema,
        },
      },
    }),
    ...(tools.length > 0 && {
      tools: tools.map(encodeTool),
      ...defined({
        tool_choice: typeof toolChoice === "object" ? { type: "function", name: toolChoice.name } : toolChoice,
        parallel_tool_calls: request.parallelToolCalls,
      }),
    }),
    store: false,
    ...(!withoutReasoning.test(model) && { include: ["reasoning.encrypted_content"] }),
  };
  return {
    ...addExtra(body, params.extraBody ?? {}),
    model,
    input: request.messages.flatMap((message) => encodeMessage(provider, message)),
    stream: request.stream,
  };
}

// Left out, `strict` is true here.
function encodeTool(tool: ToolDefinition): Item {
  const { name, description, strict } = tool;
  return { type: "function", name, description, parameters: toolSchema(tool, strict, "openai"), strict };
}

/** These hold what is ours beside what is the user's: a hosted tool must not cost the functions, nor a verbosity the schema. */
const sharedFields = new Set(["tools", "include", "reasoning", "text"]);

function addExtra(body: Item, extra: Readonly<Item>): Item {
  const added = Object.entries(extra).map(([field, value]) => {
    const own = sharedFields.has(field) ? body[field] : undefined;
    if (Array.isArray(own) && Array.isArray(value)) return [field, [...new Set([...own, ...value])]];
    return [field, isPlainObject(own) && isPlainObject(value) ? { ...own, ...value } : value];
  });
  return { ...body, ...Object.fromEntries(added) };
}

function encodeMessage(provider: string, message: Message): Item[] {
  switch (message.role) {
    case "system":
      return [{ role: "system", content: wellFormed(textOf(message)) }];
    case "user": {
      const { content } = message;
      return [
        { role: "user", content: typeof content === "string" ? wellFormed(content) : content.flatMap(encodePart) },
      ];
    }
    case "assistant":
      return encodeAssistant(provider, partsOf(message));
    case "tool":
      return encodeToolResults(partsOf(message));
  }
}

function partsOf({ content }: Message): readonly Part[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** Each kind of part is an item of its own, in the order in which the model made them. */
function encodeAssistant(provider: string, parts: readonly Part[]): Item[] {
  const items: Item[] = [];
  for (const part of parts) {
    if (part.type === "reasoning") items.push(...encodeReasoning(provider, part));
    else if (part.type === "tool-call")
      items.push({ type: "function_call", call_id: part.id, name: part.name, arguments: part.arguments || "{}" });
    else if (part.type === "text") {
      if (part.text) items.push({ role: "assistant", content: [{ type: "output_text", text: wellFormed(part.text) }] });
    } else if (part.type !== "cache-point")
      throw new ConfigurationError(`A ${part.type} part has no place in an assistant message.`);
  }
  // The API refuses reasoning that led to nothing, such as that of a refusal or of an answer that was cut off.
  while (items.at(-1)?.type === "reasoning") items.pop();
  return items;
}

/** Only the API that encrypted it can read it. */
function encodeReasoning(provider: string, { origin, data }: ReasoningPart): Item[] {
  return origin === provider && isPlainObject(data) && data.type === "reasoning" && data.encrypted_content
    ? [data]
    : [];
}

function encodeToolResults(parts: readonly Part[]): Item[] {
  const results = parts.filter((part): part is ToolResultPart => part.type === "tool-result");
  if (results.length === 0)
    throw new ConfigurationError("A tool message holds no tool result. Answer each tool call with a tool-result part.");
  return results.map(({ id, content, isError }) => {
    const shown: readonly Part[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
    // The wire has no flag for failure.
    const told: readonly Part[] = isError ? [{ type: "text", text: "Error: " }, ...shown] : shown;
    const message: Message = { role: "tool", content: told };
    const isText = told.every(({ type }) => type === "text" || type === "cache-point");
    const output = isText ? wellFormed(textOf(message)) : told.flatMap(encodePart);
    return { type: "function_call_output", call_id: id, output };
  });
}

function encodePart(part: Part): Item[] {
  switch (part.type) {
    case "text":
      return [{ type: "input_text", text: wellFormed(part.text) }];
    case "image":
      return [{ type: "input_image", image_url: urlOf(part, "image/png"), detail: part.detail ?? "auto" }];
    case "document": {
      const { source, name } = part;
      if (source instanceof URL) return [{ type: "input_file", file_url: hrefOf("document", source) }];
      const filename = name ?? "document.pdf";
      return [{ type: "input_file", filename, file_data: urlOf(part, "application/pdf") }];
    }
    case "audio":
      throw lacks("OpenAI's Responses API", part, "Send a transcript, or use Chat Completions.");
    case "cache-point":
    case "reasoning":
      return [];
    default:
      throw new ConfigurationError(`A ${part.type} part has no place in a user message.`);
  }
}
