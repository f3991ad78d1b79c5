import { isPlainObject } from "../../json.js";
import { statusOfCode, statusOfName, statusOfNumber } from "./error-status.js";
import { beginningOf, containers, opened, readable, shortJson, wordsOf } from "./error-words.js";
import { retryDelayIn } from "./retry-after.js";

/** What a provider's error says, however it spells it. */
export interface Description {
  /** In one piece of at most 1000 characters; undefined if it has no words. */
  readonly message: string | undefined;
  /** The provider's own name of it, or its number as text. */
  readonly type: string | undefined;
  /** The HTTP status that it tells as a number. */
  readonly told: number | undefined;
  /** The HTTP status that its name stands for. */
  readonly named: number | undefined;
  readonly retryAfterMs: number | undefined;
}

type Level = Readonly<Record<string, unknown>>;

const nameMembers = [
  "code",
  "type",
  "error_type",
  "errorType",
  "error_code",
  "errorCode",
  "err_code",
  "Code",
  "__type",
];
const statusMembers = ["status", "status_code", "statusCode", "http_status", "httpStatus", "http_code", "httpCode"];
const longestMessage = 1000;
const deepest = 5;

/** Reads the body of an error: an object of any of the shapes in use, a list that holds one, or text. */
export function describe(body: unknown): Description {
  const levels = levelsOf(body, 0);
  const candidates = levels.flatMap(namesOf);
  const names = candidates.filter((name) => !/^\d+$/.test(name) && !isGeneric(name));
  const codes = candidates.filter((name) => /^\d+$/.test(name) && statusOfNumber(name) === undefined);
  const told = levels.flatMap((level) => [...nameMembers, ...statusMembers].map((name) => statusOfNumber(level[name])));
  const named = names.map(statusOfName).filter((status) => status !== undefined);
  const vendors = levels.flatMap((level) =>
    namesOf(level).map((code) => statusOfCode(code, Object.hasOwn(level, "status_msg"))),
  );
  const words = messageOf(body);
  return {
    message: words && beginningOf(words, longestMessage),
    type: names[0] ?? codes[0],
    told: told.find((status) => status !== undefined),
    named:
      [402, 401].find((status) => named.includes(status)) ?? named[0] ?? vendors.find((status) => status !== undefined),
    retryAfterMs: retryDelayIn(levels),
  };
}

/**
 * The status that decides over the class of an error. Providers refuse those who have nothing left to spend with 400, 403,
 * 429 and more, and Google refuses a wrong key with 400; there the name says more.
 */
export function moreExact(status: number | undefined, named: number | undefined): number | undefined {
  if (named === 402 || (named === 401 && status === 400)) return named;
  return status ?? named;
}

function messageOf(body: unknown): string | undefined {
  const words = wordsOf(body);
  if (words !== undefined) return readable(words) || undefined;
  return body === undefined || isBlank(body) ? undefined : shortJson(body);
}

/** An object and those inside it that hold the error, innermost first. */
function levelsOf(value: unknown, depth: number): Level[] {
  const level = Array.isArray(value) ? value.find(isPlainObject) : value;
  if (!isPlainObject(level) || depth > deepest) return [];
  return [...containers.flatMap((name) => levelsOf(opened(level[name]), depth + 1)), level];
}

function namesOf(level: Level): string[] {
  const members = [...nameMembers.map((name) => level[name]), ...statusMembers.map((name) => level[name])];
  // Such as Google's `{ "@type": ".../google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }`, or Anthropic's `error_code`.
  const details = Array.isArray(level.details) ? level.details : [level.details];
  const reasons = details.flatMap((detail) => (isPlainObject(detail) ? [detail.reason, detail.error_code] : []));
  const word = typeof level.error === "string" && /^[\w.-]{1,60}$/.test(level.error) ? level.error : undefined;
  return [...members, word, ...reasons].flatMap((name) => {
    if (typeof name === "number") return Number.isSafeInteger(name) && name >= 1000 ? [String(name)] : [];
    // AWS puts a namespace before the name and an address behind it.
    const spelled = typeof name === "string" ? name.replace(/^.*#/, "").replace(/:.*$/s, "").trim() : "";
    return spelled === "" ? [] : [spelled.slice(0, 200)];
  });
}

function isGeneric(name: string): boolean {
  return /^(error|errors|fail|failed|failure)$/i.test(name);
}

function isBlank(body: unknown): boolean {
  return body === null || body === "" || (isPlainObject(body) && Object.keys(body).length === 0);
}
