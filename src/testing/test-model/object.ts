import { isPlainObject } from "../../json.js";
import type { JsonSchema } from "../../schema/standard.js";
import type { Making } from "./making.js";
import { textFor } from "./pattern.js";
import { pick } from "./random.js";

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly patternProperties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
  readonly dependentRequired?: Readonly<Record<string, readonly string[]>>;
  readonly propertyNames?: unknown;
  readonly additionalProperties?: unknown;
  readonly minProperties?: number;
  readonly maxProperties?: number;
}

/** An object with all that must be there, and some of what may be. */
export function exampleObject(given: JsonSchema, depth: number, making: Making): object {
  const schema = given as ObjectSchema;
  const { properties = {}, maxProperties = Number.POSITIVE_INFINITY, minProperties = 0, propertyNames } = schema;
  const { random, optional, isRoomy } = making;
  const required = new Set((schema.required ?? []).map(String));
  const enumerated = isPlainObject(propertyNames) && Array.isArray(propertyNames.enum) ? propertyNames.enum : [];
  // A record whose keys are named has them all.
  for (const name of enumerated) required.add(String(name));
  const names = new Set<string>();
  const add = (name: string) => {
    if (names.has(name)) return;
    names.add(name);
    for (const other of own(schema.dependentRequired, name) ?? []) add(other);
  };
  const isFull = () => names.size >= maxProperties;

  for (const name of Object.keys(properties)) {
    const isWanted = required.has(name) || (isRoomy(depth + 1) && !isFull() && random() < optional);
    // Those that are required come first if there is no room for all.
    if (isWanted && (required.has(name) || names.size + required.size < maxProperties)) add(name);
  }
  for (const name of required) add(name);
  const left = Object.keys(properties).filter((name) => !names.has(name));
  while (names.size < minProperties && left.length > 0) add(left.shift() ?? "");

  const isRecord =
    (isPlainObject(schema.additionalProperties) || schema.patternProperties !== undefined) &&
    Object.keys(properties).length === 0;
  const wanted = Math.max(minProperties, isRecord && isRoomy(depth) && enumerated.length === 0 && !isFull() ? 1 : 0);
  const isClosed = schema.additionalProperties === false && schema.patternProperties === undefined;
  for (let tries = 0; !isClosed && names.size < wanted && tries < 50 + wanted; tries++)
    add(newName(schema, names.size, depth, making));
  return Object.fromEntries([...names].map((name) => [name, making.visit(schemaOf(schema, name), depth + 1)]));
}

/** A name that is in neither `properties`, as far as the schema says what it may be. */
function newName(schema: ObjectSchema, count: number, depth: number, { random, visit }: Making): string {
  const { propertyNames, patternProperties, additionalProperties } = schema;
  if (isPlainObject(propertyNames)) return String(visit({ type: "string", ...propertyNames }, depth + 1));
  const patterns = Object.keys(patternProperties ?? {});
  if (patterns.length > 0 && (additionalProperties === false || random() < 0.75))
    return textFor(pick(random, patterns), random);
  return `key${count + 1}`;
}

/** All that a schema says of the member with this name. */
function schemaOf({ properties, patternProperties, additionalProperties }: ObjectSchema, name: string): unknown {
  const said = Object.entries(patternProperties ?? {}).flatMap(([pattern, schema]) =>
    new RegExp(pattern, "u").test(name) ? [schema] : [],
  );
  const known = own(properties, name);
  if (known !== undefined) said.push(known);
  if (said.length === 0) return additionalProperties;
  return said.length === 1 ? said[0] : { allOf: said };
}

function own<T>(object: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return object && Object.hasOwn(object, name) ? object[name] : undefined;
}
