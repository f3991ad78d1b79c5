import { isPlainObject } from "../json.js";
import { maxNesting } from "./budget.js";
import { fieldError, items } from "./problem.js";
import { resolveRef } from "./refs.js";
import type { JsonSchema } from "./standard.js";
import { forEachSubschema, isNever, mapSubschemas } from "./walk.js";

/** Stands in a converted schema where its library has a type that JSON lacks; its value names the type, such as "a Date". */
export const marker = "x-callwright-unrepresentable";

export function marked(schema: object | undefined, type: string): JsonSchema {
  return { ...schema, [marker]: type };
}

/**
 * A converted schema without marks.
 *
 * @throws ConfigurationError that names the field which no JSON value satisfies.
 */
export function withoutMarks(root: JsonSchema): JsonSchema {
  // Nearly all schemas have nothing of the kind, and are left as they are.
  if (!some(root, (schema) => typeLacking(schema) !== undefined || isNothing(schema))) return root;
  const problem = findUnrepresentable(root);
  if (problem) throw unrepresentable(problem);
  return some(root, (schema) => marker in schema) ? strip(root) : root;
}

/** A field that no JSON value satisfies, and the type that it takes instead. */
export interface Unrepresentable {
  readonly path: readonly PropertyKey[];
  readonly type: string;
}

export function unrepresentable({ path, type }: Unrepresentable) {
  return fieldError(
    path,
    `cannot be written as JSON Schema: it takes ${type}, which JSON does not have. Take a type of JSON, such as a string with a format for a date, and convert it in the schema or in your code.`,
  );
}

/** The first field that has to be given, or may be, and that no JSON value satisfies. */
export function findUnrepresentable(root: JsonSchema): Unrepresentable | undefined {
  const seen = new Set<JsonSchema>();

  const visit = (schema: unknown, path: readonly PropertyKey[]): Unrepresentable | undefined => {
    if (!isPlainObject(schema) || seen.has(schema) || path.length > maxNesting) return undefined;
    seen.add(schema);
    const type = typeLacking(schema);
    if (type) return { path, type };
    for (const keyword of ["anyOf", "oneOf"]) {
      const problem = Array.isArray(schema[keyword]) && visitChoice(schema[keyword], path);
      if (problem) return problem;
    }
    return (
      first(Array.isArray(schema.allOf) ? schema.allOf : [], (part) => visit(part, path)) ??
      (typeof schema.$ref === "string" ? visit(resolveRef(root, schema.$ref), path) : undefined) ??
      visitMembers(schema, path)
    );
  };

  const visitMembers = (schema: JsonSchema, path: readonly PropertyKey[]): Unrepresentable | undefined => {
    const properties = isPlainObject(schema.properties) ? schema.properties : {};
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    const inLists = [schema.items, schema.prefixItems].flat().filter(isPlainObject);
    return (
      first(Object.entries(properties), ([name, property]) => {
        if (isNothing(property))
          return required.has(name) ? { path: [...path, name], type: "no value at all" } : undefined;
        return visit(property, [...path, name]);
      }) ??
      first(inLists, (item) => (isNothing(item) ? undefined : visit(item, [...path, items]))) ??
      (isNothing(schema.additionalProperties) ? undefined : visit(schema.additionalProperties, [...path, "*"]))
    );
  };

  /** One choice that can be given is enough; null alone is not, since then the type is never the one that was meant. */
  const visitChoice = (variants: readonly unknown[], path: readonly PropertyKey[]): Unrepresentable | undefined => {
    const problems = variants.filter((each) => !isNull(each) && !isNothing(each)).map((each) => visit(each, path));
    return problems.every((problem) => problem !== undefined) ? problems[0] : undefined;
  };

  return isNothing(root) ? { path: [], type: "no value at all" } : visit(root, []);
}

/** zod writes a file as a string of bytes. */
function typeLacking(schema: JsonSchema): string | undefined {
  if (typeof schema[marker] === "string") return schema[marker];
  return schema.contentEncoding === "binary" && schema.format === "binary" ? "a File" : undefined;
}

function isNull(schema: unknown): boolean {
  return isPlainObject(schema) && (schema.type === "null" || schema.const === null);
}

/** What fits nothing: `{ not: {} }`, and ArkType's list of no values. */
function isNothing(schema: unknown): boolean {
  return isNever(schema) || (isPlainObject(schema) && Array.isArray(schema.enum) && schema.enum.length === 0);
}

function first<T, R>(values: Iterable<T>, find: (value: T) => R | undefined): R | undefined {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether something in a schema, wherever it is, passes a test. */
function some(root: JsonSchema, test: (schema: JsonSchema) => boolean): boolean {
  const open = [root];
  for (let next = open.pop(); next; next = open.pop()) {
    if (test(next)) return true;
    forEachSubschema(next, (inner) => void open.push(inner));
  }
  return false;
}

/** Without the choices that cannot be made. */
function strip({ [marker]: _, ...schema }: JsonSchema): JsonSchema {
  const stripped: Record<string, unknown> = { ...schema };
  for (const keyword of ["anyOf", "oneOf"]) {
    const variants = schema[keyword];
    if (Array.isArray(variants))
      stripped[keyword] = variants.filter((each) => !isPlainObject(each) || !(marker in each));
  }
  return mapSubschemas(stripped, strip);
}
