import { createHash } from "node:crypto";
import { isPlainObject } from "../../json.js";
import { type FoundSecret, holdsSecret, replaceFound } from "../../redact.js";
import type { RecordedRequest } from "./recorded.js";

/**
 * What a recorded request has in the place of a secret:
 *
 * - `<***>`: any text fits.
 * - `<***:NAME>`: the value of an environment variable. As long as the variable is set, only its value fits.
 * - `<***#1a2b>`: a text that may be something else, such as a checksum, with the beginning of its hash. Only it fits.
 * - `<***!>`: no secret, but the characters `<***` of the request itself.
 */
const marks = /<\*\*\*(?:(>)|:([^<>]+)>|(#[0-9a-f]{4})>|(!)>)/g;

const anySecret = "<***>";

/** What a recorded response, and so the next request of a conversation, has in the place of a secret. */
export const responseMask = "***";

/** Keeps what a text says itself apart from the marks. */
export function escapeMarks(text: string): string {
  return text.replaceAll("<***", "<***!>");
}

export type FindSecrets = (text: string) => readonly FoundSecret[];

/**
 * A request as a cassette has it.
 *
 * @param variables The names of the environment variables whose values count as secrets, by these values.
 */
export function maskRequest(
  request: RecordedRequest,
  find: FindSecrets,
  variables: ReadonlyMap<string, string>,
): RecordedRequest {
  return mapTexts(request, (text, name) =>
    name !== undefined && holdsSecret(name) && text !== ""
      ? anySecret
      : replaceFound(text, find(text), (found) => markOf(text, found, variables), escapeMarks),
  ) as RecordedRequest;
}

/** A request whose texts cannot be taken for marks. */
export function escapeRequest(request: RecordedRequest): RecordedRequest {
  return mapTexts(request, escapeMarks) as RecordedRequest;
}

function markOf(
  text: string,
  { from, to, secret, isAmbiguous }: FoundSecret,
  variables: ReadonlyMap<string, string>,
): string {
  const name = secret === undefined ? undefined : variables.get(secret);
  if (name !== undefined) return `<***:${name}>`;
  if (!isAmbiguous) return anySecret;
  return `<***#${createHash("sha256").update(text.slice(from, to)).digest("hex").slice(0, 4)}>`;
}

/** The request of an older cassette, in which any `***` counts as a mask. */
export function withMarks(request: RecordedRequest): RecordedRequest {
  return mapTexts(request, (text) => escapeMarks(text).replaceAll(/(?<!<)\*\*\*/g, anySecret)) as RecordedRequest;
}

/** A copy of JSON data with other texts, keys included. `name` is that of the member; keys have none. */
function mapTexts(data: unknown, change: (text: string, name?: string) => string, name?: string): unknown {
  if (typeof data === "string") return change(data, name);
  if (Array.isArray(data)) return data.map((each) => mapTexts(each, change, name));
  if (!isPlainObject(data)) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [change(key), mapTexts(value, change, key)]));
}

export function hasMarks(recorded: string): boolean {
  return recorded.includes("<***");
}

/** How many characters of a recorded text are not masked. */
export function literalLength(recorded: string): number {
  return recorded.replace(marks, "").length;
}

/** Whether a text of a request, with its secrets masked, is the recorded one, except for marks that any text fits. */
export function fits(recorded: string, masked: string, isSet: (variable: string) => boolean): boolean {
  if (recorded === masked) return true;
  if (!hasMarks(recorded)) return false;
  // A recorded response has another mask, which a conversation sends back.
  return [undefined, responseMask].some((shown) => fitsParts(partsOf(recorded, isSet, shown), masked));
}

/** The texts between the marks that any text fits. */
function partsOf(recorded: string, isSet: (variable: string) => boolean, shown: string | undefined): readonly string[] {
  const parts: string[] = [""];
  let at = 0;
  for (const match of recorded.matchAll(marks)) {
    const [mark, any, variable, , escaped] = match;
    parts.push(`${parts.pop()}${recorded.slice(at, match.index)}`);
    if (any || (variable !== undefined && !isSet(variable))) parts.push("");
    else parts.push(`${parts.pop()}${escaped ? mark : (shown ?? mark)}`);
    at = match.index + mark.length;
  }
  parts.push(`${parts.pop()}${recorded.slice(at)}`);
  return parts;
}

function fitsParts(parts: readonly string[], text: string): boolean {
  const [first = "", last = ""] = [parts[0], parts.at(-1)];
  if (parts.length === 1) return first === text;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
