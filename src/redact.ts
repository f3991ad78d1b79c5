import { isPlainObject, wellFormed } from "./json.js";
import { isError, kindOf } from "./realm.js";

const mask = "***";

/** What is a secret by its form alone, wherever it stands: keys as the providers give them out, and what HTTP and URLs carry. */
const shapes: readonly (readonly [shape: RegExp, shown: string])[] = [
  [/(?<![A-Za-z0-9])(?:sk|pk|gsk|xai|tgp|pplx|nvapi)[-_][\w-]{8,}/g, mask],
  [/(?<![A-Za-z0-9])(?:AIza[\w-]{10,}|hf_[A-Za-z0-9]{10,})/g, mask],
  [/\b(Bearer)\s+(?!tokens?\b)[^\s"'<>]+/gi, `$1 ${mask}`],
  [/\b(Basic)\s+[A-Za-z0-9+/]{16,}={0,2}/gi, `$1 ${mask}`],
  [/(:\/\/)[^\s/?#@"'<>]+@/g, `$1${mask}@`],
];

/** A part of a query, wherever one stands. */
const queryPart = /([?&]([\w.-]+)=)([^&#\s"'<>]+)/g;

/** Headers that authenticate; in a body too, their values are secret whatever they look like. */
const secretHeaders = /^((proxy-)?authorization|(set-)?cookie|(x-)?(goog-)?api[-_]?key)$/i;

/**
 * Whether a header or a part of a query with this name may hold a secret. Its words count as wholes, so that `portkey` in
 * `x-portkey-provider` does not make a secret of the provider's name.
 */
export function namesSecret(name: string): boolean {
  return name
    .replace(/([a-z\d])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .some((word) => secretWords.test(word));
}

/** Only of "key" may other words be made, such as "monkey". */
const secretWords =
  /^(.*(token|secret|password|passwd|passphrase|credentials?|authorization|authentication)|[ox]?auth|(set)?cookies?|sig(nature)?|sign|pwd|bearer|jwt|x?(api|access|app|auth|client|id|master|private|secret|service|session|shared|signing|subscription|user)?keys?)\d*$/;

/** Replaces secrets in a text by `***`: those given, in the forms in which they travel, and all that looks like one. */
export function redact(text: string, secrets: readonly string[] = []): string {
  return redactor(secrets)(text);
}

/**
 * Takes secrets out of an error where it stands, with its stack, its causes and all data it carries: the vendors' errors
 * hold bodies and headers, and a provider may send the key back in either. Objects of classes are left alone.
 */
export function redactError(error: unknown, secrets: readonly string[]): void {
  const clean = redactor(secrets);
  const seen = new Set<unknown>();
  // A list and no recursion: bodies may be nested deeper than the stack.
  const waiting: unknown[] = [error];
  while (waiting.length > 0) {
    const at = waiting.pop();
    if (seen.has(at) || !isOpen(at)) continue;
    seen.add(at);
    for (const name of Object.getOwnPropertyNames(at)) {
      const value = at[name];
      const shown = isHeaders(value) ? headersWithout(value, clean) : shownAs(name, value, clean);
      const shownName = isPlainObject(at) ? clean(name) : name;
      if (shownName !== name) Reflect.deleteProperty(at, name);
      if (shownName !== name || shown !== value) Reflect.set(at, shownName, shown);
      waiting.push(shown);
    }
  }
}

function redactor(secrets: readonly string[]): (text: string) => string {
  const spelled = [...new Set(secrets.flatMap(spellings))].sort((a, b) => b.length - a.length);
  const known = spelled.length > 0 ? new RegExp(spelled.map(patternOf).join("|"), "g") : undefined;
  return (text) => {
    const unknown = known ? text.replace(known, mask) : text;
    const shown = shapes.reduce((rest, [shape, instead]) => rest.replace(shape, instead), unknown);
    return shown.replace(queryPart, (part, start: string, name: string) =>
      namesSecret(name) ? `${start}${mask}` : part,
    );
  };
}

/** As it is, in JSON, in a URL and in base64. What is shorter than 4 characters is no secret, but would spoil every message. */
function spellings(secret: string): string[] {
  if (secret.length < 4) return [];
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(secret))).replace(/=+$/, "");
  const inUrl = base64.replaceAll("+", "-").replaceAll("/", "_");
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(wellFormed(secret)), base64, inUrl];
}

/** The keys that servers of one's own are given may be words, which may be a part of others. */
function patternOf(spelled: string): string {
  const literal = spelled.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  return spelled.length < 8 ? `(?<![\\w-])${literal}(?![\\w-])` : literal;
}

function shownAs(name: string, value: unknown, clean: (text: string) => string): unknown {
  if (typeof value !== "string") return value;
  return secretHeaders.test(name) ? mask : clean(value);
}

/** The same headers where they hold no secret. */
function headersWithout(headers: Iterable<[string, string]>, clean: (text: string) => string): unknown {
  const entries = [...headers];
  const shown = entries.map(([name, value]): [string, string] => [clean(name), String(shownAs(name, value, clean))]);
  if (shown.every(([name, value], index) => `${name} ${value}` === entries[index]?.join(" "))) return headers;
  // What a server sends may be more than what Headers take.
  return new Headers(
    shown.map(([name, value]): [string, string] => [name, value.replace(/[^\t\x20-\x7e\x80-\xff]/g, "?")]),
  );
}

function isHeaders(value: unknown): value is Iterable<[name: string, value: string]> {
  if (typeof value !== "object" || value === null || kindOf(value) === "Map") return false;
  return "get" in value && "entries" in value && !("getAll" in value) && Symbol.iterator in value;
}

function isOpen(value: unknown): value is Record<string, unknown> {
  return isError(value) || Array.isArray(value) || isPlainObject(value);
}
