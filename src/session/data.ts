import { base64 } from "../content.js";
import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import { maxJsonDepth } from "../json-text.js";
import { asMade, isMessage, type Message } from "../message.js";
import { ownThroughout } from "../own.js";
import { isBytes, isUrl } from "../realm.js";
import { savedProblem } from "./open-calls.js";

const version = 1;

/** A history as plain data: bytes and links as objects with one key that says what they are. */
export function toData(history: readonly Message[]): unknown {
  return { version, messages: history.map(encode) };
}

function encode(value: unknown): unknown {
  if (isBytes(value)) return { $bytes: base64(value) };
  if (isUrl(value)) return { $url: value.href };
  if (Array.isArray(value)) return value.map(encode);
  if (!isPlainObject(value)) return value;
  const set = Object.entries(value).filter(([, each]) => each !== undefined);
  // A key that begins with $ gets another, so that no data of a provider is taken for bytes.
  return Object.fromEntries(set.map(([key, each]) => [key.startsWith("$") ? `$${key}` : key, encode(each)]));
}

/** @throws ConfigurationError that says what is wrong with the data. */
export function fromData(saved: unknown): Message[] {
  const data = ownThroughout(saved);
  if (typeof data === "string")
    throw unusable("It is text. Pass what JSON.parse makes of it: Session.fromJSON(JSON.parse(text), options).");
  if (!isPlainObject(data) || !Array.isArray(data.messages)) throw unusable("It is not what session.toJSON() gave.");
  if (data.version !== version)
    throw unusable(`It has version ${shownAs(data.version)}, and this callwright reads version ${version}.`);
  const messages = data.messages.map((message) => decode(message, 0));
  const wrong = messages.findIndex((message) => !isMessage(message));
  if (wrong >= 0) throw unusable(`Message ${wrong} is no message.`);
  const problem = savedProblem(messages as Message[]);
  if (problem) throw unusable(problem);
  return [...asMade(messages as Message[])];
}

function decode(value: unknown, depth: number): unknown {
  if (depth > maxJsonDepth) throw unusable(`It is nested more than ${maxJsonDepth} deep.`);
  if (Array.isArray(value)) return value.map((each) => decode(each, depth + 1));
  if (!isPlainObject(value)) return value;
  if (typeof value.$bytes === "string") return bytesOf(value.$bytes);
  if (typeof value.$url === "string") return urlOf(value.$url);
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key.startsWith("$$") ? key.slice(1) : key, decode(each, depth + 1)]),
  );
}

/** Data may hold an object that cannot become text. */
function shownAs(value: unknown): string {
  return typeof value === "object" ? "of another kind" : String(value).slice(0, 20);
}

function bytesOf(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch (cause) {
    throw unusable("Bytes in it are no base64.", cause);
  }
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" || url?.protocol === "http:") return url;
  throw unusable("A link in it is no http(s) link.");
}

function unusable(why: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(`The saved session cannot be read. ${why}`, cause === undefined ? {} : { cause });
}
