import { ConfigurationError } from "./errors.js";

type Values = Readonly<Record<string, unknown>>;

/** @throws ConfigurationError that names the first value that is set and no whole number of at least `least`. */
export function checkCounts(values: Values, least: 0 | 1 = 1): void {
  const what = least === 1 ? "a whole number above 0" : "a whole number of at least 0";
  check(values, what, (value) => Number.isInteger(value) && value >= least);
}

/** @throws ConfigurationError that names the first value that is set and neither a whole number above 0 nor Infinity. */
export function checkConcurrency(values: Values): void {
  const fits = (value: number) => (Number.isInteger(value) || value === Number.POSITIVE_INFINITY) && value > 0;
  check(values, "a whole number above 0, or Infinity", fits);
}

/** @throws ConfigurationError that names the first value that is set and no number of milliseconds above 0. */
export function checkMilliseconds(values: Values): void {
  check(values, "a number of milliseconds above 0", (value) => value > 0);
}

/** @throws ConfigurationError that names the first value that is set and no number of milliseconds, 0 included. */
export function checkPauses(values: Values): void {
  check(values, "a number of milliseconds of at least 0", (value) => value >= 0);
}

/**
 * @param kind A `"price"` may be 0, a `"sum"` may not; `"any"` may also be negative.
 * @throws ConfigurationError that names the first value that is set and no finite number of that kind.
 */
export function checkAmounts(values: Values, kind: "any" | "price" | "sum"): void {
  const what = { any: "a number", price: "a number of at least 0", sum: "a number above 0" }[kind];
  const fits = (value: number) => kind === "any" || (kind === "price" ? value >= 0 : value > 0);
  check(values, what, (value) => Number.isFinite(value) && fits(value));
}

function check(values: Values, what: string, fits: (value: number) => boolean): void {
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && !(typeof value === "number" && fits(value)))
      // What comes from JSON may have a member toString that is not a function.
      throw new ConfigurationError(`${name} must be ${what}, not ${isObject(value) ? "an object" : String(value)}.`);
  }
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}
