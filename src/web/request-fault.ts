import type { Part } from "../content.js";
import { CallwrightError } from "../errors.js";
import { literalPattern } from "../literal-pattern.js";
import type { Message } from "../message.js";
import { isAboutRequest } from "../providers/encoding.js";
import { redact } from "../redact.js";
import type { ChatRequest } from "./chat-request.js";
import { RequestError } from "./public-error.js";

/**
 * The error as the client's mistake, if it is one: what it sent cannot be put into the words of the provider. Nothing was
 * sent then, so nobody else could tell the client.
 *
 * @param ahead How many messages the server puts before those of the client; undefined if nobody knows, as in a session.
 */
export function requestFault(error: unknown, request: ChatRequest, ahead: number | undefined): unknown {
  const fault = lastOf(error);
  if (!isAboutRequest(fault)) return error;
  // What broke without a word of our own is named by its place alone.
  const words = CallwrightError.isInstance(fault) ? redact(fault.message) : "The request cannot be sent to the model.";
  if (ahead === undefined) return new RequestError(400, "invalid_request", words, { param: "messages" });
  const message = words.replaceAll(/\bmessages\[(\d+)\]/g, (_, index) => `messages[${Number(index) - ahead}]`);
  return new RequestError(400, "invalid_request", message, { param: placeOf(message, request) });
}

/**
 * The same for a function, which adds messages and tools of its own: the client is to blame only if it sent more than
 * plain text, or no text at all.
 */
export function functionFault(error: unknown, request: ChatRequest): unknown {
  const fault = lastOf(error);
  const { messages } = request;
  const isPlain = messages.every(({ role, content }) => role !== "tool" && typeof content === "string");
  const isBlank = isPlain && messages.every(({ role, content }) => role === "system" || String(content).trim() === "");
  const isRefused = CallwrightError.isInstance(fault) && /^(configuration|template)$/.test(fault.code);
  if (!(isBlank && isRefused) && !(!isPlain && isAboutRequest(fault))) return error;
  const message = CallwrightError.isInstance(fault) ? redact(fault.message) : "The messages cannot be sent.";
  return new RequestError(400, "invalid_request", message, { param: "messages" });
}

/** Of several models, the last one decides what the client is told. */
function lastOf(error: unknown): unknown {
  const isFallback = CallwrightError.isInstance(error) && error.code === "fallback";
  return isFallback ? lastOf((error as { errors?: readonly unknown[] }).errors?.at(-1)) : error;
}

const media = { image: /\bimage\b/i, audio: /\b(audio|sound)\b/i, document: /\b(document|file)\b/i } as const;

/** The field that an error speaks of, in OpenAI's spelling. */
function placeOf(message: string, { messages, tools = [], output }: ChatRequest): string {
  const [named] = /\b(?:messages|tools)\[\d+\](?:\.\w+|\[\d+\])*|\bresponse_format(?:\.\w+)*/.exec(message) ?? [];
  if (named) return named;
  const tool = tools.findIndex(({ name }) => new RegExp(`(?<![\\w-])${literalPattern(name)}(?![\\w-])`).test(message));
  if (tool >= 0) return `tools[${tool}].function.parameters`;
  for (const [type, words] of Object.entries(media)) {
    const place = words.test(message) ? placeOfPart(messages, type as Part["type"]) : undefined;
    if (place) return place;
  }
  if (/\b(schema|field|definition|strict)\b/i.test(message) || messages.every(isText)) {
    if (output) return "response_format";
    if (tools.length > 0) return "tools";
  }
  return "messages";
}

function placeOfPart(messages: readonly Message[], type: Part["type"]): string | undefined {
  for (const [index, { content }] of messages.entries()) {
    const at = typeof content === "string" ? -1 : content.findIndex((part) => part.type === type);
    if (at >= 0) return `messages[${index}].content[${at}]`;
  }
  return undefined;
}

function isText({ content }: Message): boolean {
  return typeof content === "string";
}
