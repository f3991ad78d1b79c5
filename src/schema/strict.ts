import { ConfigurationError } from "../errors.js";
import { dialects } from "./dialect.js";
import { type Defs, hoistRefs, inlineRoot, isRecursive, resolveRef, withDefs } from "./refs.js";
import type { JsonSchema } from "./standard.js";
import { type StrictWalk, strictForm } from "./strict-form.js";
import { excess, measure, type StrictSize } from "./strict-limits.js";

/** The providers that hold a model to a schema; OpenAI's rules are those of all that speak its wire. */
export type StrictProvider = "openai" | "anthropic";

interface Strict {
  readonly schema: JsonSchema;
  readonly size: StrictSize;
}

/** What came of a schema: its strict form, or the error. */
const known = {
  openai: new WeakMap<JsonSchema, Strict | ConfigurationError>(),
  anthropic: new WeakMap<JsonSchema, Strict | ConfigurationError>(),
};

/**
 * A JSON Schema as the provider's strict mode takes it: closed objects, for OpenAI with every key required and optional ones
 * nullable; what the mode refuses stands in the description. Made once for each schema and shared: do not change it.
 *
 * @throws ConfigurationError that names the field which cannot be strict (records, schemas that accept anything, recursion on
 * Anthropic), or the provider's limit that is exceeded.
 */
export function strictSchema(schema: JsonSchema, provider: StrictProvider): JsonSchema {
  return strict(schema, provider).schema;
}

/** What the provider counts of the strict form. @throws As `strictSchema`. */
export function strictSize(schema: JsonSchema, provider: StrictProvider): StrictSize {
  return strict(schema, provider).size;
}

/** Whether `strictSchema` takes the schema. */
export function isStrict(schema: JsonSchema, provider: StrictProvider): boolean {
  try {
    strict(schema, provider);
    return true;
  } catch {
    return false;
  }
}

function strict(schema: JsonSchema, provider: StrictProvider): Strict {
  const before = known[provider].get(schema);
  if (before instanceof ConfigurationError) throw before;
  if (before) return before;
  try {
    const made = makeStrict(schema, provider);
    known[provider].set(schema, made);
    return made;
  } catch (error) {
    if (error instanceof ConfigurationError) known[provider].set(schema, error);
    throw error;
  }
}

/** @param walk Counts the steps. */
export function makeStrict(
  schema: JsonSchema,
  provider: StrictProvider,
  walk: StrictWalk = { steps: 0, depth: 0, nullable: new Map() },
): Strict {
  const dialect = dialects[provider];
  const defs: Defs = new Map();
  const { $defs: _, ...root } = inlineRoot(withDefs(hoistRefs(schema, defs), defs));
  const whole = withDefs(root, defs);
  if (!dialect.recursion && isRecursive(whole, defs)) {
    throw new ConfigurationError(
      `A schema contains itself, which ${dialect.name}'s strict mode refuses. Do without strict, or nest to a fixed depth.`,
    );
  }
  const resolve = (ref: string) => resolveRef(whole, ref);
  const at = { path: "", dialect, resolve, inlined: new Set<string>(), walk };
  const forms = new Map([...defs].map(([name, definition]) => [name, strictForm(definition, { ...at, path: name })]));
  const form = withDefs(strictForm(root, at), forms);
  if (dialect.requiresAll && form.type !== "object") {
    throw new ConfigurationError(
      `${dialect.name}'s strict mode needs an object at the root of a schema. Put this one into a field of an object.`,
    );
  }
  const size = measure(form);
  const problem = excess(size, dialect.limits, `${dialect.name}'s strict mode`);
  if (problem) throw new ConfigurationError(`The schema has ${problem}. Ask for less, or do without strict.`);
  return { schema: form, size };
}
