import { validateHeaderName, validateHeaderValue } from "node:http";
import { isPlainObject } from "../json.js";
import { nearest } from "../nearest.js";
import { isBytes } from "../realm.js";
import type { WireReply, WireToolCall, WireUsage } from "./reply.js";

/** Whether a value is right, and what it must be. */
export type Rule = readonly [isRight: (value: unknown) => boolean, what: string];

export const count: Rule = [isCount, "a whole number of at least 0"];
export const countOrInfinity: Rule = [
  (value) => isCount(value) || value === Number.POSITIVE_INFINITY,
  "a whole number of at least 0, or Infinity",
];
export const milliseconds: Rule = [
  (value) => Number.isFinite(value) && Number(value) >= 0,
  "a number of milliseconds of at least 0",
];
export const string: Rule = [(value) => typeof value === "string", "a string"];
export const oneOf = (...values: readonly unknown[]): Rule => [
  (value) => values.includes(value),
  `one of ${values.join(", ")}`,
];

const anything: Rule = [() => true, ""];

const toolCall: Record<keyof WireToolCall, Rule> = {
  name: [(value) => typeof value === "string" && value !== "", "the name of a tool"],
  args: anything,
  id: string,
};

const usage: Record<keyof WireUsage, Rule> = {
  input: count,
  output: count,
  cachedInput: count,
  cacheWrite: count,
  reasoning: count,
};

/** All members of a reply. */
export const replyRules: Record<keyof WireReply, Rule> = {
  status: [(value) => isCount(value) && value >= 200 && value <= 599, "a whole number from 200 to 599"],
  headers: [isPlainObject, "an object of names and values"],
  delayMs: [
    (value) => milliseconds[0](value) || value === Number.POSITIVE_INFINITY,
    "a number of milliseconds of at least 0, or Infinity",
  ],
  drop: oneOf("reset", "end"),
  text: [
    (value) => typeof value === "string" || isAsyncIterable(value) || isTexts(value),
    "a string or a list of strings",
  ],
  toolCalls: [Array.isArray, "a list of tool calls"],
  usage: [(value) => value === null || isPlainObject(value), "null, or an object of numbers of tokens"],
  finishReason: oneOf("stop", "length", "tool-calls", "content-filter"),
  json: anything,
  raw: [(value) => typeof value === "string" || isBytes(value), "a string or bytes"],
  chunks: [(value) => isAsyncIterable(value) || isChunks(value), "a list of objects and strings"],
  gapMs: milliseconds,
  cutAfter: count,
  endAfter: count,
  errorAfter: count,
  hangAfter: countOrInfinity,
  splitAt: [
    (value) => value === "every-byte" || (Array.isArray(value) && value.every(isCount)),
    '"every-byte", or a list of positions',
  ],
  tcp: [(value) => typeof value === "function", "a function"],
};

/** What is wrong with a reply, such as `status must be a whole number from 200 to 599, not 99.`; undefined if nothing is. */
export function replyProblem(reply: object): string | undefined {
  const { headers, toolCalls, usage: tokens } = { __proto__: null, ...reply } as Record<string, unknown>;
  return (
    membersProblem(reply, replyRules) ??
    (isPlainObject(headers) ? headersProblem(headers) : undefined) ??
    (isPlainObject(tokens) ? within("usage", membersProblem(tokens, usage, ["input", "output"])) : undefined) ??
    firstOf(Array.isArray(toolCalls) ? toolCalls : [], (call, index) =>
      within(
        `toolCalls[${index}]`,
        isPlainObject(call) ? membersProblem(call, toolCall, ["name"]) : "must be an object with a name and args.",
      ),
    )
  );
}

/**
 * Why a reply cannot be sent at all; undefined if it can. What a model says in it may be as odd as a test wants it to be.
 */
export function unsendable(reply: object): string | undefined {
  const { usage: _, finishReason: __, ...rest } = { __proto__: null, ...reply } as Record<string, unknown>;
  const known = Object.entries(rest).filter(([name]) => Object.hasOwn(replyRules, name));
  const { headers } = rest;
  return (
    membersProblem(Object.fromEntries(known), replyRules) ??
    (isPlainObject(headers) ? headersProblem(headers) : undefined)
  );
}

/** The first member that is not known, missing or wrong. */
export function membersProblem(
  object: object,
  rules: Readonly<Record<string, Rule>>,
  required: readonly string[] = [],
): string | undefined {
  const missing = required.find((name) => !Object.hasOwn(object, name));
  if (missing !== undefined) return `has no ${missing}.`;
  return firstOf(Object.entries(object), ([name, value]) => {
    if (value === undefined) return undefined;
    const names = Object.keys(rules);
    if (!names.includes(name)) {
      const near = nearest(name, names);
      const hint = near
        ? `Did you mean ${near}?`
        : names.length > 0
          ? `There are ${names.join(", ")}.`
          : "It has none.";
      return `has a member ${name}, which is not known. ${hint}`;
    }
    const [isRight, what] = rules[name] as Rule;
    return isRight(value) ? undefined : `${name} must be ${what}, not ${shown(value)}.`;
  });
}

function headersProblem(headers: Readonly<Record<string, unknown>>): string | undefined {
  return firstOf(Object.entries(headers), ([name, value]) => {
    try {
      validateHeaderName(name);
      for (const each of Array.isArray(value) ? value : [value]) validateHeaderValue(name, each);
      if (["string", "number"].includes(typeof value) || isTexts(value)) return undefined;
    } catch {
      // Told below.
    }
    return `headers[${JSON.stringify(name)}] cannot be sent as a header: ${shown(value)}.`;
  });
}

function within(place: string, problem: string | undefined): string | undefined {
  if (problem === undefined) return undefined;
  return /^(has|must) /.test(problem) ? `${place} ${problem}` : `${place}.${problem}`;
}

function firstOf<T>(values: readonly T[], find: (value: T, index: number) => string | undefined): string | undefined {
  for (const [index, value] of values.entries()) {
    const found = find(value, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

function shown(value: unknown): string {
  let text: string | undefined;
  try {
    text = typeof value === "number" ? String(value) : JSON.stringify(value);
  } catch {
    // A circle, or a BigInt.
  }
  text ??= String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

function isChunks(value: unknown): boolean {
  if (!Array.isArray(value)) return typeof value === "object" && value !== null && Symbol.iterator in value;
  return value.every((each) => typeof each === "string" || (typeof each === "object" && each !== null));
}

function isAsyncIterable(value: unknown): boolean {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
