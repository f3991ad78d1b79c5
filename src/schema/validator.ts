import type { OutputUnit, Schema as Validated } from "@cfworker/json-schema";
import { ownThroughout } from "../own.js";
import type { JsonSchema } from "./standard.js";

/** What is wrong with a value; nothing if it fits. */
export type Validate = (value: unknown) => readonly OutputUnit[];

/**
 * Loads the validator and prepares it for a schema.
 *
 * @param draft How a schema that does not say that it is of draft 4 is read.
 */
export async function validatorOf(schema: JsonSchema, draft: "2019-09" | "2020-12"): Promise<Validate> {
  const { Validator } = await import("@cfworker/json-schema");
  // A copy, since the validator writes to the schema, and reads members that another package may have put on prototypes.
  const copy = ownThroughout(JSON.parse(JSON.stringify(schema))) as Validated;
  const validator = new Validator(copy, isDraft4(schema) ? "4" : draft);
  return (value) => {
    const { valid, errors } = validator.validate(value);
    return valid ? [] : errors;
  };
}

/** In draft 4 exclusive bounds are flags. */
export function isDraft4({ $schema }: JsonSchema): boolean {
  return typeof $schema === "string" && $schema.includes("draft-04");
}
