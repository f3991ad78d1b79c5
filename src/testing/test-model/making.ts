import type { Random } from "./random.js";

/** What the parts of an example have in common. */
export interface Making {
  readonly random: Random;
  /** The share of optional members that are there. */
  readonly optional: number;
  /** Whether a schema without a type may be of any, instead of a text. */
  readonly anyType: boolean;
  /** A value for a schema inside of the one at `depth`. */
  visit(schema: unknown, depth: number): unknown;
  isRoomy(depth: number): boolean;
}
