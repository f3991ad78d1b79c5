import { audio, document, image, type Part, type ToolCallPart, text } from "../content.js";
import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import type { Message } from "../message.js";
import type { Access, ModelRef, OutputDefinition, Timeouts, ToolChoice, ToolDefinition } from "../model.js";

/** A request in OpenAI's wire shape, for any provider. Keys that are not named here go to the provider as they are. */
export interface CompletionRequest extends Access {
  model: ModelRef;
  messages: readonly { role: string; content?: unknown; tool_calls?: unknown; tool_call_id?: string }[];
  temperature?: number | undefined;
  max_tokens?: number | undefined;
  signal?: AbortSignal | undefined;
  timeouts?: Timeouts | undefined;
  [key: string]: unknown;
}

/**
 * The messages of a request.
 *
 * @throws ConfigurationError that names the place of what cannot be read.
 */
export function decodeMessages(messages: CompletionRequest["messages"]): Message[] {
  if (!Array.isArray(messages)) throw new ConfigurationError("messages must be a list.");
  return messages.map((message: unknown, index) =>
    decodeMessage(isPlainObject(message) ? message : {}, `messages[${index}]`),
  );
}

function decodeMessage(message: Record<string, unknown>, place: string): Message {
  switch (message.role) {
    case "system":
    case "developer":
      return { role: "system", content: decodeContent(message.content, place) };
    case "user":
      return { role: "user", content: decodeContent(message.content, place) };
    case "assistant":
      return { role: "assistant", content: decodeAssistant(message, place) };
    case "tool": {
      if (typeof message.tool_call_id !== "string")
        throw unreadable(`${place}.tool_call_id`, "the id of the call that it answers");
      return {
        role: "tool",
        content: [
          {
            type: "tool-result",
            id: message.tool_call_id,
            name: "",
            content: decodeContent(message.content ?? "", place),
          },
        ],
      };
    }
    default:
      throw unreadable(`${place}.role`, "system, developer, user, assistant or tool");
  }
}

function decodeAssistant(message: Record<string, unknown>, place: string): Message["content"] {
  const calls = message.tool_calls ?? [];
  if (!Array.isArray(calls)) throw unreadable(`${place}.tool_calls`, "a list");
  const content = message.content == null ? "" : decodeContent(message.content, place);
  if (calls.length === 0) return content;
  const parts: readonly Part[] = typeof content === "string" ? (content ? [text(content)] : []) : content;
  return [...parts, ...calls.map((call: unknown, index) => decodeCall(call, `${place}.tool_calls[${index}]`))];
}

function decodeCall(call: unknown, place: string): ToolCallPart {
  const { id, function: called } = isPlainObject(call) ? call : {};
  const { name, arguments: json } = isPlainObject(called) ? called : {};
  if (typeof id !== "string" || typeof name !== "string")
    throw unreadable(place, "a function call with an id and a name");
  return { type: "tool-call", id, name, arguments: typeof json === "string" ? json : "" };
}

function decodeContent(content: unknown, place: string): Message["content"] {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) throw unreadable(`${place}.content`, "a string or a list of parts");
  return content.map((part: unknown, index) =>
    decodePart(isPlainObject(part) ? part : {}, `${place}.content[${index}]`),
  );
}

function decodePart(part: Record<string, unknown>, place: string): Part {
  const inner = part[String(part.type)];
  const body = isPlainObject(inner) ? inner : {};
  if (part.type === "text" && typeof part.text === "string") return text(part.text);
  if (part.type === "refusal" && typeof part.refusal === "string") return text(part.refusal);
  if (part.type === "image_url" && typeof body.url === "string")
    return image(body.url, { detail: body.detail as "auto" | undefined });
  if (part.type === "input_audio" && typeof body.data === "string")
    return audio(bytesOf(body.data), { mediaType: body.format === "mp3" ? "audio/mpeg" : "audio/wav" });
  if (part.type === "file" && typeof body.file_data === "string")
    return document(body.file_data, { name: typeof body.filename === "string" ? body.filename : undefined });
  throw unreadable(place, "a text, image_url, input_audio or file part");
}

function bytesOf(data: string): Uint8Array {
  return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
}

/** @throws ConfigurationError for a tool that is no function. */
export function decodeTools(tools: unknown): ToolDefinition[] | undefined {
  if (tools === undefined || tools === null) return undefined;
  if (!Array.isArray(tools)) throw unreadable("tools", "a list");
  return tools.map((tool: unknown, index) => {
    const { type, function: called } = isPlainObject(tool) ? tool : {};
    const { name, description, parameters, strict } = isPlainObject(called) ? called : {};
    if (type !== "function" || typeof name !== "string") throw unreadable(`tools[${index}]`, "a function with a name");
    const schema = isPlainObject(parameters) ? parameters : { type: "object", properties: {} };
    return { name, description: typeof description === "string" ? description : "", schema, strict: strict === true };
  });
}

export function decodeToolChoice(choice: unknown): ToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (choice === "auto" || choice === "none" || choice === "required") return choice;
  const called = isPlainObject(choice) ? choice.function : undefined;
  if (isPlainObject(called) && typeof called.name === "string") return { name: called.name };
  throw unreadable("tool_choice", '"auto", "none", "required" or a function by name');
}

/** A JSON schema asks for the provider's JSON mode; what else `response_format` says stays in the body. */
export function decodeOutput(format: unknown): OutputDefinition | undefined {
  const { type, json_schema: given } = isPlainObject(format) ? format : {};
  if (type !== "json_schema") return undefined;
  const { name, schema, strict } = isPlainObject(given) ? given : {};
  if (!isPlainObject(schema)) throw unreadable("response_format.json_schema.schema", "a JSON Schema");
  return { name: typeof name === "string" ? name : "answer", schema, strict: strict === true };
}

function unreadable(place: string, what: string): ConfigurationError {
  return new ConfigurationError(`completion() cannot read ${place}: it must be ${what}.`);
}
