import { ConfigurationError } from "../errors.js";

/**
 * How many steps one walk over a JSON schema may take. References and unions multiply what a short schema says; a schema
 * of 5,000 members takes about half of this.
 */
export const maxSteps = 50_000;

/** The steps that a walk has taken so far. */
export interface Budget {
  steps: number;
}

/** @throws ConfigurationError if the budget is exhausted. */
export function spend(budget: Budget, steps = 1): void {
  budget.steps += steps;
  if (budget.steps > maxSteps) {
    throw new ConfigurationError(
      `A schema takes more than ${maxSteps} steps to write out, because its references and unions multiply. Make it flatter, or use fewer references beside other keywords.`,
    );
  }
}

/** How many references, choices and intersections may stand inside each other, so that no schema can exhaust the stack. */
export const maxNesting = 300;

export function tooDeep(): ConfigurationError {
  return new ConfigurationError(
    `A schema is nested more than ${maxNesting} deep when its references are written out. Make it flatter.`,
  );
}
