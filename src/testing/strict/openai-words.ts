import { inWords } from "./anthropic-words.js";
import { isObject, type Problem } from "./problem.js";
import type { Path, Words } from "./shape.js";

/** A path as OpenAI writes it: "messages[0].tool_calls[1].id". */
export function nameOf(path: Path): string {
  return path
    .map((step) => (typeof step === "number" ? `[${step}]` : typeof step === "string" ? `.${step}` : ""))
    .join("")
    .slice(1);
}

/**
 * The sentences of its validator.
 * Sources: https://github.com/agno-agi/agno/issues/5382 (lengths), https://github.com/home-assistant/core/pull/118577
 * (empty lists), https://github.com/vishalmysore/Tools4AI/issues/16 (long lists), https://github.com/brekkylab/ailoy/pull/109
 * (patterns), https://github.com/run-llama/llama_index/issues/17748 (values), https://github.com/SamSaffron/term-llm/pull/1011
 * (missing members), https://github.com/1jehuang/jcode/issues/1028 (unknown members).
 */
export const openaiWords: Words = {
  missing: (path) => problem(path, `Missing required parameter: '${nameOf(path)}'.`, "missing_required_parameter"),
  unknown: (path) => problem(path, `Unknown parameter: '${nameOf(path)}'.`, "unknown_parameter"),
  kind(path, expected, value) {
    const wanted = expected.length === 1 ? kindWords(expected[0] ?? "") : `one of ${either(expected)}`;
    return problem(
      path,
      `Invalid type for '${nameOf(path)}': expected ${wanted}, but got ${kindWords(kindOf(value))} instead.`,
      "invalid_type",
    );
  },
  value: (path, values, value) =>
    problem(path, `Invalid value: '${value}'. Supported values are: ${inWords(values, "and")}.`, "invalid_value"),
  variant: (path, tag, values, value) => openaiWords.value([...path, tag], values, value),
  pattern: (path, pattern) =>
    problem(
      path,
      `Invalid '${nameOf(path)}': string does not match pattern. Expected a string that matches the pattern '${pattern.source}'.`,
      "invalid_value",
    ),
  length(path, value, bound, limit) {
    const [a, kind] = typeof value === "string" ? ["a", "string"] : ["an", "array"];
    const name = nameOf(path);
    if (value.length === 0) {
      const message = `Invalid '${name}': empty ${kind}. Expected ${a} ${kind} with minimum length ${limit}, but got an empty ${kind} instead.`;
      return problem(path, message, `empty_${kind}`);
    }
    const [size, word, code] = bound === "max" ? ["long", "maximum", "above_max"] : ["short", "minimum", "below_min"];
    return problem(
      path,
      `Invalid '${name}': ${kind} too ${size}. Expected ${a} ${kind} with ${word} length ${limit}, but got ${a} ${kind} with length ${value.length} instead.`,
      `${kind}_${code}_length`,
    );
  },
  bound(path, value, bound, limit) {
    const kind = Number.isInteger(value) ? "integer" : "decimal";
    const [side, word, code, sign] =
      bound === "max" ? ["above", "maximum", "above_max", "<="] : ["below", "minimum", "below_min", ">="];
    return problem(
      path,
      `Invalid '${nameOf(path)}': ${kind} ${side} ${word} value. Expected a value ${sign} ${limit}, but got ${value} instead.`,
      `${kind}_${code}_value`,
    );
  },
};

/** Source: https://github.com/anomalyco/opencode/issues/14630, and https://community.openai.com for the words */
export function unreadable(): Problem {
  return {
    message:
      "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you have trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)",
  };
}

export function problem(path: Path | string, message: string, code?: string): Problem {
  return { message, param: typeof path === "string" ? path : nameOf(path), ...(code !== undefined && { code }) };
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return isObject(value) ? "object" : typeof value;
}

function kindWords(kind: string): string {
  const word = plural(kind);
  if (kind === "null") return "null";
  return `${/^[aeio]/.test(word) ? "an" : "a"} ${word}`;
}

function plural(kind: string): string {
  return kind === "number" ? "decimal" : kind.replace(/^list/, "array").replace("any", "value");
}

function either(kinds: readonly string[]): string {
  return `a ${kinds.map(plural).join(" or ")}`;
}
