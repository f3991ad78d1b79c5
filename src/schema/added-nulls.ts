import { isPlainObject } from "../json.js";
import { acceptsNull } from "./accepts-null.js";
import { alternatives } from "./all-of.js";
import { resolveRef } from "./refs.js";
import type { JsonSchema } from "./standard.js";
import { mapValues } from "./walk.js";

/** Levels; deeper answers keep their nulls, so that no answer can exhaust the stack. */
const deepest = 500;

/**
 * Undoes in an answer what `strictSchema` did to optional fields: a null is dropped where the field is optional and its own
 * schema, in `original`, does not accept null. The answer itself is not changed. Where the schema is too intricate to tell, the
 * nulls stay.
 */
export function dropAddedNulls(value: unknown, original: JsonSchema): unknown {
  const { offersOf, takesNull } = readerOf(original);

  const clean = (inner: unknown, schema: unknown, depth: number): unknown => {
    if (typeof inner !== "object" || inner === null || !isPlainObject(schema) || depth > deepest) return inner;
    if (Array.isArray(inner)) {
      const { items, prefixItems } = offersOf(schema).find((offer) => offer.items || offer.prefixItems) ?? {};
      const prefix = Array.isArray(prefixItems) ? prefixItems : [];
      return inner.map((item, index) => clean(item, prefix[index] ?? items, depth + 1));
    }
    const variants = offersOf(schema).filter(
      (offer) => isPlainObject(offer.properties) || isPlainObject(offer.additionalProperties),
    );
    const offer = variants.length > 1 ? variants.find((variant) => fits(inner, variant)) : variants[0];
    if (!offer) return inner;
    const properties = (offer.properties ?? {}) as Record<string, JsonSchema>;
    const required = new Set(Array.isArray(offer.required) ? offer.required : []);
    const added = ([key, field]: [string, unknown]) =>
      field === null &&
      !required.has(key) &&
      Object.hasOwn(properties, key) &&
      !takesNull(properties[key] as JsonSchema);
    const kept = Object.fromEntries(Object.entries(inner).filter((entry) => !added(entry)));
    return mapValues(kept, (field, key) =>
      clean(field, Object.hasOwn(properties, key) ? properties[key] : offer.additionalProperties, depth + 1),
    );
  };
  return clean(value, original, 0);
}

interface Reader {
  offersOf(schema: JsonSchema): readonly JsonSchema[];
  takesNull(schema: JsonSchema): boolean;
}

const readers = new WeakMap<JsonSchema, Reader>();

/** What a schema offers, found once for all answers. */
function readerOf(root: JsonSchema): Reader {
  const known = readers.get(root);
  if (known) return known;
  const resolve = (ref: string) => resolveRef(root, ref);
  const offers = new Map<JsonSchema, readonly JsonSchema[]>();
  const nullable = new Map<JsonSchema, boolean>();
  const budget = { steps: 0 };
  const reader: Reader = {
    offersOf(schema) {
      const before = offers.get(schema);
      if (before) return before;
      const found = attempt<readonly JsonSchema[]>(() => alternatives(schema, resolve, budget), []);
      offers.set(schema, found);
      return found;
    },
    takesNull: (schema) => attempt(() => acceptsNull(schema, resolve, budget, nullable), true),
  };
  readers.set(root, reader);
  return reader;
}

/** Schemas that were never strict may have intersections that cannot be said in one, or multiply. */
function attempt<T>(find: () => T, otherwise: T): T {
  try {
    return find();
  } catch {
    return otherwise;
  }
}

/** Whether an object, by its keys and its constants, is of one variant of a choice. */
function fits(value: object, { properties = {}, required, additionalProperties }: JsonSchema): boolean {
  const fields = properties as Record<string, JsonSchema>;
  if (Array.isArray(required) && !required.every((key) => Object.hasOwn(value, key))) return false;
  return Object.entries(value).every(([key, field]) => {
    if (!Object.hasOwn(fields, key)) return isPlainObject(additionalProperties);
    const { const: only, enum: values } = fields[key] as JsonSchema;
    return (
      field === null || ((only === undefined || only === field) && (!Array.isArray(values) || values.includes(field)))
    );
  });
}
