import { isPlainObject } from "../../json.js";
import { parseJsonText } from "../../json-text.js";

/** Members that hold an error inside another object. */
export const containers = ["error", "errors", "base_resp", "fault", "Response", "Error", "detail", "message"];

/** Members that hold its words, the best first. A text in `error` may be a mere name, so it comes last. */
const wordNames = [
  ...["message", "Message", "msg", "status_msg", "error_msg", "error_message", "errorMessage", "err_msg", "errmsg"],
  ...["error_description", "detail", "faultstring", "title", "error", "errors", "Error"],
];

const deepest = 6;
const mostItems = 5;

/** A text that is JSON as what it holds: some servers put the error of another into theirs as text. */
export function opened(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  const read = parseJsonText(value);
  return "value" in read ? read.value : value;
}

/** What a provider's error says in words; undefined if it says nothing. */
export function wordsOf(value: unknown, depth = 0): string | undefined {
  if (typeof value === "string") return value.trim() || undefined;
  if (depth > deepest) return undefined;
  if (Array.isArray(value)) {
    const words = value.slice(0, mostItems).map((item) => wordsOf(item, depth + 1));
    return [...new Set(words)].filter((each) => each !== undefined).join("; ") || undefined;
  }
  if (!isPlainObject(value)) return undefined;
  const words = innerWords(value, depth) ?? ownWords(value);
  return words && withPlace(value, withRaw(value, words, depth));
}

function innerWords(value: Record<string, unknown>, depth: number): string | undefined {
  for (const name of containers) {
    const inner = opened(value[name]);
    const words = typeof inner === "object" ? wordsOf(inner, depth + 1) : undefined;
    if (words !== undefined) return words;
  }
  return undefined;
}

function ownWords(value: Record<string, unknown>): string | undefined {
  for (const name of wordNames) {
    const words = value[name];
    if (typeof words === "string" && words.trim() !== "") return words.trim();
  }
  return undefined;
}

/** What the provider behind OpenRouter said. Source: https://openrouter.ai/docs/api/reference/errors-and-debugging */
function withRaw(value: Record<string, unknown>, words: string, depth: number): string {
  const raw = isPlainObject(value.metadata) ? value.metadata.raw : undefined;
  if (raw === undefined || raw === null) return words;
  const said = wordsOf(opened(raw), depth + 1) ?? shortJson(raw);
  return said === undefined || words.includes(said) ? words : `${words}: ${said}`;
}

/** FastAPI names the member of the request. Source: https://fastapi.tiangolo.com/tutorial/handling-errors */
function withPlace({ loc }: Record<string, unknown>, words: string): string {
  const place = (Array.isArray(loc) ? loc : []).filter((name) => typeof name === "string" || typeof name === "number");
  return place.length > 0 ? `${place.join(".")}: ${words}` : words;
}

/** The beginning of a value as JSON. */
export function shortJson(value: unknown): string | undefined {
  try {
    return beginningOf(JSON.stringify(value), 200);
  } catch {
    // Nested deeper than the stack.
    return undefined;
  }
}

/** A text as an error can show it: of a web page its title, or what it says without its tags, in one line. */
export function readable(text: string): string {
  const start = text.slice(0, pageStart);
  return isPage.test(start) ? textOfPage(start).replace(/\s+/g, " ").trim() : text.trim();
}

/** So much of a page holds its title. */
const pageStart = 4096;
const isPage = /^\s*<(!doctype|\?xml|html|head|body|title|center|h1)\b|<html\b/i;

function textOfPage(start: string): string {
  const title = /<(title|h1)\b[^>]*>([^<]+)</i.exec(start)?.[2];
  const shown = title ?? start.replace(/<(script|style)\b[\s\S]*?(<\/\1>|$)/gi, " ").replace(/<[^>]*>?/g, " ");
  return shown.replace(/&(amp|lt|gt|quot|nbsp|#39);/g, (entity) => entities.get(entity) ?? entity);
}

const entities: ReadonlyMap<string, string> = new Map([
  ["&amp;", "&"],
  ["&lt;", "<"],
  ["&gt;", ">"],
  ["&quot;", '"'],
  ["&nbsp;", " "],
  ["&#39;", "'"],
]);

/** A word that the cut went through is left out: half a key could not be told from other text any more. */
export function beginningOf(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length).replace(/[^\s"'<>]*$/, "")}…`;
}
