import { isPlainObject } from "../json.js";
import { listOf, type Resolve } from "./all-of.js";
import { type Budget, maxNesting, spend, tooDeep } from "./budget.js";
import type { JsonSchema } from "./standard.js";

/**
 * Whether null fits a schema. What is found of a schema is kept in `known`.
 *
 * @throws ConfigurationError if the budget is exhausted.
 */
export function acceptsNull(
  schema: JsonSchema,
  resolve: Resolve,
  budget: Budget = { steps: 0 },
  known: Map<JsonSchema, boolean> = new Map(),
): boolean {
  return isNullHere(schema) && search(schema, { resolve, budget, known }, new Set(), 0);
}

interface Walk {
  readonly resolve: Resolve;
  readonly budget: Budget;
  readonly known: Map<JsonSchema, boolean>;
}

/**
 * Goes through all that the schema offers, each once, until something takes null. What has to hold beside an offer is
 * searched by itself.
 *
 * @param open The schemas that are being searched; one that contains itself offers nothing new.
 */
function search(schema: JsonSchema, walk: Walk, open: ReadonlySet<JsonSchema>, depth: number): boolean {
  const { resolve, budget, known } = walk;
  spend(budget, open.size / 10);
  if (depth > maxNesting) throw tooDeep();
  const seen = new Set(open);
  const left = [schema];
  for (let next = left.pop(); next; next = left.pop()) {
    spend(budget);
    if (seen.has(next)) continue;
    seen.add(next);
    const before = known.get(next);
    if (before) return found(schema, known, true);
    if (before === false || !isNullHere(next)) continue;
    const { $ref, allOf, anyOf, oneOf } = next;
    const choice = anyOf ?? oneOf;
    const parts = Array.isArray(allOf) ? allOf.filter(isPlainObject) : [];
    if (typeof $ref === "string") parts.push(resolve($ref));
    const [only] = parts;
    if (only && parts.length === 1 && !choice) left.push(only);
    else if (parts.every((part) => search(part, walk, seen, depth + 1))) {
      if (!Array.isArray(choice)) return found(schema, known, true);
      for (const variant of choice) if (isPlainObject(variant)) left.push(variant);
    }
  }
  // Inside another search, what that one has seen was left out here.
  return open.size === 0 && found(schema, known, false);
}

function found(schema: JsonSchema, known: Map<JsonSchema, boolean>, answer: boolean): boolean {
  known.set(schema, answer);
  return answer;
}

/** Whether null fits what a schema itself says, without what it refers to. */
function isNullHere({ type, enum: values, const: only, not }: JsonSchema): boolean {
  if (type !== undefined && !listOf(type).includes("null")) return false;
  if (only !== undefined && only !== null) return false;
  if (isPlainObject(not) && Object.keys(not).length === 0) return false;
  return !Array.isArray(values) || values.includes(null);
}
