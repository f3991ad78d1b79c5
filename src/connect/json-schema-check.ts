import type { OutputUnit } from "@cfworker/json-schema";
import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import { checkSchema } from "../schema/check.js";
import { overlongForPatterns } from "../schema/patterns.js";
import type { JsonSchema } from "../schema/standard.js";
import { formatIssues } from "../schema/validate.js";
import { type Validate, validatorOf } from "../schema/validator.js";
import { keywordProblem } from "./json-schema-keywords.js";
import { nestingProblem, neverFails } from "./json-schema-reach.js";

/** Why something is not a JSON Schema that can check an answer; undefined if it is one. */
export function jsonSchemaProblem(schema: unknown): string | undefined {
  if (!isPlainObject(schema)) return "must be a JSON Schema, an object.";
  try {
    checkSchema(schema);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return `is not a JSON Schema that can be used: ${error.message.replace(/^A JSON schema cannot be read: /, "")}`;
  }
  const problem = keywordProblem(schema) ?? nestingProblem(schema);
  if (problem !== undefined) return problem;
  return neverFails(schema) ? "allows every value, so it would check nothing. Say what the answer must be." : undefined;
}

/** Whether items are unique is found by comparing each with each. */
const mostItems = 10_000;

const tooLong: OutputUnit = {
  keyword: "uniqueItems",
  keywordLocation: "#",
  instanceLocation: "#",
  error: `A list has more than ${mostItems} items, too many to compare each with each.`,
};

function holdsLongList(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return (Array.isArray(value) && value.length > mostItems) || Object.values(value).some(holdsLongList);
}

/** Prepared once for each schema, however many answers it checks. */
const validators = new WeakMap<JsonSchema, Promise<Validate>>();

/**
 * What is wrong with a value, such as `year: Instance type "string" is invalid. Expected "number".`; undefined if it fits.
 *
 * @param schema One for which `jsonSchemaProblem` found no problem.
 */
export async function misfit(schema: JsonSchema, value: unknown): Promise<string | undefined> {
  const overlong = overlongForPatterns(value, schema);
  if (overlong.length > 0) return formatIssues(overlong);
  const preparing = validators.get(schema) ?? prepare(schema);
  validators.set(schema, preparing);
  // A package that could not be loaded may be loaded the next time.
  const validate = await preparing.catch((error) => {
    validators.delete(schema);
    throw error;
  });
  const errors = validate(value);
  return errors.length === 0 ? undefined : described(errors);
}

async function prepare({ $id: _, ...schema }: JsonSchema): Promise<Validate> {
  const validate = await validatorOf(schema, "2019-09");
  const compares = JSON.stringify(schema).includes('"uniqueItems":true');
  return (value) => (compares && holdsLongList(value) ? [tooLong] : validate(value));
}

/** Says only that something further inside does not fit. */
const outer = new Set(
  "properties patternProperties additionalProperties unevaluatedProperties propertyNames dependentSchemas dependencies items prefixItems additionalItems unevaluatedItems allOf $ref if".split(
    " ",
  ),
);
const mostErrors = 3;

function described(errors: readonly OutputUnit[]): string {
  const inner = errors.filter(({ keyword }) => !outer.has(keyword));
  return (inner.length > 0 ? inner : errors)
    .slice(0, mostErrors)
    .map(({ instanceLocation, error }) => {
      const place = placeOf(instanceLocation);
      return place ? `${place}: ${error}` : error;
    })
    .join(" ");
}

/** `#/books/0/year` as `books.0.year` */
function placeOf(location: string): string {
  return location
    .split("/")
    .slice(1)
    .map((step) => decodeURI(step).replaceAll("%23", "#").replaceAll("~1", "/").replaceAll("~0", "~"))
    .join(".");
}
