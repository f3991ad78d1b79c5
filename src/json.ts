import { isObjectPrototype } from "./realm.js";

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * Parses text from outside. A key `__proto__` is dropped at any depth, so that no later copy of the value can reach a prototype.
 *
 * @throws SyntaxError where the text is not JSON.
 */
export function parseJson(text: string): unknown {
  return mayNameProto(text)
    ? JSON.parse(text, (key, value) => (key === "__proto__" ? undefined : value))
    : JSON.parse(text);
}

// Escapes count too: "\u005f_proto__" is the same key. Few texts match, so few pay for the reviver.
function mayNameProto(text: string): boolean {
  return text.includes("__proto__") || (text.includes("\\u00") && escapesProto.test(text));
}

const escapesProto = /\\u00(5f|6f|70|72|74)/i;

/** Replaces halves of surrogate pairs by U+FFFD; providers refuse the request otherwise. */
export function wellFormed(text: string): string {
  return isWellFormed(text) ? text : text.replace(halves, "\uFFFD");
}

/** Whether a text holds no half of a surrogate pair. */
export function isWellFormed(text: string): boolean {
  return hasMethod ? (text as unknown as { isWellFormed(): boolean }).isWellFormed() : text.search(halves) < 0;
}

/** Engines from before ES2024 lack it. */
const hasMethod = "isWellFormed" in String.prototype;

const halves = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** Whether objects and lists are nested in each other more than so many levels deep. */
export function isDeeperThan(value: unknown, levels: number): boolean {
  let open: readonly unknown[] = [value];
  for (let level = 0; open.length > 0; level++) {
    if (level > levels) return true;
    open = open.flatMap((each) => (typeof each === "object" && each !== null ? Object.values(each) : []));
  }
  return false;
}

/** Whether `value` is an object made by a literal, `JSON.parse` or `Object.create(null)`, in any realm. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || isObjectPrototype(prototype);
}
