import { type Json, listOf, type Problem } from "./problem.js";
import { isOfType, type PlacedSchema, pathOf, schemasIn } from "./schema-walk.js";

/** Where a schema stands in a request: its words, its `param` and its code. */
export interface SchemaPlace {
  /** "function 'weather'" or "response_format 'Book'". */
  readonly name: string;
  readonly param: string;
}

/** Source of the words and the code: https://github.com/chatanywhere/GPT_API_free/issues/403, https://github.com/vercel/ai/issues/6484 */
function invalid({ name, param }: SchemaPlace, what: string): Problem {
  return {
    message: `Invalid schema for ${name}: ${what}`,
    param,
    ...(name.startsWith("function") && { code: "invalid_function_parameters" }),
  };
}

/** The root of all schemas, strict or not. Source: https://github.com/chatanywhere/GPT_API_free/issues/403 */
export function rootProblem(schema: Json, place: SchemaPlace): Problem | undefined {
  if (schema.type !== "object") {
    const got = JSON.stringify(schema.type ?? "None").replaceAll('"', "");
    return invalid(place, `schema must be a JSON Schema of 'type: "object"', got 'type: "${got}"'.`);
  }
  return ["oneOf", "anyOf", "allOf", "enum", "not"].some((keyword) => Object.hasOwn(schema, keyword))
    ? invalid(
        place,
        "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level.",
      )
    : undefined;
}

/**
 * What strict mode takes.
 * Source: https://developers.openai.com/api/docs/guides/structured-outputs, "Supported schemas".
 */
export function strictProblem(root: Json, place: SchemaPlace): Problem | undefined {
  const total = { properties: 0, enumValues: 0, depth: 0, characters: 0 };
  for (const placed of schemasIn(root)) {
    const problem = unsupported(placed, place);
    if (problem) return problem;
    const { schema, depth } = placed;
    const names = Object.keys(schema.properties ?? {});
    const values = [...listOf(schema.enum), ...(schema.const === undefined ? [] : [schema.const])];
    total.properties += names.length;
    total.enumValues += listOf(schema.enum).length;
    total.depth = Math.max(total.depth, depth);
    for (const text of [...names, ...Object.keys(schema.$defs ?? {}), ...values])
      total.characters += String(text).length;
  }
  return limitProblem(total, place);
}

/** Keywords of JSON Schema that are no part of the subset. Source: https://zenn.dev/nicopin/scraps/a8d8f53f5faebb for the words */
const unknownKeywords = [
  "allOf",
  "oneOf",
  "not",
  "if",
  "then",
  "else",
  "dependentRequired",
  "dependentSchemas",
  "patternProperties",
  "propertyNames",
  "unevaluatedProperties",
  "unevaluatedItems",
  "minProperties",
  "maxProperties",
  "contains",
  "minContains",
  "maxContains",
  "uniqueItems",
  "prefixItems",
  "default",
];

function unsupported({ schema, steps }: PlacedSchema, place: SchemaPlace): Problem | undefined {
  const wrong = (what: string) => invalid(place, `In context=${contextOf(pathOf(steps))}, ${what}`);
  const keyword = unknownKeywords.find((name) => Object.hasOwn(schema, name));
  if (keyword) return wrong(`'${keyword}' is not permitted.`);
  if (!schema.type && !schema.$ref && !schema.anyOf) return wrong("schema must have a 'type' key.");
  if (isOfType(schema, "array") && !schema.items) return wrong("array schema missing items.");
  if (!isOfType(schema, "object")) return undefined;
  if (schema.additionalProperties !== false)
    return wrong("'additionalProperties' is required to be supplied and to be false.");
  const missing = Object.keys(schema.properties ?? {}).find((name) => !listOf(schema.required).includes(name));
  if (missing === undefined) return undefined;
  return wrong(
    `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`,
  );
}

/** A tuple of Python: `()`, `('properties',)`, `('properties', 'tags', 'items')`. */
function contextOf(path: readonly string[]): string {
  return `(${path.map((step) => `'${step}'`).join(", ")}${path.length === 1 ? "," : ""})`;
}

/** Sources of the words: https://github.com/tidyverse/ellmer/issues/671, https://github.com/openai/openai-node/issues/1176 */
function limitProblem(
  total: { readonly [Name in "properties" | "enumValues" | "depth" | "characters"]: number },
  place: SchemaPlace,
): Problem | undefined {
  if (total.depth > 10) return invalid(place, `${total.depth} levels of nesting exceeds limit of 10.`);
  if (total.properties > 5000) return invalid(place, `${total.properties} parameters exceed the limit of 5000.`);
  if (total.enumValues > 1000) {
    return invalid(
      place,
      `Expected at most 1000 enum values in total within a schema when using structured outputs, but found ${total.enumValues}.`,
    );
  }
  if (total.characters > 120_000) {
    return invalid(
      place,
      `Expected at most 120000 characters in all names and enum values of a schema, but found ${total.characters}.`,
    );
  }
  return undefined;
}
