import { ConfigurationError } from "../../errors.js";
import type { JsonSchema } from "../../schema/standard.js";
import { type Random, wholeBetween } from "./random.js";

interface NumberSchema {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
}

/**
 * A number within the bounds.
 *
 * @throws ConfigurationError if there is none.
 */
export function exampleNumber(schema: JsonSchema, whole: boolean, random: Random): number {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema as NumberSchema;
  const step = stepOf(multipleOf, whole);
  // Counted in steps, so that what comes out is a multiple.
  const least = Math.max(
    minimum === undefined ? Number.NEGATIVE_INFINITY : Math.ceil(minimum / step),
    typeof exclusiveMinimum === "number" ? Math.floor(exclusiveMinimum / step) + 1 : Number.NEGATIVE_INFINITY,
  );
  const most = Math.min(
    maximum === undefined ? Number.POSITIVE_INFINITY : Math.floor(maximum / step),
    typeof exclusiveMaximum === "number" ? Math.ceil(exclusiveMaximum / step) - 1 : Number.POSITIVE_INFINITY,
  );
  if (least > most) {
    // A range that is narrower than a step.
    if (!whole && multipleOf === undefined)
      return ((minimum ?? exclusiveMinimum ?? 0) + (maximum ?? exclusiveMaximum ?? 0)) / 2;
    throw new ConfigurationError("testModel() was given a range that holds no number. Give args or output.");
  }
  // Near to 0, as far as the range goes there.
  const from = least > 0 ? least : most < 0 ? Math.max(least, most - 100) : 0;
  const value = wholeBetween(random, from, Math.min(most, from + 100)) * step;
  // A product with a fraction may be a little off; one of whole numbers is exact, of whatever length.
  return Number.isInteger(step) ? value : Number(value.toPrecision(15));
}

/** A whole number may have to be a multiple of a fraction, such as 0.5. */
function stepOf(multipleOf: number | undefined, whole: boolean): number {
  if (multipleOf === undefined) return whole ? 1 : 0.25;
  if (!whole || Number.isInteger(multipleOf)) return multipleOf;
  for (let times = 2; times <= 10_000; times++) {
    const step = Number((multipleOf * times).toPrecision(15));
    if (Number.isInteger(step)) return step;
  }
  return multipleOf;
}
