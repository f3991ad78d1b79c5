import { base64 } from "../content.js";
import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import { isMessage, type Message } from "../message.js";

const version = 1;

/** A history as plain data: bytes and URLs under keys that say what they are. */
export function toData(history: readonly Message[]): unknown {
  return { version, messages: history.map(encode) };
}

function encode(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: base64(value) };
  if (value instanceof URL) return { $url: value.href };
  if (Array.isArray(value)) return value.map(encode);
  if (!isPlainObject(value)) return value;
  const set = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(set.map(([key, each]) => [key, encode(each)]));
}

/** @throws ConfigurationError that says what is wrong with the data. */
export function fromData(data: unknown): Message[] {
  if (!isPlainObject(data) || !Array.isArray(data.messages)) throw unusable("It is not what session.toJSON() gave.");
  if (data.version !== version)
    throw unusable(`It has version ${String(data.version)}, and this callwright reads version ${version}.`);
  const messages = data.messages.map(decode);
  const wrong = messages.findIndex((message) => !isMessage(message));
  if (wrong >= 0) throw unusable(`Message ${wrong} is no message.`);
  checkResults(messages as Message[]);
  return messages as Message[];
}

function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (!isPlainObject(value)) return value;
  if (typeof value.$bytes === "string")
    return Uint8Array.from(atob(value.$bytes), (character) => character.charCodeAt(0));
  if (typeof value.$url === "string" && URL.canParse(value.$url)) return new URL(value.$url);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, decode(each)]));
}

/** A result without its call is refused by every provider, so the file was changed. */
function checkResults(messages: readonly Message[]): void {
  const asked = new Set<string>();
  messages.forEach(({ role, content }, position) => {
    for (const part of typeof content === "string" ? [] : content) {
      if (part.type === "tool-call" && role !== "assistant")
        throw unusable(`Message ${position} calls a tool, but its role is ${role}.`);
      if (part.type === "tool-call") asked.add(part.id);
      if (part.type === "tool-result" && (role !== "tool" || !asked.has(part.id)))
        throw unusable(`Message ${position} holds the result of a call that nobody made.`);
    }
    if (role === "tool" && typeof content === "string")
      throw unusable(`Message ${position} is a tool's, but holds no result.`);
  });
}

function unusable(why: string): ConfigurationError {
  return new ConfigurationError(`The saved session cannot be read. ${why}`);
}
