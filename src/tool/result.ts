import { base64, isMadePart, type Part, text } from "../content.js";
import { ToolError } from "../errors.js";
import { isMadeMessage, textKey } from "../message.js";
import { isError } from "../realm.js";
import { bytesOf, toJson } from "./json-result.js";

/**
 * What a tool returned, as the model gets it: text as it is, what `text()`, `image()` and the like made as parts, a
 * response or a message as what it says, bytes as base64, nothing as empty text, all else as JSON. Data that has the form
 * of a part is data.
 *
 * @throws ToolError for what JSON cannot hold or would hide; it says what to return instead.
 */
export function toResultContent(name: string, value: unknown): string | readonly Part[] {
  if (value === undefined) return "";
  const said = saidBy(value);
  if (said !== undefined) return said;
  if (Array.isArray(value) && value.some(isShown)) return value.flatMap((each) => toParts(name, each));
  const bytes = bytesOf(value);
  return bytes ? base64(bytes) : jsonOf(name, value);
}

/** Text, a part, a message or a response; undefined for data. */
function saidBy(value: unknown): string | readonly Part[] | undefined {
  if (typeof value === "string") return value;
  if (isShown(value)) return [value];
  if (typeof value !== "object" || value === null) return undefined;
  if (textKey in value) return String(value[textKey]);
  if (!isMadeMessage(value)) return undefined;
  return typeof value.content === "string" ? value.content : value.content.filter((part) => shown.has(part.type));
}

/** An element of a list that holds parts. */
function toParts(name: string, value: unknown): readonly Part[] {
  if (value === undefined || value === null) return [];
  const content = saidBy(value) ?? jsonOf(name, value);
  return typeof content === "string" ? [text(content)] : content;
}

function jsonOf(name: string, value: unknown): string {
  let json: string | undefined;
  try {
    json = toJson(value);
  } catch (cause) {
    throw new ToolError(`The tool ${name} returned a value that JSON cannot hold: ${messageOf(cause)}`, { cause });
  }
  if (json === undefined) throw new ToolError(`The tool ${name} returned a ${typeof value}, which JSON cannot hold.`);
  return json;
}

const shown = new Set(["text", "image", "audio", "document", "cache-point"]);

/** Calls and results of another conversation are data inside a result. */
function isShown(value: unknown): value is Part {
  return isMadePart(value) && shown.has(value.type);
}

const silent = "It failed and did not say why.";

/** What was thrown, in words for the model; never empty. */
export function messageOf(thrown: unknown): string {
  try {
    return wordsOf(thrown) || silent;
  } catch {
    return silent;
  }
}

function wordsOf(thrown: unknown): string | undefined {
  if (typeof thrown === "string") return thrown;
  if (typeof thrown !== "object" || thrown === null) return JSON.stringify(thrown ?? undefined);
  const { message, name } = thrown as Record<string, unknown>;
  // Made of an object, an error has this message, which says nothing.
  if (typeof message === "string" && message !== "" && message !== "[object Object]") return message;
  return isError(thrown) ? String(name) : JSON.stringify(thrown);
}
