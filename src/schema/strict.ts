import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import { acceptsNull, alternatives } from "./all-of.js";
import { dialects } from "./dialect.js";
import { type Defs, hoistRefs, inlineRoot, isRecursive, resolveRef, withDefs } from "./refs.js";
import type { JsonSchema } from "./standard.js";
import { strictForm } from "./strict-form.js";
import { mapValues } from "./walk.js";

const known = {
  openai: new WeakMap<JsonSchema, JsonSchema>(),
  anthropic: new WeakMap<JsonSchema, JsonSchema>(),
};

/**
 * A JSON Schema as the provider's strict mode takes it: closed objects, for OpenAI with every key required and optional ones
 * nullable; what the mode refuses stands in the description. Made once for each schema and shared: do not change it.
 *
 * @throws ConfigurationError that names the field which cannot be strict: records, schemas that accept anything, and recursion
 * on Anthropic.
 */
export function strictSchema(schema: JsonSchema, provider: "openai" | "anthropic"): JsonSchema {
  const before = known[provider].get(schema);
  if (before) return before;

  const dialect = dialects[provider];
  const defs: Defs = new Map();
  const { $defs: _, ...root } = inlineRoot(withDefs(hoistRefs(schema, defs), defs));
  const whole = withDefs(root, defs);
  if (!dialect.recursion && isRecursive(whole)) {
    throw new ConfigurationError(
      `A schema contains itself, which ${dialect.name}'s strict mode refuses. Do without strict, or nest to a fixed depth.`,
    );
  }
  const at = { path: "", dialect, resolve: (ref: string) => resolveRef(whole, ref), inlined: new Set<string>() };
  const forms = new Map([...defs].map(([name, definition]) => [name, strictForm(definition, { ...at, path: name })]));
  const strict = withDefs(strictForm(root, at), forms);
  if (dialect.requiresAll && strict.type !== "object") {
    throw new ConfigurationError(
      `${dialect.name}'s strict mode needs an object at the root of a schema. Put this one into a field of an object.`,
    );
  }
  known[provider].set(schema, strict);
  return strict;
}

/**
 * Undoes in an answer what `strictSchema` did to optional fields: a null is dropped where the field is optional and its own
 * schema, in `original`, does not accept null. The answer itself is not changed.
 */
export function dropAddedNulls(value: unknown, original: JsonSchema): unknown {
  const resolve = (ref: string) => resolveRef(original, ref);
  const offers = new Map<JsonSchema, JsonSchema[]>();
  const offersOf = (schema: JsonSchema) => {
    const before = offers.get(schema);
    if (before) return before;
    const found = alternatives(schema, resolve);
    offers.set(schema, found);
    return found;
  };

  const clean = (inner: unknown, schema: unknown, depth: number): unknown => {
    if (typeof inner !== "object" || inner === null || !isPlainObject(schema) || depth > deepest) return inner;
    if (Array.isArray(inner)) {
      const { items, prefixItems } = offersOf(schema).find((offer) => offer.items || offer.prefixItems) ?? {};
      const prefix = Array.isArray(prefixItems) ? prefixItems : [];
      return inner.map((item, index) => clean(item, prefix[index] ?? items, depth + 1));
    }
    const variants = offersOf(schema).filter((offer) => isPlainObject(offer.properties));
    const offer = variants.length > 1 ? variants.find((variant) => fits(inner, variant)) : variants[0];
    if (!offer) return inner;
    const properties = offer.properties as Record<string, JsonSchema>;
    const required = new Set(Array.isArray(offer.required) ? offer.required : []);
    const added = ([key, field]: [string, unknown]) =>
      field === null &&
      !required.has(key) &&
      Object.hasOwn(properties, key) &&
      !acceptsNull(properties[key] as JsonSchema, resolve);
    const kept = Object.fromEntries(Object.entries(inner).filter((entry) => !added(entry)));
    return mapValues(kept, (field, key) =>
      Object.hasOwn(properties, key) ? clean(field, properties[key], depth + 1) : field,
    );
  };
  return clean(value, original, 0);
}

/** Levels; deeper answers keep their nulls, so that no answer can exhaust the stack. */
const deepest = 500;

/** Whether an object, by its keys and its constants, is of one variant of a choice. */
function fits(value: object, { properties, required }: JsonSchema): boolean {
  const fields = properties as Record<string, JsonSchema>;
  if (Array.isArray(required) && !required.every((key) => Object.hasOwn(value, key))) return false;
  return Object.entries(value).every(([key, field]) => {
    if (!Object.hasOwn(fields, key)) return false;
    const { const: only, enum: values } = fields[key] as JsonSchema;
    return (
      field === null || ((only === undefined || only === field) && (!Array.isArray(values) || values.includes(field)))
    );
  });
}
