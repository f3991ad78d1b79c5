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
  if (isPart(value)) return [value];
  if (
    Array.isArray(value) &&
    value.length > 0 &&
    value.some(isPart) &&
    value.every((each) => typeof each === "string" || isPart(each))
  ) {
    return value.map((each: string | Part) => (typeof each === "string" ? text(each) : each));
  }
  if (value instanceof Uint8Array) return base64(value);
  try {
    const json = JSON.stringify(value, encodable);
    if (json !== undefined) return json;
  } catch (cause) {
    throw new ToolError(`The tool ${name} returned a value that JSON cannot hold: ${messageOf(cause)}`, { cause });
  }
  throw new ToolError(`The tool ${name} returned a ${typeof value}, which JSON cannot hold.`);
}

/** JSON leaves functions out in silence, and writes bytes as an object of numbers; a Buffer even before a replacer sees it. */
function encodable(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[key];
  if (original instanceof Uint8Array) return base64(original);
  if (typeof value === "function" || typeof value === "symbol")
    throw new TypeError(`${key || "it"} is a ${typeof value}`);
  return value;
}

/** What was thrown, in words. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name;
  if (typeof thrown === "string") return thrown;
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return "an error that cannot be shown";
  }
}
