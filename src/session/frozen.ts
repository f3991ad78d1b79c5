import { keepMarks } from "../brand.js";
import { isPlainObject } from "../json.js";
import { asMade, type Message } from "../message.js";
import { isBytes, isUrl } from "../realm.js";

const copies = new WeakSet<object>();

/**
 * Copies of messages that nobody can change: not by the objects that were passed, nor by those that a session, a request
 * or a response hands out.
 */
export function frozenMessages(messages: readonly Message[]): readonly Message[] {
  return messages.map((message) => (copies.has(message) ? message : frozenCopy(asMade([message])[0] as Message)));
}

/** The messages for readers: those with bytes or links, which cannot be frozen, are copied once more. */
export function readableMessages(messages: readonly Message[]): readonly Message[] {
  return messages.map((message) => (holdsChangeable(message) ? frozenCopy(message) : message));
}

function frozenCopy<T extends object>(value: T): T {
  const copy = copyOf(value) as T;
  copies.add(copy);
  return copy;
}

function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (isBytes(value)) return new Uint8Array(value);
  if (isUrl(value)) return new URL(value.href);
  if (Array.isArray(value)) return Object.freeze(value.map(copyOf));
  // What a provider gave for its own use, and what is neither data nor a part, stays as it is.
  if (!isPlainObject(value)) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, copyOf(each)]));
  keepMarks(value, copy);
  return Object.freeze(copy);
}

function holdsChangeable(value: unknown): boolean {
  if (isBytes(value) || isUrl(value)) return true;
  if (Array.isArray(value)) return value.some(holdsChangeable);
  return isPlainObject(value) && Object.values(value).some(holdsChangeable);
}
