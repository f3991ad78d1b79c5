import type { JsonSchema } from "./standard.js";
import type { StrictLimits } from "./strict-limits.js";

/** What a provider's strict mode takes of JSON Schema. */
export interface Dialect {
  readonly name: string;
  /** Every key must be required, so that an optional one has to become nullable. */
  readonly requiresAll: boolean;
  readonly recursion: boolean;
  /** What it takes of one schema. */
  readonly limits: StrictLimits;
  /** Beyond types, properties, items, enum, const, anyOf, references and descriptions, which all take. */
  readonly keeps: (keyword: string, value: unknown) => boolean;
}

const formats = new Set("date-time time date duration email hostname ipv4 ipv6 uuid".split(" "));
const openaiKeeps = new Set(
  "title multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minItems maxItems".split(" "),
);

export const dialects: Readonly<Record<"openai" | "anthropic", Dialect>> = {
  // https://platform.openai.com/docs/guides/structured-outputs, "Supported schemas". Lookarounds in patterns are refused.
  openai: {
    name: "OpenAI",
    requiresAll: true,
    recursion: true,
    // The same page: "Objects have limitations on nesting depth and size", "Limitations on total string size", "Limitations
    // on enum size". What a level is it does not say; by the title, it is an object.
    limits: {
      members: 5000,
      levels: 10,
      enumValues: 1000,
      characters: 120_000,
      longEnum: 15_000,
    },
    keeps: (keyword, value) =>
      openaiKeeps.has(keyword) ||
      (keyword === "format" && formats.has(value as string)) ||
      (keyword === "pattern" && !/\(\?[=!<]|\\[1-9k]/.test(String(value))),
  },
  // https://platform.claude.com/docs/en/build-with-claude/structured-outputs, "JSON Schema limitations". Of patterns it takes
  // simple ones only and answers 400 to the rest. Optional keys may stay optional, and unions are few (16), so they stay.
  anthropic: {
    name: "Anthropic",
    requiresAll: false,
    recursion: false,
    // The same page, "Schema complexity limits". They hold for all strict tools and the answer of a request together.
    // In its errors: https://github.com/elie222/inbox-zero/issues/2323 and https://github.com/vercel/ai/pull/17268
    limits: { optional: 24, unions: 16 },
    keeps: (keyword, value) =>
      keyword === "title" ||
      keyword === "default" ||
      (keyword === "format" && (formats.has(value as string) || value === "uri")) ||
      (keyword === "minItems" && (value === 0 || value === 1)),
  },
};

const structure = new Set(
  "type properties required additionalProperties items prefixItems additionalItems anyOf oneOf allOf $ref enum const description".split(
    " ",
  ),
);
const silent = new Set(
  "$schema $id $anchor $comment $defs definitions unevaluatedProperties unevaluatedItems propertyNames".split(" "),
);

/** Adds the keywords of `from` that the provider takes to `form`; the others, and `note`, become a part of the description. */
export function withKeywords(form: JsonSchema, from: JsonSchema, { keeps }: Dialect, note?: string): JsonSchema {
  const kept: Record<string, unknown> = {};
  const said = note ? [note] : [];
  const formatKept = from.format !== undefined && keeps("format", from.format);
  for (const [keyword, value] of Object.entries(from)) {
    if (structure.has(keyword) || silent.has(keyword) || value === undefined) continue;
    if (keeps(keyword, value)) kept[keyword] = value;
    else if (!(keyword === "pattern" && formatKept) && !isSafeBound(value)) said.push(`${keyword}: ${inWords(value)}`);
  }
  const description = [from.description, said.length > 0 && `(${said.join("; ")})`].filter(Boolean).join(" ");
  return { ...form, ...kept, ...(description && { description }) };
}

/** zod gives every integer these bounds, which tell a model nothing. */
function isSafeBound(value: unknown): boolean {
  return value === Number.MAX_SAFE_INTEGER || value === Number.MIN_SAFE_INTEGER;
}

function inWords(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
