import { base64, type DocumentPart, type ImagePart, type Part } from "../content.js";
import { ConfigurationError, UnexpectedResponseError } from "../errors.js";
import { isPlainObject, parseJson } from "../json.js";
import { maxJsonDepth, parseJsonText } from "../json-text.js";
import { own, ownThroughout } from "../own.js";
import { hrefOf } from "../part-source.js";
import { isUrl } from "../realm.js";
import { failureInText } from "./failure/failure-in.js";

/** A link as it stands, or a `data:` URL of the bytes. */
export function urlOf(part: ImagePart | DocumentPart): string {
  return isUrl(part.source) ? hrefOf(part.type, part.source) : `data:${part.mediaType};base64,${base64(part.source)}`;
}

export function lacks(provider: string, part: Part, instead: string): ConfigurationError {
  return new ConfigurationError(`${provider} takes no ${part.type} part here. ${instead}`);
}

/** The options that are set; `0`, `""`, `false` and `[]` are values. */
export function defined<T extends Record<string, unknown>>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** A number of tokens, which some servers write as text; undefined if the wire has none that makes sense. */
export function tokensIn(value: unknown): number | undefined {
  const tokens = typeof value === "string" && /^\s*\d+\s*$/.test(value) ? Number(value) : value;
  return typeof tokens === "number" && tokens >= 0 && tokens <= Number.MAX_SAFE_INTEGER ? tokens : undefined;
}

/** The same, with 0 for what the wire does not say. */
export function count(value: unknown): number {
  return tokensIn(value) ?? 0;
}

/** A name or an id; empty if the wire has none, or something else in its place. */
export function stringOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : "";
}

/** Characters; what fits into fewer is not nested so deep that anything which walks it could run out of stack. */
const longEvent = 4096;

/**
 * What one event of a stream holds.
 *
 * @throws UnexpectedResponseError where it is no JSON object; another try may get a better one.
 */
export function parseEvent(provider: string, data: string): Record<string, unknown> {
  try {
    // What is not long cannot be deep.
    const read = data.length < longEvent ? { value: parseJson(data) } : parseJsonText(data, 2 * maxJsonDepth);
    const event = "value" in read && ownThroughout(read.value);
    if (isPlainObject(event)) return event;
  } catch {}
  const failure = failureInText(provider, data);
  if (failure) throw failure;
  throw new UnexpectedResponseError(`The stream of ${provider} holds an event that is no JSON object.`, {
    provider,
    shouldRetry: true,
  });
}

/** What of the wire may be missing or null, as an object. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return isPlainObject(value) ? value : nothing;
}

const nothing = own({});
