import type { OutputUnit, Schema as Validated } from "@cfworker/json-schema";
import { ConfigurationError } from "../../errors.js";
import { isPlainObject } from "../../json.js";
import { ownThroughout } from "../../own.js";
import type { JsonSchema } from "../../schema/standard.js";
import { mapSubschemas } from "../../schema/walk.js";
import { exampleOf } from "./example.js";
import { type Random, randomFrom } from "./random.js";

const attempts = 60;
/** The shares of optional members, in turns: what one leaves out another may need. */
const shares = [0.75, 0.25, 1, 0];

/**
 * A value that fits a JSON Schema, the same for the same numbers.
 *
 * @param fill Completes what is made, before it is validated.
 * @throws ConfigurationError that names the keyword if no value is found.
 */
export async function validExampleOf(
  schema: JsonSchema,
  random: Random,
  fill: (made: unknown) => unknown = (made) => made,
): Promise<unknown> {
  const validate = await validatorOf(schema);
  let problem: Error | undefined;
  // Each attempt has numbers of its own, so that the next value does not depend on how many there were.
  const next = randomFrom(Math.floor(random() * 2 ** 32));
  for (let attempt = 0; attempt < attempts; attempt++) {
    const numbers = attempt === 0 ? random : randomFrom(Math.floor(next() * 2 ** 32));
    try {
      const value = fill(exampleOf(schema, numbers, { optional: shares[attempt % 4] ?? 0, anyType: attempt > 0 }));
      const misfit = validate(value);
      if (misfit === undefined) return value;
      problem = new ConfigurationError(
        `testModel() finds no value for a schema: of what it made, nothing obeyed ${misfit}. Give args or output.`,
      );
    } catch (error) {
      if (!ConfigurationError.isInstance(error)) throw error;
      problem ??= error;
    }
  }
  throw problem;
}

/** Returns the keyword that a value does not obey, and where; undefined if it fits. */
type Validate = (value: unknown) => string | undefined;

async function validatorOf(schema: JsonSchema): Promise<Validate> {
  const { Validator } = await import("@cfworker/json-schema");
  // A copy, since the validator writes to the schema, and reads members that another package may have put on prototypes.
  const copy = ownThroughout(checkable(JSON.parse(JSON.stringify(schema)))) as Validated;
  const validator = new Validator(copy, String(schema.$schema).includes("draft-04") ? "4" : "2020-12");
  return (value) => {
    // JSON has neither undefined nor members of prototypes.
    const { valid, errors } = validator.validate(JSON.parse(JSON.stringify(value)));
    return valid ? undefined : described(errors);
  };
}

/** Without what the validator would read in another way than the schema's own library. */
function checkable(schema: JsonSchema): JsonSchema {
  const copy: Record<string, unknown> = { ...mapSubschemas(schema, checkable) };
  // The pattern beside it is more exact: zod's times have no zone.
  if (copy.pattern !== undefined) delete copy.format;
  if (typeof copy.pattern === "string" && !isPattern(copy.pattern)) delete copy.pattern;
  if (isPlainObject(copy.patternProperties))
    copy.patternProperties = Object.fromEntries(
      Object.entries(copy.patternProperties).filter(([pattern]) => isPattern(pattern)),
    );
  return copy;
}

/** Some are regular expressions only without the flag `u`. The text for them was tried when it was made. */
function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern, "u");
    return true;
  } catch {
    return false;
  }
}

/** These only say that something inside them does not fit. */
const outer = new Set(
  "properties patternProperties items prefixItems allOf anyOf $ref dependentSchemas false".split(" "),
);

function described(errors: readonly OutputUnit[]): string {
  const { keyword, instanceLocation } = errors.findLast((error) => !outer.has(error.keyword)) ??
    errors.at(-1) ?? { keyword: "it", instanceLocation: "#" };
  return `the keyword ${JSON.stringify(keyword)}${instanceLocation === "#" ? "" : ` at ${instanceLocation}`}`;
}
