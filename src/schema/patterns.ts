import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isPlainObject } from "../json.js";
import { ownIssue } from "./describe-issues.js";
import { resolveRef } from "./refs.js";
import type { JsonSchema } from "./standard.js";

/** Whether something is a regular expression, as JSON Schema has them: with the flag `u`. */
export function isPattern(given: unknown): given is string {
  try {
    return typeof given === "string" && Boolean(new RegExp(given, "u"));
  } catch {
    return false;
  }
}

/** A pattern can take a time that doubles with each character; what a model writes must not reach it at any length. */
const maxPatternInput = 10_000;

/** The first text that is too long for the pattern at its place; nothing is matched here. */
export function overlongForPatterns(value: unknown, root: JsonSchema): StandardSchemaV1.Issue[] {
  // Most values have no text of that length, and are not compared with their schema.
  if (!holdsLongText(value)) return [];
  const problem = visit(value, [root], [], root);
  return problem ? [problem] : [];
}

function holdsLongText(value: unknown): boolean {
  if (typeof value === "string") return value.length > maxPatternInput;
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some(holdsLongText);
}

/** Looks at each value once, with all the schemas that say something of it. */
function visit(
  value: unknown,
  given: readonly unknown[],
  path: readonly PropertyKey[],
  root: JsonSchema,
): StandardSchemaV1.Issue | undefined {
  const schemas = allThatApply(given, root);
  if (typeof value === "string") {
    const isTooLong = value.length > maxPatternInput && schemas.some(({ pattern }) => pattern !== undefined);
    return isTooLong
      ? ownIssue({ message: `Too long for its pattern: more than ${maxPatternInput} characters`, path })
      : undefined;
  }
  if (Array.isArray(value)) {
    const ofItems = schemas.map(({ items }) => items).filter(isPlainObject);
    for (const [index, item] of value.entries()) {
      const ofItem = schemas.flatMap(({ prefixItems }) => (Array.isArray(prefixItems) ? [prefixItems[index]] : []));
      const problem = visit(item, [...ofItems, ...ofItem], [...path, index], root);
      if (problem) return problem;
    }
  } else if (isPlainObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      const problem = visit(
        member,
        schemas.flatMap((schema) => ofMember(schema, name)),
        [...path, name],
        root,
      );
      if (problem) return problem;
    }
  }
  return undefined;
}

/** The schemas, and those that they refer to, choose from or add up, each once. */
function allThatApply(given: readonly unknown[], root: JsonSchema): JsonSchema[] {
  const all = new Set<JsonSchema>();
  const open = [...given];
  while (open.length > 0) {
    const schema = open.pop();
    if (!isPlainObject(schema) || all.has(schema)) continue;
    all.add(schema);
    if (typeof schema.$ref === "string") open.push(resolveRef(root, schema.$ref));
    for (const keyword of ["anyOf", "oneOf", "allOf"]) {
      const variants = schema[keyword];
      if (Array.isArray(variants)) for (const variant of variants) open.push(variant);
    }
  }
  return [...all];
}

function ofMember({ properties, additionalProperties }: JsonSchema, name: string): unknown[] {
  if (isPlainObject(properties) && Object.hasOwn(properties, name)) return [properties[name]];
  return isPlainObject(additionalProperties) ? [additionalProperties] : [];
}
