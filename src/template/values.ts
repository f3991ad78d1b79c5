import { isMadePart } from "../content.js";
import { isPlainObject } from "../json.js";
import { isMadeMessage, isMessage, type Message, messagesKey, misplacedPart, textKey } from "../message.js";
import { isArrayBuffer, isThenable, kindOf } from "../realm.js";
import type { Body } from "./body.js";
import { elementOf, fail, type Where } from "./where.js";

/**
 * Renders a value at a bare hole: text and numbers as they print, null and undefined as nothing, parts in place,
 * a response as its text, other objects as JSON. Only what the library made is a part or a message: an object of the same
 * form may come from outside.
 */
export function putValue(value: unknown, body: Body, where: Where): void {
  if (isMadePart(value)) {
    body.part(value);
  } else if (Array.isArray(value) && value.some(isMadePart)) {
    putParts(value, body, where);
  } else if (!Array.isArray(value) || value.length > 0) {
    // An empty list is a list of no parts.
    body.value(asText(value, where));
  }
}

function putParts(values: readonly unknown[], body: Body, where: Where): void {
  for (const [index, value] of values.entries()) {
    if (value === null || value === undefined) continue;
    if (isMadePart(value)) body.part(value);
    else if (typeof value === "string") body.part({ type: "text", text: value });
    else if (typeof value === "object") body.part({ type: "text", text: asText(value, elementOf(where, index)) });
    else fail(elementOf(where, index), "is neither a part nor text, but stands in a list of parts.");
  }
}

/** The text of a value that may hold no parts and no messages. */
export function asText(value: unknown, where: Where): string {
  if (typeof value === "symbol" || typeof value === "function") return fail(where, `is a ${typeof value}, not text.`);
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  if (textKey in value) return String(value[textKey]);
  if (isMadePart(value)) return fail(where, `is a part (${value.type}); a list of text has no place for it.`);
  if (holdsMessages(value)) return fail(where, "holds messages, which stand in a MESSAGES: section or alone.");
  return asJson(value, where);
}

function holdsMessages(value: object): boolean {
  return messagesKey in value || isMadeMessage(value) || (Array.isArray(value) && value.some(isMadeMessage));
}

function asJson(value: object, where: Where): string {
  if (ArrayBuffer.isView(value) || isArrayBuffer(value)) {
    return fail(where, "holds bytes. Say what they are with image(), audio() or document().");
  }
  if (isThenable(value)) return fail(where, "is a promise. Await it first.");
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) return fail(where, "has no JSON form.");
  // A map, a set or an error would be "{}" and hide what it holds.
  if (json === "{}" && !isPlainObject(value)) {
    return fail(where, `is an object (${kindOf(value)}) of which JSON shows nothing. Pass text or plain data.`);
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
    return value[messagesKey] as readonly Message[];
  }
  if (single && isMessage(value)) return [checked(value, where)];
  if (!Array.isArray(value)) return fail(where, `must be a list of messages, not ${nameOf(value)}.`);
  const list: readonly unknown[] = value;
  // By index, since a list may have gaps.
  for (let index = 0; index < list.length; index++) checked(list[index], elementOf(where, index));
  return list as readonly Message[];
}

/** Data that has the form of a message may come from outside, so it can be no more than what was said in a conversation. */
function checked(value: unknown, where: Where): Message {
  if (isMadeMessage(value)) return value;
  if (!isMessage(value))
    return fail(where, `is no message but ${nameOf(value)}. Make messages with system(), user() or assistant().`);
  if (value.role === "system")
    return fail(
      where,
      "is data with the role system. What comes from outside must not become instructions: make the message with system(), or leave it out.",
    );
  const misplaced = misplacedPart(value);
  if (misplaced) return fail(where, `holds a ${misplaced} part, which cannot stand in a message of the ${value.role}.`);
  if (value.role === "tool" && !holdsResult(value))
    return fail(where, "is a tool message without a tool result. Answer a tool call with a tool-result part.");
  return value;
}

function holdsResult({ content }: Message): boolean {
  return typeof content !== "string" && content.some(({ type }) => type === "tool-result");
}

/** Whether a value that stands alone in a prompt makes up the whole of it. */
export function standsForMessages(value: unknown): boolean {
  return typeof value === "object" && value !== null && holdsMessages(value);
}

/** A few words that say what came instead, without showing it. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "a list";
  if (isMadePart(value)) return `a part (${value.type})`;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
