import { audio, document, image, type Part, type ToolCallPart, text } from "../content.js";
import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import { isSilent, type Message } from "../message.js";

type Wire = Record<string, unknown>;

/**
 * Messages in OpenAI's wire shape.
 *
 * @param origin The provider that what it added to its answers goes back to. @default the one that is known for it
 * @throws ConfigurationError that names the place of what cannot be read.
 */
export function decodeMessages(messages: unknown, origin: string | undefined): Message[] {
  if (!Array.isArray(messages)) throw unreadable("messages", "a list");
  const names = new Map<string, string>();
  const decoded = messages.map((message: unknown, index) =>
    decodeMessage(isPlainObject(message) ? message : {}, `messages[${index}]`, names, origin),
  );
  if (isSilent(decoded)) throw unreadable("messages", "a list with at least one message that is not blank");
  return decoded;
}

/** @param names The tools that were called so far, by the ids of the calls. */
function decodeMessage(message: Wire, place: string, names: Map<string, string>, origin: string | undefined): Message {
  const { role, content, tool_call_id: id } = message;
  switch (role) {
    case "system":
    case "developer":
      return { role: "system", content: decodeContent(content, place) };
    case "user":
      return { role: "user", content: decodeContent(content, place) };
    case "assistant":
      return { role: "assistant", content: decodeAssistant(message, place, names, origin) };
    case "tool": {
      if (typeof id !== "string") throw unreadable(`${place}.tool_call_id`, "the id of the call that it answers");
      const result = decodeContent(content ?? "", place);
      return { role: "tool", content: [{ type: "tool-result", id, name: names.get(id) ?? "", content: result }] };
    }
    default:
      throw unreadable(`${place}.role`, "system, developer, user, assistant or tool");
  }
}

function decodeAssistant(
  message: Wire,
  place: string,
  names: Map<string, string>,
  origin: string | undefined,
): Message["content"] {
  const calls = message.tool_calls ?? [];
  if (!Array.isArray(calls)) throw unreadable(`${place}.tool_calls`, "a list");
  // A refusal is what the model said instead.
  const said = message.content ?? message.refusal;
  const content = said == null ? "" : decodeContent(said, place);
  const thoughts = decodeReasoningDetails(message, origin);
  if (calls.length === 0 && thoughts.length === 0) return content;
  const parts: readonly Part[] = typeof content === "string" ? (content ? [text(content)] : []) : content;
  const decoded = calls.map((call: unknown, index) => decodeCall(call, `${place}.tool_calls[${index}]`));
  for (const { id, name } of decoded) names.set(id, name);
  return [
    ...thoughts,
    ...parts,
    ...decoded.flatMap((call, index) => [...decodeExtra(calls[index], call, origin), call]),
  ];
}

function decodeCall(call: unknown, place: string): ToolCallPart {
  const { id, function: called } = isPlainObject(call) ? call : {};
  const { name, arguments: json } = isPlainObject(called) ? called : {};
  if (typeof id !== "string" || typeof name !== "string")
    throw unreadable(place, "a function call with an id and a name");
  // Some clients write the object itself, as Ollama's own API does.
  const written = isPlainObject(json) ? JSON.stringify(json) : json;
  return { type: "tool-call", id, name, arguments: typeof written === "string" ? written : "" };
}

/** What a provider added to its answer and wants back. https://openrouter.ai/docs/use-cases/reasoning-tokens */
function decodeReasoningDetails({ reasoning_details }: Wire, origin = "openrouter"): Part[] {
  if (!Array.isArray(reasoning_details) || reasoning_details.length === 0) return [];
  return [{ type: "reasoning", text: "", origin, data: { type: "reasoning_details", reasoning_details } }];
}

/** The same beside a call. https://ai.google.dev/gemini-api/docs/thought-signatures */
function decodeExtra(call: unknown, { id }: ToolCallPart, origin = "google"): Part[] {
  const { extra_content } = isPlainObject(call) ? call : {};
  return extra_content == null
    ? []
    : [{ type: "reasoning", text: "", origin, data: { toolCallId: id, extra_content } }];
}

function decodeContent(content: unknown, place: string): Message["content"] {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) throw unreadable(`${place}.content`, "a string or a list of parts");
  return content.map((part: unknown, index) =>
    placed(`${place}.content[${index}]`, (at) => decodePart(isPlainObject(part) ? part : {}, at)),
  );
}

/** What is wrong with an image or a document says where it stands. */
function placed(place: string, decode: (place: string) => Part): Part {
  try {
    return decode(place);
  } catch (error) {
    if (!(error instanceof ConfigurationError) || error.issues) throw error;
    const message = `is not usable: ${error.message}`;
    throw new ConfigurationError(`completion() cannot read ${place}: ${error.message}`, {
      issues: [{ message, path: [place] }],
      cause: error,
    });
  }
}

function decodePart(part: Wire, place: string): Part {
  const inner = typeof part.type === "string" && Object.hasOwn(part, part.type) ? part[part.type] : undefined;
  const body = isPlainObject(inner) ? inner : {};
  if (part.type === "text" && typeof part.text === "string") return text(part.text);
  if (part.type === "refusal" && typeof part.refusal === "string") return text(part.refusal);
  if (part.type === "image_url" && typeof body.url === "string")
    return image(body.url, { detail: body.detail as "auto" | undefined });
  if (part.type === "input_audio" && typeof body.data === "string")
    return audio(bytesOf(body.data, place), { mediaType: body.format === "mp3" ? "audio/mpeg" : "audio/wav" });
  if (part.type === "file" && typeof body.file_data === "string")
    return document(body.file_data, { name: typeof body.filename === "string" ? body.filename : undefined });
  throw unreadable(place, "a text, image_url, input_audio or file part; files that lie at OpenAI are known only there");
}

function bytesOf(data: string, place: string): Uint8Array {
  try {
    return Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  } catch {
    throw unreadable(`${place}.input_audio.data`, "base64");
  }
}

/** The issue has the place as it is written, since that is how OpenAI's own errors name it. */
export function unreadable(place: string, what: string): ConfigurationError {
  return new ConfigurationError(`completion() cannot read ${place}: it must be ${what}.`, {
    issues: [{ message: `must be ${what}`, path: [place] }],
  });
}
