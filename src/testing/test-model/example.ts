import { ConfigurationError } from "../../errors.js";
import { isPlainObject } from "../../json.js";
import { alternatives } from "../../schema/all-of.js";
import { resolveRef } from "../../schema/refs.js";
import type { JsonSchema } from "../../schema/standard.js";
import { pick, type Random, wholeBetween } from "./random.js";
import { exampleText } from "./text.js";

// Deeper than this, whatever may be left out is left out, so that recursive schemas come to an end.
const roomyDepth = 3;
const deepest = 40;

/**
 * A value that fits a JSON schema, the same for the same numbers.
 *
 * @throws ConfigurationError where no value is found.
 */
export function exampleOf(root: JsonSchema, random: Random): unknown {
  const visit = (schema: unknown, depth: number): unknown => {
    if (depth > deepest)
      throw new ConfigurationError("testModel() finds no end of a recursive schema. Give args or output.");
    if (!isPlainObject(schema)) return exampleText({}, random);
    const all = alternatives(schema, (ref) => resolveRef(root, ref));
    if (all.length === 0) throw new ConfigurationError("testModel() was given a schema that no value fits.");
    const flat = depth > roomyDepth ? ([...all].sort((a, b) => weight(a) - weight(b))[0] ?? {}) : pick(random, all);
    if ("const" in flat) return flat.const;
    if (Array.isArray(flat.enum)) return pick(random, flat.enum);
    const type = typeOf(flat, random);
    if (type === "object") return exampleObject(flat, random, depth, visit);
    if (type === "array") return exampleList(flat, random, depth, visit);
    if (type === "boolean") return random() < 0.5;
    if (type === "null") return null;
    return type === "string"
      ? exampleText(flat, random, patternsIn(schema))
      : exampleNumber(flat, type === "integer", random);
  };
  return visit(root, 0);
}

/** An intersection may hold several, of which a single schema can name only one. */
function patternsIn({ pattern, allOf }: JsonSchema): string[] {
  const inside = Array.isArray(allOf) ? allOf.filter(isPlainObject).flatMap(patternsIn) : [];
  return typeof pattern === "string" ? [pattern, ...inside] : inside;
}

type Visit = (schema: unknown, depth: number) => unknown;

function typeOf({ type, properties, items }: JsonSchema, random: Random): unknown {
  if (Array.isArray(type)) return pick(random, type);
  return type ?? (properties ? "object" : items ? "array" : "string");
}

/** What ends a recursion soonest comes first. */
function weight({ type, const: only, enum: values }: JsonSchema): number {
  if (only !== undefined || values !== undefined) return 0;
  return type === "object" ? 3 : type === "array" ? 2 : type === "null" ? 0 : 1;
}

function exampleObject(schema: JsonSchema, random: Random, depth: number, visit: Visit): object {
  const {
    properties = {},
    required = [],
    propertyNames,
    additionalProperties,
    minProperties = 0,
  } = schema as ObjectSchema;
  const entries = new Map<string, unknown>();
  for (const [name, property] of Object.entries(properties)) {
    const wanted = required.includes(name) || (depth < roomyDepth && random() < 0.75);
    if (wanted) entries.set(name, visit(property, depth + 1));
  }
  const names = isPlainObject(propertyNames) && Array.isArray(propertyNames.enum) ? propertyNames.enum : undefined;
  for (const name of names ?? required)
    if (!entries.has(String(name))) entries.set(String(name), visit(additionalProperties, depth + 1));
  const isRecord = isPlainObject(additionalProperties) && Object.keys(properties).length === 0;
  const wanted = Math.max(minProperties, isRecord && depth <= roomyDepth && !names ? 1 : 0);
  for (let tries = 0; entries.size < wanted && tries < 50 + wanted; tries++) {
    const name = isPlainObject(propertyNames)
      ? visit({ type: "string", ...propertyNames }, depth + 1)
      : `key${entries.size + 1}`;
    entries.set(String(name), visit(additionalProperties, depth + 1));
  }
  return Object.fromEntries(entries);
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly propertyNames?: unknown;
  readonly additionalProperties?: unknown;
  readonly minProperties?: number;
}

function exampleList(schema: JsonSchema, random: Random, depth: number, visit: Visit): unknown[] {
  const { prefixItems, items, minItems = 0, maxItems = Number.POSITIVE_INFINITY, uniqueItems } = schema as ListSchema;
  const first = prefixItems ?? (Array.isArray(items) ? items : []);
  const list = first.map((item) => visit(item, depth + 1));
  const roomy = depth <= roomyDepth && items !== false && first.length === 0 ? wholeBetween(random, 1, 2) : 0;
  const length = Math.min(Math.max(minItems, roomy, list.length), maxItems);
  for (let tries = 0; list.length < length && tries < 50 + 2 * length; tries++) {
    const item = visit(Array.isArray(items) ? {} : items, depth + 1);
    const known = uniqueItems && list.some((other) => JSON.stringify(other) === JSON.stringify(item));
    if (!known) list.push(item);
  }
  return list;
}

interface ListSchema {
  readonly prefixItems?: readonly unknown[];
  readonly items?: unknown;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
}

function exampleNumber(schema: JsonSchema, whole: boolean, random: Random): number {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema as NumberSchema;
  const step = multipleOf ?? (whole ? 1 : 0.25);
  // Counted in steps, so that what comes out is a multiple.
  const least = Math.max(
    minimum === undefined ? Number.NEGATIVE_INFINITY : Math.ceil(minimum / step),
    exclusiveMinimum === undefined ? Number.NEGATIVE_INFINITY : Math.floor(exclusiveMinimum / step) + 1,
  );
  const most = Math.min(
    maximum === undefined ? Number.POSITIVE_INFINITY : Math.floor(maximum / step),
    exclusiveMaximum === undefined ? Number.POSITIVE_INFINITY : Math.ceil(exclusiveMaximum / step) - 1,
  );
  if (least > most) {
    // A range that is narrower than a step.
    if (!whole && multipleOf === undefined)
      return ((minimum ?? exclusiveMinimum ?? 0) + (maximum ?? exclusiveMaximum ?? 0)) / 2;
    throw new ConfigurationError("testModel() was given a range that holds no number. Give args or output.");
  }
  // Near to 0, as far as the range goes there.
  const from = least > 0 ? least : most < 0 ? Math.max(least, most - 100) : 0;
  const count = wholeBetween(random, from, Math.min(most, from + 100));
  return Number((count * step).toPrecision(15));
}

interface NumberSchema {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
}
