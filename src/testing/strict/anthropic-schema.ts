import { at } from "./anthropic-words.js";
import { firstOf, type Json, listOf, objectsOf, type Problem } from "./problem.js";
import { isOfType, isRecursive, schemasIn } from "./schema-walk.js";

/*
 * Source of all: https://platform.claude.com/docs/en/build-with-claude/structured-outputs, "JSON Schema limitations" and
 * "Schema complexity limits".
 */

/** Source of the words and the limits: https://github.com/elie222/inbox-zero/issues/2323, https://github.com/elizaOS/eliza/issues/16499 */
export function strictSchemas({ body }: { body: Json }): Problem | undefined {
  const strict = objectsOf(body.tools).flatMap(({ strict, input_schema: schema }, index) =>
    strict === true && schema ? [{ place: `tools.${index}.custom`, schema }] : [],
  );
  if (strict.length > 20)
    return at("", `Too many strict tools (${strict.length}). The maximum number of strict tools supported is 20.`);
  const format = body.output_config?.format?.schema;
  const all = format ? [...strict, { place: "output_config.format.schema", schema: format }] : strict;
  return firstOf(all, ({ place, schema }) => unsupported(place, schema)) ?? tooComplex(all.map(({ schema }) => schema));
}

/** Source of the words: https://github.com/veryfront/veryfront-code/pull/3921 and https://github.com/BerriAI/litellm/issues/35808 */
function unsupported(place: string, root: Json): Problem | undefined {
  if (isRecursive(root)) return at(place, "Recursive schemas are not supported.");
  return firstOf(schemasIn(root), ({ schema }) => {
    const { additionalProperties: extra } = schema;
    if (isOfType(schema, "object") && extra !== false) {
      return at(
        place,
        extra === undefined
          ? "For 'object' type, 'additionalProperties' must be explicitly set to false"
          : `For 'object' type, 'additionalProperties: ${extra === true ? "true" : "object"}' is not supported. Please set 'additionalProperties' to false`,
      );
    }
    return (
      firstOf(bounds, ([type, keywords]) => {
        const found = keywords.filter((keyword) => isOfType(schema, type) && Object.hasOwn(schema, keyword));
        if (found.length === 0) return undefined;
        return at(
          place,
          found.length === 1
            ? `For '${type}' type, property '${found[0]}' is not supported`
            : `For '${type}' type, properties ${found.join(", ")} are not supported`,
        );
      }) ??
      (schema.minItems > 1
        ? at(place, "For 'array' type, 'minItems' values other than 0 or 1 are not supported")
        : undefined)
    );
  });
}

const numeric = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
const bounds: readonly (readonly [type: string, keywords: readonly string[]])[] = [
  ["integer", numeric],
  ["number", numeric],
  ["string", ["minLength", "maxLength"]],
  ["array", ["maxItems", "uniqueItems"]],
];

function tooComplex(schemas: readonly Json[]): Problem | undefined {
  let optional = 0;
  let unions = 0;
  for (const { schema } of schemas.flatMap((root) => [...schemasIn(root)])) {
    const names = Object.keys(schema.properties ?? {});
    optional += names.filter((name) => !listOf(schema.required).includes(name)).length;
    if (Array.isArray(schema.type) || schema.anyOf) unions++;
  }
  if (optional > 24) {
    return at(
      "",
      `Schemas contains too many optional parameters (${optional}), which would make grammar compilation inefficient. Reduce the number of optional parameters in your tool schemas (limit: 24).`,
    );
  }
  if (unions > 16) {
    return at(
      "",
      `Schemas contains too many parameters with union types (${unions} parameters with type arrays or anyOf). This causes exponential compilation cost. Reduce the number of nullable or union-typed parameters (limit: 16 parameters with unions).`,
    );
  }
  return undefined;
}
