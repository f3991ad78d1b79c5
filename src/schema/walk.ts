import { isPlainObject } from "../json.js";
import type { JsonSchema } from "./standard.js";

/** How a keyword holds further schemas: one, a list of them, one or a list, or each under a name. */
export const holders: ReadonlyMap<string, "one" | "list" | "one or list" | "named"> = new Map([
  ...(
    "additionalItems additionalProperties unevaluatedItems unevaluatedProperties contains propertyNames not if then else".split(
      " ",
    ) as string[]
  ).map((keyword) => [keyword, "one"] as const),
  ...["anyOf", "oneOf", "allOf", "prefixItems"].map((keyword) => [keyword, "list"] as const),
  ["items", "one or list"],
  ...["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"].map(
    (keyword) => [keyword, "named"] as const,
  ),
]);

/** A copy of a JSON Schema with `change` applied to each schema right inside it; what `enum`, `const` and `default` hold is data. */
export function mapSubschemas(schema: JsonSchema, change: (inner: JsonSchema) => JsonSchema): JsonSchema {
  const inner = (value: unknown) => (isPlainObject(value) ? change(value) : value);
  return mapValues(schema, (value, keyword) => {
    const holds = holders.get(keyword);
    if (holds === undefined) return value;
    if (Array.isArray(value)) return holds.endsWith("list") ? value.map(inner) : value;
    if (holds === "named") return isPlainObject(value) ? mapValues(value, inner) : value;
    return holds === "list" ? value : inner(value);
  });
}

/** Calls `visit` with each schema right inside a JSON Schema, the keyword that holds it, and its name there. */
export function forEachSubschema(
  schema: JsonSchema,
  visit: (inner: JsonSchema, keyword: string, name: string) => void,
): void {
  for (const [keyword, value] of Object.entries(schema)) {
    const holds = holders.get(keyword);
    if (holds === undefined || typeof value !== "object" || value === null) continue;
    if (Array.isArray(value)) {
      if (!holds.endsWith("list")) continue;
      for (const [index, each] of value.entries()) if (isPlainObject(each)) visit(each, keyword, String(index));
    } else if (holds === "named") {
      for (const [name, each] of Object.entries(value)) if (isPlainObject(each)) visit(each, keyword, name);
    } else if (holds !== "list" && isPlainObject(value)) visit(value, keyword, "");
  }
}

/** A new object with the same keys, all of them its own properties, `__proto__` too. */
export function mapValues<T>(
  object: Readonly<Record<string, unknown>>,
  change: (value: unknown, key: string) => T,
): Record<string, T> {
  const result: Record<string, T> = {};
  for (const key of Object.keys(object)) {
    const value = change(object[key], key);
    if (key !== "__proto__") result[key] = value;
    else Object.defineProperty(result, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return result;
}

/** Whether a schema is `{ not: {} }`, which nothing fits: what some converters write for undefined. */
export function isNever(schema: unknown): boolean {
  if (!isPlainObject(schema) || !isPlainObject(schema.not)) return false;
  return Object.keys(schema).length === 1 && Object.keys(schema.not).length === 0;
}
