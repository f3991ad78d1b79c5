import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../src/errors.js";
import { acceptsNull } from "../../src/schema/accepts-null.js";
import { dropAddedNulls } from "../../src/schema/added-nulls.js";
import { alternatives } from "../../src/schema/all-of.js";
import { maxSteps } from "../../src/schema/budget.js";
import { checkSchema } from "../../src/schema/check.js";
import { isObjectRoot, toObjectRoot } from "../../src/schema/object-root.js";
import { overlongForPatterns } from "../../src/schema/patterns.js";
import { resolveRef } from "../../src/schema/refs.js";
import type { JsonSchema } from "../../src/schema/standard.js";
import { makeStrict } from "../../src/schema/strict.js";
import { forEachSubschema } from "../../src/schema/walk.js";
import { runsOf } from "./runs.js";

const runs = runsOf("test/properties/schemas.test.ts", 2000);
/** For walks that have a budget of their own, which some of these schemas use up. */
const fewRuns = { ...runs, numRuns: runs.numRuns / 10 };

/** A walk with a small rest of its budget. */
const shortWalk = () => ({ steps: maxSteps - 1000, depth: 0, nullable: new Map() });

const names = fc.constantFrom("a", "b", "constructor", "__proto__", "d0");
const refs = fc.constantFrom("#", "#/$defs/d0", "#/$defs/d1", "#/$defs/d2", "#/properties/a");
const types = fc.constantFrom("object", "array", "string", "number", "integer", "boolean", "null");

/** Schemas of all keywords that are read, with references among each other; most mean nothing, and some contradict themselves. */
const { schema: anySchema } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.record({ $ref: refs }),
    fc.record({ type: types }) as fc.Arbitrary<JsonSchema>,
    anyKeywords(tie("schema")),
  ),
}));

function anyKeywords(inner: fc.Arbitrary<JsonSchema>): fc.Arbitrary<JsonSchema> {
  return fc.record(
    {
      type: fc.oneof(
        { weight: 4, arbitrary: types as fc.Arbitrary<unknown> },
        { weight: 1, arbitrary: fc.uniqueArray(types, { minLength: 1 }) },
      ),
      properties: fc.dictionary(names, inner, { maxKeys: 3 }),
      required: fc.uniqueArray(names),
      additionalProperties: fc.oneof(fc.boolean(), inner),
      items: fc.oneof(fc.boolean(), inner),
      prefixItems: fc.array(inner, { maxLength: 2 }),
      anyOf: fc.array(inner, { maxLength: 2 }),
      oneOf: fc.array(inner, { maxLength: 2 }),
      allOf: fc.array(inner, { maxLength: 3 }),
      not: inner,
      $ref: refs,
      enum: fc.array(fc.oneof(fc.string(), fc.constant(null)), { maxLength: 3 }),
      const: fc.oneof(fc.string(), fc.constant(null)),
      pattern: fc.constantFrom("^a", "b$"),
      minLength: fc.nat(5),
      description: fc.string(),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<JsonSchema>;
}

const roots = fc
  .tuple(anyKeywords(anySchema), anySchema, anySchema, anySchema)
  .map(([root, d0, d1, d2]): JsonSchema => ({ properties: { a: {} }, ...root, $defs: { d0, d1, d2 } }))
  .filter((root) => typeof (root.properties as JsonSchema).a === "object");

/** Runs it; what is thrown must be ours. */
function refusedOrDone<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  }
}

function sizeOf(schema: JsonSchema): number {
  let size = 1;
  forEachSubschema(schema, (inner) => {
    size += sizeOf(inner);
  });
  return size;
}

describe.each(["openai", "anthropic"] as const)("of any schema, %s", (provider) => {
  test("gets a strict form within the budget, or a configuration error", () => {
    fc.assert(
      fc.property(roots, (root) => {
        refusedOrDone(() => checkSchema(root));
        const walk = shortWalk();
        const strict = refusedOrDone(() => makeStrict(root, provider, walk));
        expect(walk.steps).toBeLessThan(maxSteps + 1000);
        if (!strict) return;
        // What goes out is not larger than the work that it took.
        expect(sizeOf(strict.schema)).toBeLessThanOrEqual(2 * (walk.steps - maxSteps + 1000) + 10);
        expect(JSON.stringify(strict.schema)).not.toContain('"allOf"');
      }),
      runs,
    );
  }, 300_000);
});

test("any schema becomes the root of a tool, or has none", () => {
  fc.assert(
    fc.property(roots, (root) => {
      const merged = refusedOrDone(() => toObjectRoot(root));
      if (merged) expect(isObjectRoot(merged)).toBe(true);
    }),
    fewRuns,
  );
}, 300_000);

test("no schema and no answer hold up the reading of an answer", () => {
  fc.assert(
    fc.property(roots, fc.jsonValue({ maxDepth: 5 }), (root, answer) => {
      refusedOrDone(() => dropAddedNulls(answer, root));
      refusedOrDone(() => overlongForPatterns([answer, "x".repeat(10_001)], root));
    }),
    fewRuns,
  );
}, 300_000);

test("a schema takes null exactly if one of its alternatives does", () => {
  fc.assert(
    fc.property(roots, (root) => {
      const resolve = (ref: string) => resolveRef(root, ref);
      const all = refusedOrDone(() => alternatives(root, resolve, shortWalk()));
      // Alternatives with a choice of both kinds, or with something that must not be, are not told apart there.
      if (!all || /"(oneOf|not)"/.test(JSON.stringify(root))) return;
      const expected = all.some((each) => acceptsNull({ ...each, $defs: undefined }, resolve));
      expect(acceptsNull(root, resolve)).toBe(expected);
    }),
    runs,
  );
}, 300_000);

describe("of a schema without references beside keywords, as libraries write them,", () => {
  const { plain } = fc.letrec<{ plain: JsonSchema }>((tie) => ({
    plain: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      types.filter((type) => !["object", "array"].includes(type)).map((type) => ({ type })),
      fc.record({ type: fc.constant("array"), items: tie("plain") }),
      fc.array(tie("plain"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
      fc.dictionary(fc.constantFrom("a", "b", "c"), tie("plain"), { minKeys: 1 }).map((properties) => ({
        type: "object",
        properties,
        required: Object.keys(properties).slice(1),
      })),
    ),
  }));

  test("the steps grow with its size only", () => {
    fc.assert(
      fc.property(plain, (inner) => {
        const root = { type: "object", properties: { inner }, required: ["inner"] };
        const walk = { steps: 0, depth: 0, nullable: new Map() };
        refusedOrDone(() => makeStrict(root, "openai", walk));
        expect(walk.steps).toBeLessThanOrEqual(4 * sizeOf(root) + 10);
      }),
      runs,
    );
  }, 300_000);
});
