import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import { type Budget, maxNesting, spend, tooDeep } from "./budget.js";
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
export function flatten(
  schema: JsonSchema,
  resolve: Resolve,
  budget: Budget,
  passed: Set<string> = new Set(),
): JsonSchema {
  const parts: JsonSchema[] = [];
  // A stack of things to do, since references may lead further than the call stack is deep.
  const open = [schema];
  for (let next = open.pop(); next; next = open.pop()) {
    spend(budget);
    const { allOf, $ref, ...rest } = next;
    parts.push(rest);
    const branches = Array.isArray(allOf) ? allOf.filter(isPlainObject) : [];
    for (const branch of branches.reverse()) open.push(branch);
    if (typeof $ref === "string" && !passed.has($ref)) {
      passed.add($ref);
      open.push(resolve($ref));
    }
  }
  return merge(parts, budget);
}

function merge(parts: readonly JsonSchema[], budget: Budget): JsonSchema {
  const [first = {}] = parts;
  if (parts.length === 1) return first;
  const merged = collect(parts, budget).map(([keyword, values]): [string, unknown] => [
    keyword,
    together(keyword, values, budget),
  ]);
  const result: Record<string, unknown> = Object.fromEntries(merged);
  // A second pattern cannot stand beside the first; the model still reads it.
  const patterns = new Set(parts.map(({ pattern }) => pattern).filter((pattern) => typeof pattern === "string"));
  const others = [...patterns].slice(1).map((pattern) => `also pattern: ${pattern}`);
  if (others.length > 0) result.description = [result.description, ...others].filter(Boolean).join("; ");
  return result;
}

/** The values of each key, in the order in which the objects give them. */
function collect(objects: readonly object[], budget: Budget): [key: string, values: unknown[]][] {
  const values = new Map<string, unknown[]>();
  for (const object of objects) {
    for (const [key, value] of Object.entries(object)) {
      spend(budget);
      const before = values.get(key);
      if (value === undefined) continue;
      if (before) before.push(value);
      else values.set(key, [value]);
    }
  }
  return [...values];
}

const firstCounts = new Set(["title", "description", "default", "examples", "pattern", "$comment", "$id", "$schema"]);

/** The one value of a keyword that says what all of these say. */
function together(keyword: string, values: readonly unknown[], budget: Budget): unknown {
  if (values.length === 1 || firstCounts.has(keyword)) return values[0];
  if (keyword === "required") return [...new Set(values.filter(Array.isArray).flat())];
  if (keyword === "properties") {
    const properties = collect(values.filter(isPlainObject), budget);
    return Object.fromEntries(properties.map(([name, schemas]) => [name, allOf(schemas, budget)]));
  }
  return differentOnes(values, budget).reduce((first, second) => both(keyword, first, second));
}

function allOf(schemas: readonly unknown[], budget: Budget): unknown {
  if (schemas.length === 1) return schemas[0];
  const different = differentOnes(schemas, budget);
  return different.length === 1 ? different[0] : { allOf: different };
}

/** The values without those that are written like an earlier one. */
export function differentOnes(values: readonly unknown[], budget: Budget): unknown[] {
  const byText = new Map<string, unknown>();
  for (const value of values) {
    const text = JSON.stringify(value);
    spend(budget, 1 + text.length / 50);
    if (!byText.has(text)) byText.set(text, value);
  }
  return [...byText.values()];
}

function both(keyword: string, first: unknown, second: unknown): unknown {
  if (keyword === "additionalProperties") return first === false || second === true ? first : second;
  if (keyword === "type") {
    const shared = listOf(first).flatMap((type) => listOf(second).flatMap((other) => narrower(type, other)));
    if (shared.length > 0) return shared.length === 1 ? shared[0] : shared;
  }
  if (typeof first === "number" && typeof second === "number") {
    if (/^(min|exclusiveMin)/.test(keyword)) return Math.max(first, second);
    if (/^(max|exclusiveMax)/.test(keyword)) return Math.min(first, second);
  }
  throw new ConfigurationError(
    `Two parts of an intersection differ in ${keyword}: ${shown(first)} and ${shown(second)}. Write one schema instead of the intersection.`,
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function narrower(type: unknown, other: unknown): unknown[] {
  if (type === other) return [type];
  const numeric = (type === "integer" && other === "number") || (type === "number" && other === "integer");
  return numeric ? ["integer"] : [];
}

/**
 * The schemas that a schema offers, each without reference, intersection and choice.
 *
 * @throws ConfigurationError for an intersection that cannot be said in one schema, and if the budget is exhausted.
 */
export function alternatives(schema: JsonSchema, resolve: Resolve, budget: Budget = { steps: 0 }): JsonSchema[] {
  return offers(schema, resolve, budget, new Set(), 0);
}

function offers(
  schema: JsonSchema,
  resolve: Resolve,
  budget: Budget,
  passed: ReadonlySet<string>,
  depth: number,
): JsonSchema[] {
  spend(budget, 1 + passed.size / 10);
  if (depth > maxNesting) throw tooDeep();
  if (isNever(schema)) return [];
  const followed = new Set(passed);
  const flat = schema.$ref || schema.allOf ? flatten(schema, resolve, budget, followed) : schema;
  const { anyOf, oneOf, ...rest } = flat;
  const choice = anyOf ?? oneOf;
  if (!Array.isArray(choice)) return [flat];
  return choice.flatMap((variant) => {
    // A choice that offers only itself again offers nothing new.
    if (!isPlainObject(variant) || followed.has(variant.$ref as string)) return [];
    return offers({ ...rest, allOf: [variant] }, resolve, budget, followed, depth + 1);
  });
}
