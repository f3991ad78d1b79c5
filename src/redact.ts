import { isPlainObject, wellFormed } from "./json.js";
import { literalPattern } from "./literal-pattern.js";
import { isError, kindOf } from "./realm.js";
import { isSecretMember, secretForms } from "./secret-forms.js";

const mask = "***";

/** A part of a query, wherever one stands. */
const queryPart = /([?&]([\w.-]+)=)([^&#\s"'<>]+)/g;

/** Headers that authenticate; in a body too, their values are secret whatever they look like. */
const secretHeaders = /^((proxy-)?authorization|(set-)?cookie|(x-)?(goog-)?api[-_]?key)$/i;

/**
 * Whether a header or a part of a query with this name may hold a secret. Its words count as wholes, so that `portkey` in
 * `x-portkey-provider` does not make a secret of the provider's name.
 */
export function namesSecret(name: string): boolean {
  return wordsOf(name).some((word) => secretWords.test(word) || keyWords.test(word));
}

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .split(/[^a-z\d]+/);
}

const secretWords =
  /^(.*(token|secret|password|passwd|passphrase|credentials?|authorization|authentication)|[ox]?auth|(set)?cookies?|sig(nature)?|sign|pwd|bearer|jwt)\d*$/;

/** Only of "key" may other words be made, such as "monkey". */
const keyWords =
  /^x?(api|access|app|auth|client|id|master|private|secret|service|session|shared|signing|subscription|user)?keys?\d*$/;

/**
 * The values of environment variables whose names say that they are secret, such as `PGPASSWORD`, `GITHUB_PAT` and
 * `OPENAI_API_KEY`, by their names. A value of six characters or less does not count, and neither does a word in a
 * variable that may be any other kind of key, such as `PARTITION_KEY=fantasy`: masking it would spoil other text.
 */
export function secretsOfEnvironment(env: Readonly<Record<string, string | undefined>>): Map<string, string> {
  const secrets = new Map<string, string>();
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && value.trim().length > 6 && isSecretVariable(name, value)) secrets.set(name, value);
  return secrets;
}

function isSecretVariable(name: string, value: string): boolean {
  const words = wordsOf(name);
  // PWD is the working directory. TOKEN_URL, PASSWORD_FILE and the like say where a secret is.
  if (/^(OLD)?PWD$/i.test(name) || describesSecret.test(words.at(-1) ?? "")) return false;
  if (words.some((word) => certainlySecret.test(word))) return true;
  return namesSecret(name) && !words.some((word) => otherKeys.has(word)) && !isWords(value);
}

const certainlySecret = /(token|secret|password|passwd|passphrase|credentials?)\d*$|^(pat|pass|pwd|dsn)$/;

const describesSecret =
  /^(url|uri|endpoint|host|port|domain|file|path|dir|sock|name|user|email|type|ttl|timeout|expiry|enabled|disabled|length|header)$/;

const otherKeys = new Set(
  "partition sort primary foreign public cache hash range routing shard group row index lookup object bucket idempotency unique".split(
    " ",
  ),
);

/** Words of letters, as no service makes its keys. */
function isWords(value: string): boolean {
  return value.length <= 24 && /^[\p{L} ]+$/u.test(value);
}

/** Where a text holds a secret. */
export interface FoundSecret {
  readonly from: number;
  readonly to: number;
  /** The one that was given; undefined if it was found by its form, or if several overlap. */
  readonly secret: string | undefined;
  /** Whether it may be something else that only looks like a secret. */
  readonly isAmbiguous: boolean;
}

