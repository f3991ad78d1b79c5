import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import { acceptsNull } from "./accepts-null.js";
import { flatten, type Resolve } from "./all-of.js";
import { type Budget, maxNesting, spend, tooDeep } from "./budget.js";
import { type Dialect, withKeywords } from "./dialect.js";
import { shortened } from "./problem.js";
import type { JsonSchema } from "./standard.js";
import { isNever, mapValues } from "./walk.js";

/** Where a schema stands (`address.tags[]`, empty at the root), and what is needed to rewrite it. */
export interface Place {
  readonly path: string;
  readonly dialect: Dialect;
  readonly resolve: Resolve;
  /** References on the way here that were written out, because something stood beside them. */
  readonly inlined: ReadonlySet<string>;
  readonly walk: StrictWalk;
}

/** What all places of one walk share. It is of no use any more once something was thrown. */
export interface StrictWalk extends Budget {
  /** How many schemas stand inside each other at the moment. */
  depth: number;
  /** Whether a schema takes null, as far as that was found out. */
  readonly nullable: Map<JsonSchema, boolean>;
}

/** Rewrites one schema, and all that it holds, for a provider's strict mode. */
export function strictForm(schema: unknown, at: Place): JsonSchema {
  spend(at.walk);
  if (at.walk.depth++ > maxNesting) throw tooDeep();
  const form = formOf(schema, at);
  at.walk.depth--;
  return form;
}

function formOf(schema: unknown, at: Place): JsonSchema {
  if (!isPlainObject(schema)) return refuse(at, "accepts anything, and strict mode needs a type");
  const { $ref, allOf, ...beside } = schema;
  const only = Array.isArray(allOf) && allOf.length === 1 && !$ref && !constrains(beside) ? allOf[0] : undefined;
  if (isPlainObject(only)) return strictForm({ ...only, ...beside }, at);
  if (allOf || ($ref && constrains(beside))) return writtenOut(schema, at);
  if ($ref) {
    const words = withKeywords({}, beside, at.dialect);
    // Nothing may stand beside a reference.
    return Object.keys(words).length === 0 ? { $ref } : { anyOf: [{ $ref }], ...words };
  }
  const choice = schema.anyOf ?? schema.oneOf;
  return Array.isArray(choice) ? oneOfForms(choice, schema, at) : singleForm(schema, at);
}

function writtenOut(schema: JsonSchema, at: Place): JsonSchema {
  const passed = new Set<string>();
  const flat = flatten(schema, at.resolve, at.walk, passed);
  if ([...passed].some((ref) => at.inlined.has(ref))) return refuse(at, "is an intersection that contains itself");
  spend(at.walk, (passed.size + at.inlined.size) / 10);
  return strictForm(flat, { ...at, inlined: new Set([...at.inlined, ...passed]) });
}

const annotations = new Set(
  "title description default examples deprecated readOnly writeOnly $comment $id $schema".split(" "),
);

function constrains(schema: JsonSchema): boolean {
  return Object.keys(schema).some((keyword) => !annotations.has(keyword));
}

function oneOfForms(choice: readonly unknown[], { anyOf: _, oneOf: __, ...rest }: JsonSchema, at: Place): JsonSchema {
  const words: Record<string, unknown> = {};
  const constraints: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(rest))
    (annotations.has(keyword) ? words : constraints)[keyword] = value;
  const shared = Object.keys(constraints).length > 0;
  const variants = choice.filter((variant) => !isNever(variant));
  const forms = variants.map((variant) => strictForm(shared ? { ...constraints, allOf: [variant] } : variant, at));
  return withKeywords({ anyOf: forms }, words, at.dialect);
}

