import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import { alternatives, differentOnes } from "./all-of.js";
import { type Budget, spend } from "./budget.js";
import { resolveRef } from "./refs.js";
import type { JsonSchema } from "./standard.js";

/**
 * What no root of a tool's schema may have. OpenAI: https://github.com/langchain-ai/langchainjs/issues/9804; Anthropic:
 * https://github.com/anthropics/claude-code/issues/27337
 */
const refusedAtRoot = ["anyOf", "oneOf", "allOf", "enum", "const", "not", "$ref"];

/** Whether a schema is of one object, as providers want it for the arguments of a tool and for an answer. */
export function isObjectRoot(schema: JsonSchema): boolean {
  return schema.type === "object" && !refusedAtRoot.some((keyword) => schema[keyword] !== undefined);
}

const known = new WeakMap<JsonSchema, JsonSchema>();

/**
 * The schema as one of a single object: an intersection of objects is merged, and of a choice of objects the members are put
 * together, so that those which all choices require stay required and the rest becomes optional. The schema may then take
 * more than before; what is given has to be validated by the original. Undefined if it takes something else than objects.
 */
export function toObjectRoot(schema: JsonSchema): JsonSchema | undefined {
  if (isObjectRoot(schema) && schema.properties !== undefined) return schema;
  const before = known.get(schema);
  if (before) return before;
  const made = mergeRoot(schema);
  if (made) known.set(schema, made);
  return made;
}

function mergeRoot(schema: JsonSchema): JsonSchema | undefined {
  const { not: _, $defs, definitions, ...root } = schema;
  const budget: Budget = { steps: 0 };
  try {
    const variants = alternatives(root, (ref) => resolveRef(schema, ref), budget);
    if (variants.length === 0 || !variants.every(isOfObjects)) return undefined;
    return {
      // OpenAI refuses an object without: https://github.com/github/github-mcp-server/issues/1548
      properties: {},
      ...mergeVariants(variants, schema.description, budget),
      ...($defs !== undefined && { $defs }),
      ...(definitions !== undefined && { definitions }),
    };
  } catch (error) {
    // Parts that cannot be said in one schema, or too many of them.
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  }
}

function isOfObjects({ type, properties, enum: values, const: only }: JsonSchema): boolean {
  return (type === "object" || (type === undefined && isPlainObject(properties))) && !values && only === undefined;
}

function mergeVariants(variants: readonly JsonSchema[], description: unknown, budget: Budget): JsonSchema {
  const [only = {}] = variants;
  if (variants.length === 1) return { ...withoutNot(only), type: "object" };
  const byName = new Map<string, unknown[]>();
  for (const { properties } of variants) {
    for (const [name, property] of Object.entries(isPlainObject(properties) ? properties : {})) {
      spend(budget);
      const before = byName.get(name);
      if (before) before.push(property);
      else byName.set(name, [property]);
    }
  }
  const required = variants.map((variant) => new Set(requiredOf(variant)));
  const closed = variants.every(({ additionalProperties }) => additionalProperties === false);
  const words = [description, describe(variants)].filter(Boolean).join(" ");
  return {
    type: "object",
    ...(words && { description: words }),
    properties: Object.fromEntries([...byName].map(([name, schemas]) => [name, eitherOf(schemas, budget)])),
    required: requiredOf(only).filter((name) => required.every((names) => names.has(name))),
    ...(closed && { additionalProperties: false }),
  };
}

function withoutNot({ not: _, ...schema }: JsonSchema): JsonSchema {
  return schema;
}

function requiredOf({ required }: JsonSchema): string[] {
  return Array.isArray(required) ? required : [];
}

/** Constants of a discriminator become one enum. */
function eitherOf(schemas: readonly unknown[], budget: Budget): unknown {
  const different = differentOnes(schemas, budget);
  if (different.length === 1) return different[0];
  const values = different.map(valuesOf);
  if (!values.every((each) => each !== undefined)) return { anyOf: different };
  const [first] = different as [JsonSchema];
  const types = new Set(different.map((each) => (each as JsonSchema).type));
  return {
    ...(types.size === 1 && first.type !== undefined && { type: first.type }),
    ...(first.description !== undefined && { description: first.description }),
    enum: [...new Set(values.flat())],
  };
}

const fewKeywords = new Set(["const", "enum", "type", "description", "title"]);

/** The values of a schema that says nothing but which values it takes. */
function valuesOf(schema: unknown): readonly unknown[] | undefined {
  if (!isPlainObject(schema) || !Object.keys(schema).every((keyword) => fewKeywords.has(keyword))) return undefined;
  if (Array.isArray(schema.enum)) return schema.enum;
  return schema.const === undefined ? undefined : [schema.const];
}

const longestDescription = 1000;

/** Which members belong together, for the model: `Give one of: {kind: "a", name} or {kind: "b", id?}.` */
function describe(variants: readonly JsonSchema[]): string | undefined {
  const all = variants.map((variant) => {
    const required = new Set(requiredOf(variant));
    const members = Object.entries(isPlainObject(variant.properties) ? variant.properties : {}).map(
      ([name, property]) => {
        const [value] = valuesOf(property) ?? [];
        const isConstant = isPlainObject(property) && property.const !== undefined;
        return `${name}${required.has(name) ? "" : "?"}${isConstant ? `: ${JSON.stringify(value)}` : ""}`;
      },
    );
    return `{${members.join(", ")}}`;
  });
  const text = `Give one of: ${[...new Set(all)].join(" or ")}.`;
  return text.length > longestDescription ? undefined : text;
}
