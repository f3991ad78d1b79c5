import type { OutputUnit } from "@cfworker/json-schema";
import { ConfigurationError } from "../../errors.js";
import { isPlainObject } from "../../json.js";
import { isPattern } from "../../schema/patterns.js";
import type { JsonSchema } from "../../schema/standard.js";
import { validatorOf } from "../../schema/validator.js";
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
  const validate = await validatorOf(checkable(schema), "2020-12");
  let problem: Error | undefined;
  // Each attempt has numbers of its own, so that the next value does not depend on how many there were.
  const next = randomFrom(Math.floor(random() * 2 ** 32));
  for (let attempt = 0; attempt < attempts; attempt++) {
    const numbers = attempt === 0 ? random : randomFrom(Math.floor(next() * 2 ** 32));
    try {
      const value = fill(exampleOf(schema, numbers, { optional: shares[attempt % 4] ?? 0, anyType: attempt > 0 }));
      // JSON has neither undefined nor members of prototypes.
      const errors = validate(JSON.parse(JSON.stringify(value)));
      if (errors.length === 0) return value;
      problem = new ConfigurationError(
        `testModel() finds no value for a schema: of what it made, nothing obeyed ${described(errors)}. Give args or output.`,
      );
    } catch (error) {
      if (!ConfigurationError.isInstance(error)) throw error;
      problem ??= error;
    }
  }
  throw problem;
}

/** Without what the validator would read in another way than the schema's own library. */
function checkable(schema: JsonSchema): JsonSchema {
  const copy: Record<string, unknown> = { ...mapSubschemas(schema, checkable) };
  // The pattern beside it is more exact: zod's times have no zone.
  if (copy.pattern !== undefined) delete copy.format;
  // Some are regular expressions only without the flag `u`. The text for them was tried when it was made.
  if (typeof copy.pattern === "string" && !isPattern(copy.pattern)) delete copy.pattern;
  if (isPlainObject(copy.patternProperties))
    copy.patternProperties = Object.fromEntries(
      Object.entries(copy.patternProperties).filter(([pattern]) => isPattern(pattern)),
    );
  return copy;
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
