import { isPlainObject } from "../../json.js";
import type { JsonSchema } from "../../schema/standard.js";
import { pick, type Random } from "./random.js";

/**
 * A schema in which one outcome of each condition is chosen: of `if`, `then` and `else`, and of `dependentSchemas`. `not`
 * is left out, since no value can be made from it: the caller looks whether it is obeyed.
 */
export function withConditions(schema: JsonSchema, random: Random): JsonSchema {
  const { if: condition, then: yes, else: no, not: _, dependentSchemas, allOf, ...rest } = schema;
  const parts = (Array.isArray(allOf) ? allOf : []).map((part) =>
    isPlainObject(part) ? withConditions(part, random) : part,
  );
  const add = (part: unknown) => {
    if (isPlainObject(part)) parts.push(withConditions(part, random));
    else if (part === false) parts.push({ enum: [] });
  };
  if (condition !== undefined) {
    const holds = condition !== false && pick(random, [true, false]);
    for (const part of holds ? [condition, yes] : [no]) add(part);
  }
  // What depends on a member may be said at any time, unless it contradicts.
  if (isPlainObject(dependentSchemas) && random() < 0.75) for (const part of Object.values(dependentSchemas)) add(part);
  return parts.length > 0 ? { ...rest, allOf: parts } : rest;
}
