import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import type { JsonSchema } from "./standard.js";
import { isNever } from "./walk.js";

/** Finds what a reference names. */
export type Resolve = (ref: string) => JsonSchema;

/**
 * One schema that says what `schema`, the branches of its `allOf` and what it refers to say together. References already in
 * `passed` add nothing; those followed are added to it.
 *
 * @throws ConfigurationError where two of them cannot be said in one.
 */
export function flatten(schema: JsonSchema, resolve: Resolve, passed: Set<string> = new Set()): JsonSchema {
  const { allOf, $ref, ...rest } = schema;
  const parts: JsonSchema[] = [rest];
  if (typeof $ref === "string" && !passed.has($ref)) {
    passed.add($ref);
    parts.push(flatten(resolve($ref), resolve, passed));
  }
  for (const branch of Array.isArray(allOf) ? allOf : []) {
    if (isPlainObject(branch)) parts.push(flatten(branch, resolve, passed));
  }
  return parts.reduce(mergeSchemas);
}

function mergeSchemas(first: JsonSchema, second: JsonSchema): JsonSchema {
  const merged: Record<string, unknown> = { ...first };
  for (const [keyword, value] of Object.entries(second)) {
    const before = merged[keyword];
    if (before === undefined) merged[keyword] = value;
    else if (JSON.stringify(before) !== JSON.stringify(value)) merged[keyword] = both(keyword, before, value);
  }
  // A second pattern cannot stand beside the first; the model still reads it.
  if (typeof first.pattern === "string" && typeof second.pattern === "string" && first.pattern !== second.pattern) {
    merged.description = [merged.description, `also pattern: ${second.pattern}`].filter(Boolean).join("; ");
  }
  return merged;
}

const firstCounts = new Set(["title", "description", "default", "examples", "pattern", "$comment", "$id", "$schema"]);

function both(keyword: string, first: unknown, second: unknown): unknown {
  if (firstCounts.has(keyword)) return first;
  if (keyword === "additionalProperties") return first === false || second === true ? first : second;
  if (keyword === "required") return [...new Set([...(first as string[]), ...(second as string[])])];
  if (keyword === "properties") return bothProperties(first as JsonSchema, second as JsonSchema);
  if (keyword === "type") {
    const shared = listOf(first).flatMap((type) => listOf(second).flatMap((other) => narrower(type, other)));
    if (shared.length > 0) return shared.length === 1 ? shared[0] : shared;
  }
  if (typeof first === "number" && typeof second === "number") {
    if (/^(min|exclusiveMin)/.test(keyword)) return Math.max(first, second);
    if (/^(max|exclusiveMax)/.test(keyword)) return Math.min(first, second);
  }
  throw new ConfigurationError(
    `Two parts of an intersection differ in ${keyword}: ${JSON.stringify(first)} and ${JSON.stringify(second)}. Write one schema instead of the intersection.`,
  );
}

function bothProperties(first: JsonSchema, second: JsonSchema): JsonSchema {
  const names = new Set([...Object.keys(first), ...Object.keys(second)]);
  const shared = (name: string) => {
    const [one, other] = [own(first, name), own(second, name)];
    return one && other && JSON.stringify(one) !== JSON.stringify(other) ? { allOf: [one, other] } : (one ?? other);
  };
  return Object.fromEntries([...names].map((name) => [name, shared(name)]));
}

function own(object: JsonSchema, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function narrower(type: unknown, other: unknown): unknown[] {
  if (type === other) return [type];
  const numeric = (type === "integer" && other === "number") || (type === "number" && other === "integer");
  return numeric ? ["integer"] : [];
}

/** The schemas that a schema offers, each without reference, intersection and choice. */
export function alternatives(schema: JsonSchema, resolve: Resolve, passed: Set<string> = new Set()): JsonSchema[] {
  if (isNever(schema)) return [];
  const flat = schema.$ref || schema.allOf ? flatten(schema, resolve, passed) : schema;
  const { anyOf, oneOf, ...rest } = flat;
  const choice = anyOf ?? oneOf;
  if (!Array.isArray(choice)) return [flat];
  return choice.flatMap((variant) => {
    // A choice that offers only itself again offers nothing new.
    if (!isPlainObject(variant) || passed.has(variant.$ref as string)) return [];
    return alternatives({ ...rest, allOf: [variant] }, resolve, new Set(passed));
  });
}

/** Whether null fits a schema. */
export function acceptsNull(schema: JsonSchema, resolve: Resolve): boolean {
  return alternatives(schema, resolve).some(
    ({ type, enum: values, const: only }) =>
      (type === undefined || listOf(type).includes("null")) &&
      (only === undefined || only === null) &&
      (!Array.isArray(values) || values.includes(null)),
  );
}
