import { isPlainObject } from "../json.js";

type Keywords = Readonly<Record<string, unknown>>;

const types = ["object", "array", "string", "number", "integer", "boolean", "null"];
const ignored = ["$schema", "$id", "title", "description", "default", "examples", "format"];

/** What each keyword that is known must be, and what it says of a value. */
const known: Readonly<Record<string, (given: unknown) => boolean>> = {
  type: (given) => [given].flat().every((type) => types.includes(type as string)),
  enum: Array.isArray,
  const: () => true,
  properties: isPlainObject,
  required: Array.isArray,
  additionalProperties: (given) => typeof given === "boolean" || isPlainObject(given),
  items: isPlainObject,
  anyOf: Array.isArray,
  minItems: isCount,
  maxItems: isCount,
  minLength: isCount,
  maxLength: isCount,
  minimum: Number.isFinite,
  maximum: Number.isFinite,
  pattern: (given) => typeof given === "string" && isPattern(given),
};

/** Why something is no JSON Schema that can be checked here; undefined where it is one. */
export function jsonSchemaProblem(schema: unknown): string | undefined {
  if (!isPlainObject(schema)) return "must be a JSON Schema, an object.";
  for (const [name, given] of Object.entries(schema)) {
    if (ignored.includes(name)) continue;
    if (!Object.hasOwn(known, name))
      return `uses ${name}, which is not known here. Known are ${Object.keys(known).join(", ")}; for more, pass a schema in code.`;
    if (!known[name]?.(given)) return `has a ${name} that cannot be read.`;
  }
  const inner = [
    ...Object.values((schema.properties ?? {}) as Keywords),
    ...(isPlainObject(schema.items) ? [schema.items] : []),
    ...(isPlainObject(schema.additionalProperties) ? [schema.additionalProperties] : []),
    ...((schema.anyOf as unknown[] | undefined) ?? []),
  ];
  for (const each of inner) {
    const problem = jsonSchemaProblem(each);
    if (problem) return problem;
  }
  return undefined;
}

/** The first thing in which a value does not fit, such as `year: must be integer`; undefined where it fits. */
export function misfit(schema: Keywords, value: unknown, path = ""): string | undefined {
  const at = (problem: string) => (path ? `${path}: ${problem}` : problem);
  const { type, enum: choices, anyOf } = schema;
  if (type !== undefined && ![type].flat().some((each) => isOfType(each as string, value)))
    return at(`must be ${[type].flat().join(" or ")}`);
  if (Array.isArray(choices) && !choices.some((choice) => same(choice, value)))
    return at(`must be one of ${JSON.stringify(choices)}`);
  if ("const" in schema && !same(schema.const, value)) return at(`must be ${JSON.stringify(schema.const)}`);
  if (Array.isArray(anyOf) && !anyOf.some((each) => misfit(each as Keywords, value) === undefined))
    return at("fits none of anyOf");
  if (typeof value === "string") return wrongText(schema, value, at);
  if (typeof value === "number") {
    if (value < Number(schema.minimum ?? Number.NEGATIVE_INFINITY)) return at(`must be at least ${schema.minimum}`);
    if (value > Number(schema.maximum ?? Number.POSITIVE_INFINITY)) return at(`must be at most ${schema.maximum}`);
  }
  if (Array.isArray(value)) {
    if (value.length < Number(schema.minItems ?? 0)) return at(`must have at least ${schema.minItems} items`);
    if (value.length > Number(schema.maxItems ?? Number.POSITIVE_INFINITY))
      return at(`must have at most ${schema.maxItems} items`);
    if (!isPlainObject(schema.items)) return undefined;
    return first(value.map((item, index) => [schema.items as Keywords, item, `${path}[${index}]`]));
  }
  return isPlainObject(value) ? wrongMember(schema, value, path) : undefined;
}

function wrongText(
  { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern }: Keywords,
  value: string,
  at: (problem: string) => string,
) {
  if (value.length < Number(minLength)) return at(`must have at least ${minLength} characters`);
  if (value.length > Number(maxLength)) return at(`must have at most ${maxLength} characters`);
  if (typeof pattern === "string" && !new RegExp(pattern, "u").test(value)) return at(`must match ${pattern}`);
  return undefined;
}

function wrongMember(schema: Keywords, value: Keywords, path: string): string | undefined {
  const place = (name: string) => (path ? `${path}.${name}` : name);
  const properties = (schema.properties ?? {}) as Readonly<Record<string, Keywords>>;
  const missing = ((schema.required ?? []) as string[]).find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return `${place(missing)}: is missing`;
  const { additionalProperties } = schema;
  const others = Object.keys(value).filter((name) => !Object.hasOwn(properties, name));
  if (additionalProperties === false && others[0] !== undefined) return `${place(others[0])}: is not allowed`;
  const rest = isPlainObject(additionalProperties)
    ? others.map((name) => [additionalProperties, value[name], place(name)] as const)
    : [];
  const own = Object.entries(properties).filter(([name]) => Object.hasOwn(value, name));
  return first([...own.map(([name, inner]) => [inner, value[name], place(name)] as const), ...rest]);
}

function first(parts: readonly (readonly [schema: Keywords, value: unknown, path: string])[]): string | undefined {
  for (const [schema, value, path] of parts) {
    const problem = misfit(schema, value, path);
    if (problem) return problem;
  }
  return undefined;
}

function isOfType(type: string, value: unknown): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isPlainObject(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function isCount(given: unknown): boolean {
  return Number.isInteger(given) && (given as number) >= 0;
}

function isPattern(given: string): boolean {
  try {
    return Boolean(new RegExp(given, "u"));
  } catch {
    return false;
  }
}
