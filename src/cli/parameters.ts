/** A parameter of a function, as its source declares it. */
export interface Parameter {
  /** `genre` in `(genre) => …`; undefined for a pattern. */
  readonly name: string | undefined;
  /** The names in `({ genre, tone }) => …`; undefined if it is not a pattern, or one with a rest. */
  readonly members: readonly string[] | undefined;
  readonly isPattern: boolean;
  /** Whether it takes all arguments that are left. */
  readonly isRest: boolean;
  readonly isOptional: boolean;
  /** The source of its default value. */
  readonly fallback: string | undefined;
}

const identifier = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$]*`;
const bare = new RegExp(`^(?:async\\s+)?(${identifier})\\s*=>`, "u");
const head =
  /^(?:async\b\s*)?(?:function\b\s*)?\*?\s*(?:[#\p{ID_Start}$_][\p{ID_Continue}$]*|\[[^\]]*\]|"[^"]*"|'[^']*')?\s*\(/u;

/**
 * The parameters of a function of the user's module, for the command line only: names in minified code mean nothing.
 *
 * @returns undefined if the source cannot be read.
 */
export function parametersOf(fn: (...args: never[]) => unknown): readonly Parameter[] | undefined {
  const source = Function.prototype.toString.call(fn);
  const [, alone] = bare.exec(source) ?? [];
  if (alone !== undefined) return [parameterOf(alone)];
  const [start] = head.exec(source) ?? [];
  if (start === undefined) return undefined;
  return listIn(source, start.length - 1)?.map(parameterOf);
}

function parameterOf(source: string): Parameter {
  const text = source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "").trim();
  const [target = "", fallback] = splitAtTop(text, "=");
  const pattern = target.trim();
  const isRest = pattern.startsWith("...");
  const isPattern = pattern.startsWith("{") || pattern.startsWith("[");
  return {
    name: !new RegExp(`^${identifier}$`, "u").test(pattern) ? undefined : pattern,
    members: pattern.startsWith("{") ? membersOf(pattern) : undefined,
    isPattern,
    isRest,
    isOptional: fallback !== undefined || isRest,
    fallback: fallback?.trim(),
  };
}

function membersOf(pattern: string): readonly string[] | undefined {
  const members = listIn(pattern, 0)?.map((each) => /^[^:=\s]+/.exec(each.trim())?.[0] ?? "");
  return members?.some((name) => name.startsWith("...") || name.startsWith("[")) ? undefined : members;
}

/** What stands between the bracket at `open` and its end, cut at the commas; undefined if it has no end. */
function listIn(source: string, open: number): string[] | undefined {
  const end = endOf(source, open);
  if (end === undefined) return undefined;
  const items: string[] = [];
  let start = open + 1;
  for (let at = start; at <= end; at++) {
    const next = skipped(source, at);
    if (next !== at) {
      at = next;
      continue;
    }
    if (at !== end && source[at] !== ",") continue;
    items.push(source.slice(start, at));
    start = at + 1;
  }
  return items.filter((item) => item.trim() !== "");
}

function splitAtTop(text: string, mark: string): [string, string?] {
  for (let at = 0; at < text.length; at++) {
    const next = skipped(text, at);
    if (next !== at) at = next;
    else if (text[at] === mark) return [text.slice(0, at), text.slice(at + 1)];
  }
  return [text];
}

/** The index of the end of the string or bracket that begins at `at`, or `at` itself. */
function skipped(text: string, at: number): number {
  const character = text[at] ?? "";
  if ("([{".includes(character) && character !== "") return endOf(text, at) ?? at;
  if (!["'", '"', "`"].includes(character)) return at;
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === "\\") end++;
    else if (text[end] === character) return end;
  }
  return at;
}

function endOf(text: string, open: number): number | undefined {
  for (let at = open + 1; at < text.length; at++) {
    if (")]}".includes(text[at] as string)) return at;
    at = skipped(text, at);
  }
  return undefined;
}
