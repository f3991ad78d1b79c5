import { isPlainObject } from "../json.js";
import { listOf } from "./all-of.js";
import type { JsonSchema } from "./standard.js";
import { forEachSubschema } from "./walk.js";

/** What the providers count of a strict schema. A definition counts once, however often it is referred to. */
export interface StrictSize {
  /** Members of all objects. */
  readonly members: number;
  /** Those that are not required. */
  readonly optional: number;
  /** Schemas with `anyOf`, or with a list of types. */
  readonly unions: number;
  /** Objects inside each other, with the root. */
  readonly levels: number;
  readonly enumValues: number;
  /** Characters of all names, of enum values and of constants. */
  readonly characters: number;
  /** Characters of the longest list of more than 250 texts. */
  readonly longEnum: number;
}

export type StrictLimits = Readonly<Partial<Record<keyof StrictSize, number>>>;

const words: Readonly<Record<keyof StrictSize, string>> = {
  members: "members",
  optional: "optional members",
  unions: "unions",
  levels: "levels",
  enumValues: "enum values",
  characters: "characters of names and values",
  longEnum: "characters in one enum of more than 250 values",
};

/** The first limit that a size exceeds, such as `25 optional members, and … takes at most 24`; undefined if none. */
export function excess(size: Partial<StrictSize>, limits: StrictLimits, whose: string): string | undefined {
  for (const [name, limit] of Object.entries(limits) as [keyof StrictSize, number][]) {
    const count = size[name] ?? 0;
    if (count > limit) return `${count} ${words[name]}, and ${whose} takes at most ${limit}`;
  }
  return undefined;
}

/** The size of all schemas of one request together. */
export function sumOf(sizes: readonly StrictSize[]): Pick<StrictSize, "optional" | "unions"> {
  return {
    optional: sizes.reduce((sum, { optional }) => sum + optional, 0),
    unions: sizes.reduce((sum, { unions }) => sum + unions, 0),
  };
}

const largeEnum = 250;

/** Measures a schema in its strict form. */
export function measure(root: JsonSchema): StrictSize {
  const size = { members: 0, optional: 0, unions: 0, levels: 0, enumValues: 0, characters: 0, longEnum: 0 };
  const open = [{ schema: root, level: 1 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { schema, level } = next;
    const { type, enum: values, const: only, anyOf } = schema;
    const isObject = listOf(type).includes("object");
    if (isObject) size.levels = Math.max(size.levels, level);
    if (Array.isArray(anyOf) || (Array.isArray(type) && type.length > 1)) size.unions++;
    if (typeof only === "string") size.characters += only.length;
    if (Array.isArray(values)) addEnum(size, values);
    if (isPlainObject(schema.properties)) addMembers(size, schema.properties, schema.required);
    forEachSubschema(schema, (inner, keyword, name) => {
      if (keyword === "$defs") size.characters += name.length;
      open.push({ schema: inner, level: keyword === "$defs" ? 1 : level + Number(isObject) });
    });
  }
  return size;
}

type Counts = { -readonly [Name in keyof StrictSize]: number };

function addEnum(size: Counts, values: readonly unknown[]): void {
  size.enumValues += values.length;
  const characters = values.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 0), 0);
  size.characters += characters;
  if (values.length > largeEnum) size.longEnum = Math.max(size.longEnum, characters);
}

function addMembers(size: Counts, properties: JsonSchema, required: unknown): void {
  const names = Object.keys(properties);
  size.members += names.length;
  size.optional += names.length - (Array.isArray(required) ? required.length : 0);
  for (const name of names) size.characters += name.length;
}
