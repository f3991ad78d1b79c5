import { isPlainObject } from "../json.js";
import { resolveRef } from "../schema/refs.js";
import type { JsonSchema } from "../schema/standard.js";
import { annotations } from "./json-schema-keywords.js";

/** How many schemas may apply to one value; each reference counts as often as it is met. */
const mostAtOnce = 10_000;

/**
 * A schema that applies to the same value without end, or so often that checking would take minutes. The sizes of what
 * references name are kept, so that this is linear in the schema.
 */
export function nestingProblem(root: JsonSchema): string | undefined {
  const sizes = new Map<JsonSchema, number>();
  const measure = (schema: unknown): number => {
    if (!isPlainObject(schema)) return 1;
    const size = sizes.get(schema);
    if (size !== undefined) return size;
    // Met again before its size is known, it contains itself.
    sizes.set(schema, Number.POSITIVE_INFINITY);
    const total = inPlace(schema, root).reduce<number>((sum, inner) => sum + measure(inner), 1);
    sizes.set(schema, total);
    return total;
  };
  const open: unknown[] = [root];
  const seen = new Set<unknown>();
  for (let at = open.pop(); at; at = open.pop()) {
    if (typeof at !== "object" || seen.has(at)) continue;
    seen.add(at);
    if (measure(at) > mostAtOnce)
      return `applies more than ${mostAtOnce} schemas to one value, because its references multiply or lead back to themselves.`;
    open.push(...Object.values(at));
  }
  return undefined;
}

/** The schemas inside one that apply to the same value. */
function inPlace(schema: JsonSchema, root: JsonSchema): unknown[] {
  const { $ref, allOf, anyOf, oneOf, not, if: condition, then, else: otherwise, dependentSchemas } = schema;
  return [
    ...(typeof $ref === "string" ? [resolveRef(root, $ref)] : []),
    ...[allOf, anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? list : [])),
    ...[not, condition, then, otherwise].filter((inner) => inner !== undefined),
    ...(isPlainObject(dependentSchemas) ? Object.values(dependentSchemas) : []),
  ];
}

const allTypes = ["object", "array", "string", "boolean", "null", "number"];

/** Whether a schema allows every value there is. Only what is certain counts. */
export function neverFails(root: JsonSchema): boolean {
  // What can fail does so under any assumption, and is looked at once; the rest may be many times as large as the schema.
  const failing = new Set<unknown>();
  const passed = new Set<unknown>();
  let steps = 0;
  const isOpen = (schema: unknown): boolean => {
    if (typeof schema === "boolean") return schema;
    if (!isPlainObject(schema) || passed.has(schema)) return true;
    if (failing.has(schema) || ++steps > mostAtOnce) return false;
    passed.add(schema);
    const result = Object.entries(schema).every(
      ([keyword, given]) => isIdle(keyword, given) || allowsAll(keyword, given, schema, isOpen, root),
    );
    passed.delete(schema);
    if (!result) failing.add(schema);
    return result;
  };
  return isOpen(root);
}

function isIdle(keyword: string, given: unknown): boolean {
  return given === undefined || annotations.has(keyword) || ["$id", "$defs", "definitions"].includes(keyword);
}

function allowsAll(
  keyword: string,
  given: unknown,
  schema: JsonSchema,
  isOpen: (inner: unknown) => boolean,
  root: JsonSchema,
): boolean {
  switch (keyword) {
    case "$ref":
      return isOpen(resolveRef(root, given as string));
    case "type":
      return Array.isArray(given) && allTypes.every((type) => given.includes(type));
    case "if":
      return true;
    case "then":
    case "else":
      return schema.if === undefined || isOpen(given);
    case "not":
      return given === false;
    case "anyOf":
      return (given as unknown[]).some(isOpen);
    case "oneOf":
      return (given as unknown[]).length === 1 && isOpen((given as unknown[])[0]);
    case "allOf":
    case "prefixItems":
      return (given as unknown[]).every(isOpen);
    case "items":
      return [given].flat().every(isOpen);
    case "properties":
    case "patternProperties":
    case "dependentSchemas":
      return Object.values(given as object).every(isOpen);
    case "additionalItems":
    case "additionalProperties":
    case "unevaluatedItems":
    case "unevaluatedProperties":
    case "propertyNames":
      return isOpen(given);
    case "contains":
      return schema.minContains === 0 && schema.maxContains === undefined;
    case "minContains":
    case "maxContains":
      return true;
    case "required":
      return (given as unknown[]).length === 0;
    case "dependentRequired":
      return Object.values(given as object).every((names) => (names as unknown[]).length === 0);
    case "minLength":
    case "minItems":
    case "minProperties":
      return given === 0;
    case "uniqueItems":
      return given === false;
    default:
      return false;
  }
}
