import { base64 } from "../content.js";
import { isPlainObject } from "../json.js";
import { isArrayBuffer, isBytes, isThenable, kindOf } from "../realm.js";

/**
 * A tool's result as JSON, with bytes as base64 and lists of numbers as such.
 *
 * @throws TypeError that names the key of what JSON cannot hold or would show as `{}`, and what to return instead.
 */
export function toJson(value: unknown): string | undefined {
  return JSON.stringify(value, encodable);
}

/** JSON leaves functions out in silence, and writes bytes as an object of numbers; a Buffer even before a replacer sees it. */
function encodable(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[key];
  if (typeof original === "object" && original !== null) {
    const bytes = bytesOf(original);
    if (bytes) return base64(bytes);
    if (ArrayBuffer.isView(original)) return Array.from(original as unknown as Iterable<unknown>);
  }
  const hidden = typeof value === "object" && value !== null ? hiddenKind(value) : unfit.get(typeof value);
  if (hidden) throw new TypeError(`${key || "it"} is ${hidden}`);
  return value;
}

/** The bytes that a value holds, if it is nothing else. */
export function bytesOf(value: unknown): Uint8Array | undefined {
  if (isBytes(value)) return value;
  if (isArrayBuffer(value)) return new Uint8Array(value);
  return typeof value === "object" && value !== null && kindOf(value) === "DataView" && ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : undefined;
}

const unfit = new Map([
  ["function", "a function. Return what it returns"],
  ["symbol", "a symbol. Return its description"],
]);

const entries = "Return Object.fromEntries(value)";
const list = "Return Array.from(value)";
const body = "Return what its text() or json() resolves to, awaited";

/** What JSON shows as `{}` or as its private state, and what to return instead. */
const kinds = new Map([
  ["Response", body],
  ["Request", body],
  ["Blob", "Return the text that text() resolves to, or the bytes of arrayBuffer(), awaited"],
  ["File", "Return the text that text() resolves to, or the bytes of arrayBuffer(), awaited"],
  ["Headers", entries],
  ["FormData", entries],
  ["URLSearchParams", entries],
  ["Map", entries],
  ["Set", list],
  ["WeakMap", "Return plain data"],
  ["WeakSet", "Return plain data"],
  ["WeakRef", "Return plain data"],
  ["Promise", "Await it first"],
  ["Error", "Throw it, or return its message"],
  ["DOMException", "Throw it, or return its message"],
  ["RegExp", "Return its source"],
  ["Generator", list],
]);

/** What hides its content from JSON, in words; undefined for data. */
function hiddenKind(value: object): string | undefined {
  if (Array.isArray(value)) return undefined;
  const kind = kindOf(value);
  if (/^(String|Number|Boolean)$/.test(kind)) return undefined;
  const instead = kinds.get(kind);
  if (instead) return `${articled(kind)}. ${instead}`;
  if (isThenable(value)) return "a promise. Await it first";
  if (Symbol.asyncIterator in value)
    return `${articled(kind)} that is read piece by piece. Return what it yields, collected`;
  if (isPlainObject(value) || Object.keys(value).length > 0) return undefined;
  if (Symbol.iterator in value) return `${articled(kind)} that is read piece by piece. ${list}`;
  return kind === "Object"
    ? "an object of a class of which JSON shows nothing. Return plain data"
    : `${articled(kind)}, of which JSON shows nothing. Return plain data`;
}

function articled(kind: string): string {
  return `${/^[AEIO]/.test(kind) ? "an" : "a"} ${kind}`;
}
