import { base64, isPart, type Part, text } from "../content.js";
import { ToolError } from "../errors.js";

/**
 * What a tool returned, as the model gets it: text as it is, parts as parts, bytes as base64, nothing as empty text,
 * all else as JSON.
 *
 * @throws ToolError for what JSON cannot hold.
 */
export function toResultContent(name: string, value: unknown): string | readonly Part[] {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  if (isShown(value)) return [value];
  if (Array.isArray(value) && value.some(isShown) && value.every((each) => typeof each === "string" || isShown(each))) {
    return value.map((each: string | Part) => (typeof each === "string" ? text(each) : each));
  }
  const bytes = bytesOf(value);
  if (bytes) return base64(bytes);
  try {
    const json = JSON.stringify(value, encodable);
    if (json !== undefined) return json;
  } catch (cause) {
    throw new ToolError(`The tool ${name} returned a value that JSON cannot hold: ${messageOf(cause)}`, { cause });
  }
  throw new ToolError(`The tool ${name} returned a ${typeof value}, which JSON cannot hold.`);
}

const shown = new Set(["text", "image", "audio", "document", "cache-point"]);

/** Data may look like the parts of another conversation; inside a result, those are data. */
function isShown(value: unknown): value is Part {
  return isPart(value) && shown.has(value.type);
}

function bytesOf(value: unknown): Uint8Array | undefined {
  return value instanceof ArrayBuffer ? new Uint8Array(value) : value instanceof Uint8Array ? value : undefined;
}

/** Of these JSON says `{}`, and hides what they hold. */
const hiding = /^(Map|Set|WeakMap|WeakSet|Promise|Error|RegExp|AsyncGenerator|Generator)$/;

/** JSON leaves functions out in silence, and writes bytes as an object of numbers; a Buffer even before a replacer sees it. */
function encodable(this: unknown, key: string, value: unknown): unknown {
  const bytes = bytesOf((this as Record<string, unknown>)[key]);
  if (bytes) return base64(bytes);
  const kind = typeof value === "object" ? Object.prototype.toString.call(value).slice(8, -1) : typeof value;
  if (kind === "function" || kind === "symbol" || hiding.test(kind)) throw new TypeError(`${key || "it"} is a ${kind}`);
  return value;
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
  return thrown instanceof Error ? String(name) : JSON.stringify(thrown);
}