function singleForm(schema: JsonSchema, at: Place): JsonSchema {
  const type = schema.type ?? typeOf(schema);
  if (type === undefined) return refuse(at, "accepts anything, and strict mode needs a type");
  const form: Record<string, unknown> = { type };
  if ("enum" in schema) form.enum = schema.enum;
  if ("const" in schema) form.const = schema.const;
  const types = Array.isArray(type) ? type : [type];
  if (types.includes("object")) Object.assign(form, objectForm(schema, at));
  if (!types.includes("array")) return withKeywords(form, schema, at.dialect);

  const { list, order } = withoutTuple(schema);
  const items = strictForm(list.items, { ...at, path: `${at.path}[]` });
  return withKeywords({ ...form, items }, list, at.dialect, order);
}

function typeOf({ enum: values, const: only, properties, items, prefixItems }: JsonSchema): unknown {
  if (properties) return "object";
  if (items || prefixItems) return "array";
  const samples = Array.isArray(values) ? values : only === undefined ? [] : [only];
  const types = [...new Set(samples.map((value) => (value === null ? "null" : typeof value)))];
  return types.length > 1 ? types : types[0];
}

function objectForm(schema: JsonSchema, at: Place): JsonSchema {
  const { additionalProperties: extra, patternProperties } = schema;
  const properties = isPlainObject(schema.properties) ? schema.properties : {};
  const names = Object.keys(properties);
  const typed = isPlainObject(extra) && Object.keys(extra).length > 0;
  if (
    typed ||
    patternProperties ||
    (names.length === 0 && extra !== false && (extra !== undefined || !schema.properties))
  ) {
    return refuse(
      at,
      "is a record, and strict mode must know every key. A list of { key, value } objects can be strict",
    );
  }
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const forms = mapValues(properties, (property, name) => {
    const form = strictForm(property, { ...at, path: at.path ? `${at.path}.${name}` : name });
    const stays = required.has(name) || !at.dialect.requiresAll || takesNull(property, at);
    return stays ? form : orNull(form);
  });
  return {
    properties: forms,
    required: at.dialect.requiresAll ? names : names.filter((name) => required.has(name)),
    additionalProperties: false,
  };
}

function takesNull(schema: unknown, { resolve, walk }: Place): boolean {
  return isPlainObject(schema) && acceptsNull(schema, resolve, walk, walk.nullable);
}

/** Strict modes have no tuples: a list whose items may be of any of its types, with the order in words. */
function withoutTuple(schema: JsonSchema): { readonly list: JsonSchema; readonly order?: string } {
  const { prefixItems, items: rest, ...others } = schema;
  const prefix = prefixItems ?? (Array.isArray(rest) ? rest : undefined);
  if (!Array.isArray(prefix)) return { list: schema };
  const members = isPlainObject(rest) ? [...prefix, rest] : prefix;
  const different = [...new Map(members.map((member) => [JSON.stringify(member), member])).values()];
  const closed = !isPlainObject(rest) && rest !== true;
  return {
    list: {
      ...(closed && { maxItems: prefix.length }),
      ...others,
      items: different.length === 1 ? different[0] : { anyOf: different },
    },
    order: `in this order: ${prefix.map((member) => member?.description ?? member?.type ?? "value").join(", ")}`,
  };
}

function orNull(form: JsonSchema): JsonSchema {
  const { description, ...rest } = form;
  const words = description === undefined ? {} : { description };
  if (Array.isArray(rest.anyOf)) return { ...rest, anyOf: [...rest.anyOf, { type: "null" }], ...words };
  const types = Array.isArray(rest.type) ? rest.type : [rest.type];
  if ("const" in rest || types.includes("object") || types.includes("array") || rest.$ref) {
    return { anyOf: [rest, { type: "null" }], ...words };
  }
  return {
    ...rest,
    type: [...new Set([...types, "null"])],
    ...(Array.isArray(rest.enum) && { enum: [...new Set([...rest.enum, null])] }),
    ...words,
  };
}

function refuse({ path, dialect }: Place, why: string): never {
  throw new ConfigurationError(
    `${path ? `The field ${shortened(path)}` : "The schema"} ${why}. Change it, or do without strict: ${dialect.name} would refuse it.`,
  );
}
