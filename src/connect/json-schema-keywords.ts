import { isPlainObject } from "../json.js";
import { nearest } from "../nearest.js";
import { isPattern } from "../schema/patterns.js";
import type { JsonSchema } from "../schema/standard.js";
import { isDraft4 } from "../schema/validator.js";
import { forEachSubschema, holders } from "../schema/walk.js";

/** The formats that are checked; a test compares them with those of the validator. */
export const knownFormats: readonly string[] =
  "date time date-time duration uri uri-reference uri-template url email hostname ipv4 ipv6 regex uuid json-pointer json-pointer-uri-fragment relative-json-pointer".split(
    " ",
  );

/** Keywords that describe and check nothing. */
export const annotations: ReadonlySet<string> = new Set(
  "$schema $comment title description default examples readOnly writeOnly deprecated contentEncoding contentMediaType".split(
    " ",
  ),
);

type Rule = readonly [isValid: (given: unknown, hasFlags: boolean) => boolean, what: string];

const count: Rule = [isCount, "a whole number, at least 0"];
const number: Rule = [Number.isFinite, "a number"];
const bound: Rule = [(given, hasFlags) => (hasFlags ? typeof given === "boolean" : Number.isFinite(given)), "a number"];
const names: Rule = [
  (given) => isPlainObject(given) && Object.values(given).every(isTexts),
  "an object of lists of names",
];

/** What `checkSchema` does not look at, since providers are sent it as it is. */
const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["type", [() => true, ""]],
  ["enum", [(given) => Array.isArray(given) && given.length > 0, "a list that is not empty"]],
  ["const", [() => true, ""]],
  ["required", [isTexts, "a list of names"]],
  ["$ref", [() => true, ""]],
  ["minLength", count],
  ["maxLength", count],
  ["minItems", count],
  ["maxItems", count],
  ["minProperties", count],
  ["maxProperties", count],
  ["minContains", count],
  ["maxContains", count],
  ["minimum", number],
  ["maximum", number],
  ["exclusiveMinimum", bound],
  ["exclusiveMaximum", bound],
  ["multipleOf", [(given) => Number.isFinite(given) && (given as number) > 0, "a number above 0"]],
  ["uniqueItems", [(given) => typeof given === "boolean", "true or false"]],
  ["dependentRequired", names],
  ["pattern", [isPattern, "a regular expression (with the flag u)"]],
  ["format", [(given) => knownFormats.includes(given as string), `one of ${knownFormats.join(", ")}`]],
]);

const known = [...rules.keys(), ...holders.keys(), ...annotations];

/** The first keyword in a schema that is not checked here, or has a value that makes no sense. */
export function keywordProblem(root: JsonSchema): string | undefined {
  const hasFlags = isDraft4(root);
  const open: JsonSchema[] = [root];
  for (let schema = open.pop(); schema; schema = open.pop()) {
    for (const [keyword, given] of Object.entries(schema)) {
      // The whole may have a name; one inside would give references another meaning.
      if (given === undefined || (keyword === "$id" && schema === root)) continue;
      const problem = problemOf(keyword, given, hasFlags);
      if (problem !== undefined) return problem;
    }
    forEachSubschema(schema, (inner) => void open.push(inner));
  }
  return undefined;
}

function problemOf(keyword: string, given: unknown, hasFlags: boolean): string | undefined {
  if (keyword === "patternProperties") {
    const broken = Object.keys(given as object).find((pattern) => !isPattern(pattern));
    return (
      broken &&
      `has ${JSON.stringify(broken)} in patternProperties, which is not a regular expression (with the flag u).`
    );
  }
  if (annotations.has(keyword) || holders.has(keyword)) return undefined;
  const [isValid, what] = rules.get(keyword) ?? [];
  if (isValid === undefined) {
    const meant = nearest(keyword, known);
    return `uses ${keyword}, which is not checked. ${meant ? `Did you mean ${meant}?` : "Leave it out, or pass a schema in code."}`;
  }
  if (isValid(given, hasFlags)) return undefined;
  return `has ${keyword}: ${JSON.stringify(given)}, which must be ${what}.`;
}

function isTexts(given: unknown): boolean {
  return Array.isArray(given) && given.every((name) => typeof name === "string");
}

function isCount(given: unknown): boolean {
  return Number.isInteger(given) && (given as number) >= 0;
}
