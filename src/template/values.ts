import { isPart } from "../content.js";
import { isPlainObject } from "../json.js";
import { isMessage, type Message, messagesKey, textKey } from "../message.js";
import type { Body } from "./body.js";
import { elementOf, fail, type Where } from "./where.js";

/**
 * Renders a value at a bare hole: text and numbers as they print, null and undefined as nothing, parts in place,
 * a response as its text, other objects as JSON.
 */
export function putValue(value: unknown, body: Body, where: Where): void {
  if (isPart(value)) {
    body.part(value);
  } else if (Array.isArray(value) && value.some(isPart)) {
    putParts(value, body, where);
  } else if (!Array.isArray(value) || value.length > 0) {
    // An empty list is a list of no parts.
    body.value(asText(value, where));
  }
}

function putParts(values: readonly unknown[], body: Body, where: Where): void {
  for (const [index, value] of values.entries()) {
    if (value === null || value === undefined) continue;
    if (typeof value === "string") body.part({ type: "text", text: value });
    else if (isPart(value)) body.part(value);
    else fail(elementOf(where, index), "is neither a part nor text, but stands in a list of parts.");
  }
}

/** The text of a value that may hold no parts and no messages. */
export function asText(value: unknown, where: Where): string {
  if (typeof value === "symbol" || typeof value === "function") return fail(where, `is a ${typeof value}, not text.`);
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  if (textKey in value) return String(value[textKey]);
  if (isPart(value)) return fail(where, `is a part (${value.type}); a list of text has no place for it.`);
  if (isMessages(value)) return fail(where, "holds messages, which stand in a MESSAGES: section or alone.");
  return asJson(value, where);
}

function isMessages(value: object): boolean {
  return messagesKey in value || isMessage(value) || (Array.isArray(value) && value.some(isMessage));
}

function asJson(value: object, where: Where): string {
  if (value instanceof Promise) return fail(where, "is a promise. Await it first.");
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return fail(where, "holds bytes. Say what they are with image(), audio() or document().");
  }
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) return fail(where, "has no JSON form.");
  // A map, a set or an error would be "{}" and hide what it holds.
  if (json === "{}" && !isPlainObject(value)) {
    const kind = Object.prototype.toString.call(value).slice(8, -1);
    return fail(where, `is an object (${kind}) of which JSON shows nothing. Pass text or plain data.`);
  }
  // What prints itself as one string (a date, a URL) needs no quotes.
  if (json.startsWith('"')) return JSON.parse(json) as string;
  return json === "null" ? "" : json;
}

/**
 * The messages that a value stands for, checked one by one.
 *
 * @param single Whether one message is as good as a list.
 */
export function asMessages(value: unknown, where: Where, single: boolean): readonly Message[] {
  if (typeof value === "object" && value !== null && messagesKey in value) {
    return asMessages(value[messagesKey], where, false);
  }
  if (single && isMessage(value)) return [value];
  if (!Array.isArray(value)) return fail(where, `must be a list of messages, not ${kindOf(value)}.`);
  const list: readonly unknown[] = value;
  for (let index = 0; index < list.length; index++) {
    if (!isMessage(list[index])) {
      fail(
        elementOf(where, index),
        `is no message but ${kindOf(list[index])}. Make messages with system(), user() or assistant().`,
      );
    }
  }
  return list as readonly Message[];
}

/** Whether a value that stands alone in a prompt makes up the whole of it. */
export function standsForMessages(value: unknown): boolean {
  return typeof value === "object" && value !== null && isMessages(value);
}

/** A few words that say what came instead, without showing it. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  if (isPart(value)) return `a part (${value.type})`;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
