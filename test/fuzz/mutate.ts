import type { Random } from "./random.js";

/** The API key of every fuzzed call. No error may show it, even if the provider sends it back. */
export const secret = "Zq7-fuzz/own+key=of.the.call";

const strangeTexts = [
  ...["", " ", "\n", "\0", "\ud800", "\udc00x", "\u2028", "%", "%ZZ", "{", "}", '"', "[", "null", "NaN", "-0", "1e309"],
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "then", "toJSON", "$bytes"],
  ...[
    "data:,",
    "data:text/plain;base64,%%%",
    "data:image/png;base64,iVBORw0KGgo=",
    "file:///etc/passwd",
    "https://x.test/a?key=b",
  ],
  ...["#", "#/$defs/missing", "#/$defs/%ZZ", "https://x.test/schema", "***", "[DONE]", "data: {}", ": ping", "(a+)+$"],
  ...["stop", "length", "tool_calls", "content_filter", "end_turn", "tool_use", "error", "failed", "incomplete"],
  ...["system", "user", "assistant", "tool", "text", "image", "tool-call", "tool-result", "reasoning", "cache-point"],
  secret,
  `Bad key ${secret}, sorry`,
];
const strangeNumbers = [0, -0, 1, -1, 0.5, -0.5, 1e308, 5e-324, 2 ** 31, 2 ** 53, -(2 ** 53), 4_000_000_000, 200, 500];

/** Some of these cannot become text or a number, others look like lists or promises, or are schemas and parts that lead nowhere. */
const strangeObjects: readonly unknown[] = [
  ...JSON.parse('[[],{},{"toString":1},{"toString":"a","valueOf":"b"},{"length":1e9},{"then":1},{"constructor":{}}]'),
  ...[{ $ref: "#" }, { $ref: "#/$defs/%" }, { $ref: "https://x.test" }, { allOf: [{ $ref: "#" }] }],
  { type: "input_audio", input_audio: { data: "UklGRgAAAABXQVZF", format: "wav" } },
];

/** A value that stands where another kind of value belongs. It is JSON, so that it can be kept in the corpus. */
export function strange(random: Random, depth = 0): unknown {
  const kind = random.below(depth > 2 ? 4 : 8);
  if (kind === 0) return random.pick([null, true, false]);
  if (kind === 1) return random.pick(strangeNumbers);
  if (kind < 4) return strangeText(random);
  if (kind === 4) return structuredClone(random.pick(strangeObjects));
  if (kind === 5) return Array.from({ length: random.below(4) }, () => strange(random, depth + 1));
  if (kind === 6 && random.chance(0.1)) return nested(random);
  const names = Array.from({ length: random.below(3) }, () => strangeText(random));
  return Object.fromEntries(names.map((name) => [name, strange(random, depth + 1)]));
}

function strangeText(random: Random): string {
  const text = random.pick(strangeTexts);
  return random.chance(0.02) ? text.repeat(1 + random.below(2000)) : text;
}

function nested(random: Random): unknown {
  const levels = random.pick([3, 30, 100, 300, 1000]);
  const inObjects = random.chance(0.5);
  let value: unknown = strangeText(random);
  for (let level = 0; level < levels; level++) value = inObjects ? { a: value } : [value];
  return value;
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly name: string;
}

/** Every member and item of a value. Iterative, since values may be deeper than the stack. */
function placesIn(value: unknown): Place[] {
  const places: Place[] = [];
  const open: unknown[] = [value];
  while (open.length > 0) {
    const holder = open.pop();
    if (typeof holder !== "object" || holder === null) continue;
    for (const name of Object.keys(holder)) {
      places.push({ holder: holder as Record<string, unknown>, name });
      open.push((holder as Record<string, unknown>)[name]);
    }
  }
  return places;
}

/** A copy of a JSON value with so many changes: members and items replaced, removed, added, repeated, moved and renamed. */
export function mutateJson<T>(value: T, random: Random, changes = 1 + random.below(3)): T {
  const root: { value: unknown } = { value: structuredClone(value) };
  for (let change = 0; change < changes; change++) {
    const places = placesIn(root);
    changeAt(random.pick(places), places, random);
    // The value itself was removed or renamed.
    if (!Object.hasOwn(root, "value")) root.value = strange(random);
  }
  return root.value as T;
}

function changeAt({ holder, name }: Place, places: readonly Place[], random: Random): void {
  const inner = holder[name];
  const other = random.pick(places);
  switch (random.below(9)) {
    case 0:
      return remove(holder, name);
    case 1:
      return add(inner, random.chance(0.5) ? other.name : strangeText(random), strange(random));
    case 2:
      if (Array.isArray(inner) && inner.length > 0) inner.push(structuredClone(random.pick(inner)));
      else holder[name] = [inner];
      return;
    case 3:
      if (Array.isArray(inner)) inner.reverse();
      else set(holder, name, structuredClone(other.holder[other.name]));
      return;
    case 4:
      remove(holder, name);
      return add(holder, random.chance(0.5) ? other.name : strangeText(random), inner);
    case 5:
      if (typeof inner === "string") return set(holder, name, mutateText(inner, random));
      if (typeof inner === "number") return set(holder, name, inner * random.pick([-1, 0, 0.5, 1e300]));
      return set(holder, name, strange(random));
    default:
      return set(holder, name, strange(random));
  }
}

function remove(holder: Record<string, unknown>, name: string): void {
  if (Array.isArray(holder)) holder.splice(Number(name), 1);
  else delete holder[name];
}

function add(holder: unknown, name: string, value: unknown): void {
  if (Array.isArray(holder)) holder.push(value);
  else if (typeof holder === "object" && holder !== null) set(holder, name, value);
}

/** As JSON.parse does it: `__proto__` is a member as any other. */
function set(holder: object, name: string, value: unknown): void {
  Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
}

const tokens = [
  ...[
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "1e999",
    "-",
    "\\ud800",
    '\\"',
    "\u0000",
    "\r",
    "\n",
    "\n\n",
    " ",
  ],
  ...[
    "data: ",
    "data:\n",
    "event: error\n",
    ": \n",
    "retry: 0\n",
    "id: \0\n",
    "\xff",
    "\xc3",
    "\xef\xbb\xbf",
    "[DONE]",
  ],
  ...[
    '"__proto__":',
    '{"error":{"message":"x"}}',
    "&a",
    "*a",
    "!!js",
    "<<: ",
    "- ",
    "? ",
    "| ",
    "%YAML 1.1\n",
    "---\n",
  ],
];

/** What is nested deeper than the stack. */
const deep = ["[".repeat(20_000), '{"a":'.repeat(20_000), "- ".repeat(5000), `${"[".repeat(9000)}${"]".repeat(9000)}`];

/** A text with one change of its characters: removed, repeated, cut off, put in, turned or moved. */
export function mutateText(text: string, random: Random): string {
  const from = random.below(text.length + 1);
  const to = Math.min(text.length, from + 1 + random.below(random.chance(0.2) ? text.length + 1 : 12));
  const [before, piece, rest] = [text.slice(0, from), text.slice(from, to), text.slice(to)];
  switch (random.below(7)) {
    case 0:
      return before + rest;
    case 1:
      return before + piece + piece + rest;
    case 2:
      return before;
    case 3:
      return before + random.pick(random.chance(0.01) ? deep : tokens) + piece + rest;
    case 4:
      return before + random.pick(tokens) + rest;
    case 5:
      return before + [...piece].reverse().join("") + rest;
    default:
      return before + String.fromCharCode((piece.charCodeAt(0) || 0) ^ (1 << random.below(8))) + piece.slice(1) + rest;
  }
}
