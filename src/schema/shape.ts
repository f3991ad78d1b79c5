import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import { issueOfField, memberNames, ownIssue } from "./describe-issues.js";
import { jsonSchemaOf } from "./json-schema.js";
import { inField } from "./problem.js";
import { type Defs, hoistRefs, withDefs } from "./refs.js";
import type { JsonSchema, Schema, Shape } from "./standard.js";
import { isPromise, type Result, validate } from "./validate.js";
import { isNever } from "./walk.js";

type Fields = Record<string, unknown>;

/**
 * Validates an object field by field, each with its own schema. Only the input's own properties count, keys without a field are
 * dropped, and the value is a new plain object. Issues name their field first in the path.
 */
export function validateShape(shape: Shape, input: unknown): Result<Fields> | Promise<Result<Fields>> {
  if (typeof input !== "object" || input === null || Array.isArray(input))
    return { issues: [ownIssue({ message: "Expected an object" })] };
  const names = namesOf(shape);
  const results = names.map((name) =>
    validate(shape[name] as Schema, Object.hasOwn(input, name) ? Reflect.get(input, name) : undefined),
  );
  return results.some(isPromise)
    ? Promise.all(results).then((all) => gather(names, input, all))
    : gather(names, input, results as Result[]);
}

function gather(names: readonly string[], input: object, results: readonly Result[]): Result<Fields> {
  const issues: StandardSchemaV1.Issue[] = [];
  const value: Fields = {};
  results.forEach((result, index) => {
    const name = names[index] as string;
    if (result.issues) issues.push(...result.issues.map((issue) => issueOfField(name, issue)));
    else if (result.value !== undefined || Object.hasOwn(input, name)) value[name] = result.value;
  });
  return issues.length > 0 ? { issues } : { value };
}

function namesOf(shape: Shape): string[] {
  const names = Object.keys(shape);
  // To copy such a field by assignment would replace a prototype.
  if (names.includes("__proto__"))
    throw new ConfigurationError("A field may not be named __proto__. Give it another name.");
  return names;
}

const known = new WeakMap<Shape, JsonSchema>();

/**
 * The JSON Schema of the object that a shape takes; fields that accept undefined are not required. Made once for each shape and
 * shared: do not change it. It is a promise where a field's is, or where a field validates asynchronously.
 */
export function shapeSchema(shape: Shape): JsonSchema | Promise<JsonSchema> {
  const before = known.get(shape);
  if (before) return before;
  const names = namesOf(shape);
  const schemas = names.map((name) => fieldSchema(name, shape[name] as Schema));
  const optional = names.map((name) => takesUndefined(shape[name] as Schema));
  if (![...schemas, ...optional].some(isPromise))
    return compose(shape, names, schemas as JsonSchema[], optional as boolean[]);
  return Promise.all([Promise.all(schemas), Promise.all(optional)]).then(([all, may]) =>
    compose(shape, names, all, may),
  );
}

/** The names of the fields and, if it is known without waiting, of the members of their values. */
export function namesInShape(shape: Shape): ReadonlySet<string> {
  try {
    const schema = shapeSchema(shape);
    if (!isPromise(schema)) return memberNames(schema);
    schema.catch(() => {});
  } catch {
    // A prompt may have fields without a JSON Schema.
  }
  return new Set(Object.keys(shape));
}

/** @throws ConfigurationError (or rejects with it) that names the field. */
function fieldSchema(name: string, schema: Schema): JsonSchema | Promise<JsonSchema> {
  const refuse = (error: unknown) => {
    throw inField(name, error);
  };
  try {
    const made = jsonSchemaOf(schema);
    return isPromise(made) ? made.catch(refuse) : made;
  } catch (error) {
    return refuse(error);
  }
}

function compose(
  shape: Shape,
  names: readonly string[],
  schemas: readonly JsonSchema[],
  optional: readonly boolean[],
): JsonSchema {
  const defs: Defs = new Map();
  const properties = Object.fromEntries(
    names.map((name, index) => {
      const field = hoistRefs(schemas[index] as JsonSchema, defs, name);
      return [name, optional[index] ? withoutUndefined(field) : field];
    }),
  );
  const required = names.filter((_, index) => !optional[index]);
  const composed = withDefs({ type: "object", properties, required, additionalProperties: false }, defs);
  known.set(shape, composed);
  return composed;
}

function takesUndefined(schema: Schema): boolean | Promise<boolean> {
  // zod's z.coerce.string() makes "undefined" of a missing value, which nobody wants.
  const { _zod, _def } = schema as { _zod?: { def?: { coerce?: boolean } }; _def?: { coerce?: boolean } };
  if ((_zod?.def ?? _def)?.coerce) return false;
  try {
    const result = validate(schema, undefined);
    return isPromise(result)
      ? result.then(
          (settled) => !settled.issues,
          () => false,
        )
      : !result.issues;
  } catch {
    return false;
  }
}

/** ArkType writes `{}` for the undefined of `string | undefined`, others `{ not: {} }`. */
function withoutUndefined(schema: JsonSchema): JsonSchema {
  if (!Array.isArray(schema.anyOf)) return schema;
  const anyOf = schema.anyOf.filter(
    (variant) => !isNever(variant) && !(isPlainObject(variant) && Object.keys(variant).length === 0),
  );
  if (anyOf.length === schema.anyOf.length || anyOf.length === 0) return schema;
  const { anyOf: _, ...rest } = schema;
  return anyOf.length === 1 ? { ...anyOf[0], ...rest } : { ...rest, anyOf };
}