/** Finds the secrets in texts, in their order: those given, in the forms in which they travel, and all that looks like one. */
export function secretFinder(secrets: Iterable<string>): (text: string) => readonly FoundSecret[] {
  const spelled = new Map<string, string>();
  for (const secret of secrets) for (const spelling of spellings(secret)) spelled.set(spelling, secret);
  const longestFirst = [...spelled.keys()].sort((a, b) => b.length - a.length);
  const known = longestFirst.length > 0 ? new RegExp(longestFirst.map(patternOf).join("|"), "g") : undefined;

  return (text) => {
    const found: FoundSecret[] = [];
    if (known) for (const match of matches(known, text)) add(found, match, { secret: spelled.get(match[0]) });
    for (const { pattern, shortest, isAmbiguous } of secretForms)
      if (text.length >= shortest)
        for (const match of matches(pattern, text)) add(found, match, { ...match.groups, isAmbiguous });
    if (text.includes("="))
      for (const match of matches(queryPart, text))
        if (namesSecret(match[2] ?? "")) add(found, match, { before: match[1] });
    return withoutOverlaps(found);
  };
}

/** Without the copy of the pattern that `matchAll` makes each time, which costs more than the search. */
function* matches(pattern: RegExp, text: string): Generator<RegExpExecArray> {
  let from = 0;
  for (;;) {
    pattern.lastIndex = from;
    const match = pattern.exec(text);
    if (!match) return;
    from = pattern.lastIndex;
    yield match;
  }
}

function add(
  found: FoundSecret[],
  match: RegExpExecArray,
  about: Readonly<
    Partial<{ before: string | undefined; after: string; isAmbiguous: boolean | undefined; secret: string | undefined }>
  >,
): void {
  const { before = "", after = "", isAmbiguous = false, secret } = about;
  const [from, to] = [match.index + before.length, match.index + match[0].length - after.length];
  if (from < to) found.push({ from, to, secret, isAmbiguous });
}

function withoutOverlaps(found: FoundSecret[]): FoundSecret[] {
  const apart: FoundSecret[] = [];
  for (const next of found.sort((a, b) => a.from - b.from || b.to - a.to)) {
    const last = apart.at(-1);
    if (!last || last.to <= next.from) apart.push(next);
    else {
      apart[apart.length - 1] = {
        from: last.from,
        to: Math.max(last.to, next.to),
        // A known key that also looks like one is still that key.
        secret: last.secret ?? next.secret,
        isAmbiguous: last.isAmbiguous && next.isAmbiguous,
      };
    }
  }
  return apart;
}

/** Replaces secrets in a text by `***`: those given, in the forms in which they travel, and all that looks like one. */
export function redact(text: string, secrets: readonly string[] = []): string {
  return redactor(secrets)(text);
}

function redactor(secrets: readonly string[]): (text: string) => string {
  const find = secretFinder(secrets);
  return (text) => replaceFound(text, find(text), () => mask);
}

/** The text with something else in the place of each secret, and with `rest` applied to what is between them. */
export function replaceFound(
  text: string,
  found: readonly FoundSecret[],
  maskOf: (found: FoundSecret) => string,
  rest: (between: string) => string = (between) => between,
): string {
  let shown = "";
  let at = 0;
  for (const each of found) {
    shown += rest(text.slice(at, each.from)) + maskOf(each);
    at = each.to;
  }
  return shown + rest(text.slice(at));
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

/** As it is, in JSON, in a URL and in base64. What is shorter than 4 characters is no secret, but would spoil every message. */
function spellings(secret: string): string[] {
  if (secret.length < 4) return [];
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(secret))).replace(/=+$/, "");
  const inUrl = base64.replaceAll("+", "-").replaceAll("/", "_");
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(wellFormed(secret)), base64, inUrl];
}

/** The keys that servers of one's own are given may be words, which may be a part of others. */
function patternOf(spelled: string): string {
  const literal = literalPattern(spelled);
  return spelled.length < 8 ? `(?<![\\w-])${literal}(?![\\w-])` : literal;
}

function shownAs(name: string, value: unknown, clean: (text: string) => string): unknown {
  if (typeof value !== "string") return value;
  return holdsSecret(name) ? mask : clean(value);
}

/** Whether the value of a header or a member with this name is a secret, however it looks. */
export function holdsSecret(name: string): boolean {
  return secretHeaders.test(name) || isSecretMember(name);
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
