import { ConfigurationError } from "../../errors.js";
import { isPlainObject } from "../../json.js";
import { alternatives } from "../../schema/all-of.js";
import { resolveRef } from "../../schema/refs.js";
import type { JsonSchema } from "../../schema/standard.js";
import { withConditions } from "./conditions.js";
import { exampleList } from "./list.js";
import type { Making } from "./making.js";
import { exampleNumber } from "./number.js";
import { exampleObject } from "./object.js";
import { pick, type Random } from "./random.js";
import { exampleText } from "./text.js";

// Deeper than this, whatever may be left out is left out, so that recursive schemas come to an end.
const roomyDepth = 3;
const deepest = 40;

/**
 * A value that probably fits a JSON Schema, the same for the same numbers. What keywords such as `not` and `maxContains`
 * say is not looked at.
 *
 * @throws ConfigurationError if no value is found.
 */
export function exampleOf(
  root: JsonSchema,
  random: Random,
  { optional = 0.75, anyType = false }: Partial<Pick<Making, "optional" | "anyType">> = {},
): unknown {
  const resolve = (ref: string) => resolveRef(root, ref);
  const making: Making = {
    random,
    optional,
    anyType,
    isRoomy: (depth) => depth <= roomyDepth,
    visit(schema, depth) {
      if (depth > deepest)
        throw new ConfigurationError("testModel() finds no end of a recursive schema. Give args or output.");
      if (!isPlainObject(schema)) return exampleText({}, random);
      const all = alternatives(withConditions(schema, random), resolve);
      if (all.length === 0) throw new ConfigurationError("testModel() was given a schema that no value fits.");
      const flat = depth > roomyDepth ? ([...all].sort((a, b) => weight(a) - weight(b))[0] ?? {}) : pick(random, all);
      // What was behind a reference has its conditions only now.
      if ("if" in flat || "dependentSchemas" in flat) return making.visit(flat, depth + 1);
      return exampleOfFlat(flat, depth, patternsIn(schema), making);
    },
  };
  return making.visit(root, 0);
}

function exampleOfFlat(flat: JsonSchema, depth: number, patterns: readonly string[], making: Making): unknown {
  const { random } = making;
  if ("const" in flat) return flat.const;
  if (Array.isArray(flat.enum)) return pick(random, flat.enum);
  const type = typeOf(flat, making);
  if (type === "object") return exampleObject(flat, depth, making);
  if (type === "array") return exampleList(flat, depth, making);
  if (type === "boolean") return random() < 0.5;
  if (type === "null") return null;
  return type === "string" ? exampleText(flat, random, patterns) : exampleNumber(flat, type === "integer", random);
}

/** An intersection may hold several, of which a single schema can name only one. */
function patternsIn({ pattern, allOf }: JsonSchema): string[] {
  const inside = Array.isArray(allOf) ? allOf.filter(isPlainObject).flatMap(patternsIn) : [];
  return typeof pattern === "string" ? [pattern, ...inside] : inside;
}

/** Keywords by the type of what they bound. */
const keywordsOf = {
  object:
    "properties required patternProperties additionalProperties propertyNames minProperties maxProperties dependentRequired".split(
      " ",
    ),
  array: "items prefixItems contains minItems maxItems uniqueItems".split(" "),
  string: "pattern format minLength maxLength".split(" "),
  number: "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf".split(" "),
};

function typeOf(schema: JsonSchema, { random, anyType }: Making): unknown {
  const { type } = schema;
  if (Array.isArray(type)) return pick(random, type);
  if (type !== undefined) return type;
  const bounded = Object.entries(keywordsOf).find(([, keywords]) => keywords.some((keyword) => keyword in schema));
  const any = anyType ? pick(random, ["number", "boolean", "null", "object", "array", "string"]) : "string";
  return bounded && (!anyType || random() < 0.5) ? bounded[0] : any;
}

/** What ends a recursion soonest comes first. */
function weight({ type, const: only, enum: values }: JsonSchema): number {
  if (only !== undefined || values !== undefined) return 0;
  return type === "object" ? 3 : type === "array" ? 2 : type === "null" ? 0 : 1;
}
