import { performance } from "node:perf_hooks";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../src/errors.js";
import { dropAddedNulls } from "../../src/schema/added-nulls.js";
import { maxSteps } from "../../src/schema/budget.js";
import { checkSchema } from "../../src/schema/check.js";
import { toObjectRoot } from "../../src/schema/object-root.js";
import { overlongForPatterns } from "../../src/schema/patterns.js";
import { makeStrict } from "../../src/schema/strict.js";
import { attacks } from "./attacks.js";

/** Far more than any of them takes on a machine that does nothing else, and far less than what multiplies takes. */
const longestMs = 5000;

describe.each(Object.entries(attacks))("%s", (_, schema) => {
  test.each(["openai", "anthropic"] as const)("are written out for %s within the budget, or refused", (provider) => {
    const walk = { steps: 0, depth: 0, nullable: new Map() };
    try {
      checkSchema(schema);
      makeStrict(schema, provider, walk);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError);
    }
    expect(walk.steps).toBeLessThan(maxSteps + 1000);
  });

  test("hold up neither the root of a tool nor the reading of an answer", () => {
    const answer = { a: { a: null, next: null, b: {}, x: "x".repeat(20_000) }, m0: null };
    const began = performance.now();
    toObjectRoot(schema);
    dropAddedNulls(answer, schema);
    overlongForPatterns(answer, schema);
    expect(performance.now() - began).toBeLessThan(longestMs);
  });
});

test("a schema that multiplies is refused with the limit in the message", () => {
  const schema = attacks["definitions that refer to the next one twice, beside a keyword"]!;
  expect(() => makeStrict(schema, "openai")).toThrow(/more than 50000 steps .*references and unions multiply/);
});

test("five thousand definitions that refer to each other are handled", () => {
  const { schema } = makeStrict(attacks["5,000 definitions that all refer to each other"]!, "openai");
  expect(Object.keys(schema.$defs as object)).toHaveLength(5000);
});
