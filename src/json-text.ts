import { parseJson } from "./json.js";
import { ownThroughout } from "./own.js";

/** How deeply objects and arrays may be nested in what a model says. */
export const maxJsonDepth = 64;

/** A sentence that can be sent back to the model, and the same without what it quotes of the text, for logs. */
export interface JsonProblem {
  readonly problem: string;
  /** @default the problem, which quotes nothing */
  readonly summary?: string | undefined;
}

export type JsonResult = { readonly value: unknown } | JsonProblem;

/**
 * Reads a text that is JSON and nothing else. A key `__proto__` is dropped.
 *
 * @param maxDepth The deepest nesting that is read; more is a problem. @default 64
 */
export function parseJsonText(text: string, maxDepth = maxJsonDepth): JsonResult {
  const start = text.search(/\S/);
  if (isOpening(text[start])) {
    // Counted before anything is built: whatever walks the value later may recurse.
    const end = endOfValue(text, start, maxDepth);
    if (typeof end !== "number") return end;
  }
  try {
    return { value: ownThroughout(parseJson(text)) };
  } catch (error) {
    const { message } = error as Error;
    const [place] = /at position \d+/.exec(message) ?? [];
    return {
      problem: `The JSON cannot be parsed: ${message}.`,
      summary: `The JSON cannot be parsed${place ? `: it goes wrong ${place}` : ""}.`,
    };
  }
}

/** A value, and what stood around it. */
export type FoundJson = { readonly value: unknown; readonly around: "nothing" | "fence" | "prose" };

/**
 * Reads the one JSON value in an answer that may say more: JSON alone; an object or array at the end of prose; or one
 * that has a code fence to itself, with prose before and after. What leaves a choice is a problem: a second value, or text
 * after a value without a fence. Brackets that are closed and hold no JSON, as in `[sic]`, are prose. Linear in the text.
 */
export function extractJson(text: string): FoundJson | JsonProblem {
  const whole = parseJsonText(text);
  if ("value" in whole) return { value: whole.value, around: "nothing" };

  let found: { readonly value: unknown; readonly start: number; readonly end: number } | undefined;
  let problem: JsonProblem = { problem: "The answer holds no JSON object or array." };
  let tries = 0;
  for (let start = nextOpening(text, 0); start !== -1; ) {
    if (++tries > mostTries) return { problem: "The answer holds too many brackets to find the JSON in it." };
    const end = endOfValue(text, start, maxJsonDepth);
    if (typeof end !== "number") return end;
    const read = parseJsonText(text.slice(start, end));
    if ("problem" in read) problem = read;
    else if (found) return { problem: "The answer holds more than one JSON value." };
    else found = { value: read.value, start, end };
    start = nextOpening(text, end);
  }
  if (!found) return problem;
  if (isFenced(text, found.start, found.end)) return { value: found.value, around: "fence" };
  if (text.slice(found.end).trim() !== "") {
    return { problem: "Text follows the JSON. The answer must end with it, or put it alone in a code fence." };
  }
  // A byte order mark is no prose.
  return { value: found.value, around: text.slice(0, found.start).trim() === "" ? "nothing" : "prose" };
}

/** A refusal by `JSON.parse` costs some 10 µs whatever the length; a megabyte of `[x]` must not block for seconds. */
const mostTries = 1000;

function isOpening(character: string | undefined): boolean {
  return character === "{" || character === "[";
}

function nextOpening(text: string, from: number): number {
  let at = from;
  while (at < text.length && !isOpening(text[at])) at++;
  return at < text.length ? at : -1;
}

/** The index behind the object or array that opens at `start`; brackets in strings do not count. */
function endOfValue(text: string, start: number, maxDepth: number): number | JsonProblem {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      at = endOfString(text, at + 1);
    } else if (isOpening(character)) {
      if (++depth > maxDepth) return { problem: `The JSON is nested more than ${maxDepth} deep.` };
    } else if ((character === "}" || character === "]") && --depth === 0) {
      return at + 1;
    }
  }
  return { problem: "The JSON is cut off: a bracket or a string is never closed." };
}

/** The index of the quote that closes a string, or the text's length; it jumps, since most of an answer is in strings. */
function endOfString(text: string, start: number): number {
  for (let quote = text.indexOf('"', start); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let slash = quote;
    while (text[slash - 1] === "\\") slash--;
    if ((quote - slash) % 2 === 0) return quote;
  }
  return text.length;
}

/** Whether nothing but a language stands between the value and the fences around it. */
function isFenced(text: string, start: number, end: number): boolean {
  const before = text.slice(0, start).trimEnd();
  const opening = before.lastIndexOf(fence);
  if (opening === -1 || /\s/.test(before.slice(opening + fence.length))) return false;
  return text.slice(end).trimStart().startsWith(fence);
}

const fence = "```";
