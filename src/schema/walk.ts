import { isPlainObject } from "../json.js";
import type { JsonSchema } from "./standard.js";

const holdsOne = new Set(
  "items additionalItems additionalProperties unevaluatedItems unevaluatedProperties contains propertyNames not if then else".split(
    " ",
  ),
);
const holdsList = new Set(["anyOf", "oneOf", "allOf", "prefixItems", "items"]);
const holdsNamed = new Set(["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"]);

/** A copy of a JSON Schema with `change` applied to each schema right inside it; what `enum`, `const` and `default` hold is data. */
export function mapSubschemas(schema: JsonSchema, change: (inner: JsonSchema) => JsonSchema): JsonSchema {
  const inner = (value: unknown) => (isPlainObject(value) ? change(value) : value);
  return mapValues(schema, (value, keyword) => {
    if (Array.isArray(value)) return holdsList.has(keyword) ? value.map(inner) : value;
    if (holdsOne.has(keyword)) return inner(value);
    return holdsNamed.has(keyword) && isPlainObject(value) ? mapValues(value, inner) : value;
  });
}

/** A new object with the same keys; `fromEntries` makes own properties of them all, `__proto__` too. */
export function mapValues<T>(
  object: Readonly<Record<string, unknown>>,
  change: (value: unknown, key: string) => T,
): Record<string, T> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}

/** Whether a schema is `{ not: {} }`, which nothing fits: what some converters write for undefined. */
export function isNever(schema: unknown): boolean {
  if (!isPlainObject(schema) || !isPlainObject(schema.not)) return false;
  return Object.keys(schema).length === 1 && Object.keys(schema.not).length === 0;
}
