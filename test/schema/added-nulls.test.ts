import { toStandardJsonSchema } from "@valibot/to-json-schema";
import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod-3";
import { dropAddedNulls } from "../../src/schema/added-nulls.js";
import { jsonSchemaOf } from "../../src/schema/json-schema.js";
import type { JsonSchema, Schema } from "../../src/schema/standard.js";

const schemaOf = (schema: Schema) => jsonSchemaOf(schema) as JsonSchema;

const node = z.object({
  value: z.string(),
  get next() {
    return node.optional();
  },
});

describe("dropAddedNulls", () => {
  test("drops nulls of optional fields at any depth and keeps those that the schema takes", () => {
    const schema = z.object({
      a: z.string().optional(),
      b: z.string().nullish(),
      c: z.string().nullable(),
      d: z.object({ e: z.number().default(3) }).optional(),
      list: z.array(z.object({ f: z.enum(["x"]).optional() })),
      any: z.unknown().optional(),
    });
    const answer = { a: null, b: null, c: null, d: { e: null }, list: [{ f: null }, { f: "x" }], any: null };
    const before = structuredClone(answer);
    const cleaned = dropAddedNulls(answer, schemaOf(schema));
    expect(cleaned).toEqual({ b: null, c: null, d: {}, list: [{}, { f: "x" }], any: null });
    expect(answer).toEqual(before);
    expect(schema.parse(cleaned)).toEqual({ b: null, c: null, d: { e: 3 }, list: [{}, { f: "x" }], any: null });
  });

  const zods = [
    ["zod 3", z3 as unknown as typeof z],
    ["zod 4", z],
  ] as const;
  test.each(zods)("finds nulls below references, unions, lists, tuples and records of %s", async (_, lib) => {
    type Tree = { note?: string | undefined; kids?: Tree[] | undefined };
    const tree: z.ZodType<Tree> = lib.lazy(() =>
      lib.object({ note: lib.string().optional(), kids: lib.array(tree).optional() }),
    );
    const schema = lib.object({
      tree,
      pair: lib.tuple([lib.object({ a: lib.string().optional() }), lib.object({ b: lib.number().optional() })]),
      scores: lib.record(lib.string(), lib.object({ n: lib.number().optional(), m: lib.number().nullable() })),
      either: lib.union([
        lib.object({ kind: lib.literal("x"), deep: lib.object({ c: lib.string().optional() }).optional() }),
        lib.object({ kind: lib.literal("y"), deep: lib.string().nullish() }),
      ]),
    });
    const answer = {
      tree: { note: null, kids: [{ note: null, kids: [{ note: "x", kids: null }] }] },
      pair: [{ a: null }, { b: null }],
      scores: { one: { n: null, m: null } },
      either: { kind: "x", deep: { c: null } },
    };
    const cleaned = dropAddedNulls(answer, await jsonSchemaOf(schema as Schema));
    expect(cleaned).toEqual({
      tree: { kids: [{ kids: [{ note: "x" }] }] },
      pair: [{}, {}],
      scores: { one: { m: null } },
      either: { kind: "x", deep: {} },
    });
    expect(schema.safeParse(cleaned).success).toBe(true);
  });

  test.each(zods)("drops nulls a hundred levels deep in a schema of %s that contains itself", async (_, lib) => {
    type Node = { note?: string | undefined; next?: Node | undefined };
    const chain: z.ZodType<Node> = lib.lazy(() =>
      lib.object({ note: lib.string().optional(), next: chain.optional() }),
    );
    let deep: object = { note: null, next: null };
    for (let level = 0; level < 100; level++) deep = { note: null, next: deep };
    const json = await jsonSchemaOf(lib.object({ chain }) as Schema);
    expect(JSON.stringify(dropAddedNulls({ chain: deep }, json))).not.toContain("null");
  });

  test("a null in a required field stays, for the schema to refuse", () => {
    expect(dropAddedNulls({ a: null }, schemaOf(z.object({ a: z.string() })))).toEqual({ a: null });
  });

  test("finds the variant of a union by its constants and keys", () => {
    const schema = schemaOf(
      z.object({
        by: z.discriminatedUnion("kind", [
          z.object({ kind: z.literal("user"), name: z.string().nullish() }),
          z.object({ kind: z.literal("bot"), name: z.string().optional() }),
        ]),
      }),
    );
    expect(dropAddedNulls({ by: { kind: "user", name: null } }, schema)).toEqual({ by: { kind: "user", name: null } });
    expect(dropAddedNulls({ by: { kind: "bot", name: null } }, schema)).toEqual({ by: { kind: "bot" } });
  });

  test("follows references and intersections", () => {
    expect(dropAddedNulls({ value: "a", next: { value: "b", next: null } }, schemaOf(node))).toEqual({
      value: "a",
      next: { value: "b" },
    });
    const both = toStandardJsonSchema(
      v.intersect([v.object({ a: v.optional(v.string()) }), v.object({ b: v.string() })]),
    );
    expect(dropAddedNulls({ a: null, b: "b" }, schemaOf(both))).toEqual({ b: "b" });
  });

  test("a choice that offers itself takes null only where another choice does", () => {
    const withLoop = (type: string): JsonSchema => ({
      type: "object",
      properties: { a: { $ref: "#/$defs/loop" } },
      $defs: { loop: { anyOf: [{ $ref: "#/$defs/loop" }, { type }] } },
    });
    expect(dropAddedNulls({ a: null }, withLoop("string"))).toEqual({});
    expect(dropAddedNulls({ a: null }, withLoop("null"))).toEqual({ a: null });
  });

  test.each([null, "text", 3, [null]])("%j, which is no object, stays as it is", (value) => {
    expect(dropAddedNulls(value, schemaOf(z.object({ a: z.string().optional() })))).toEqual(value);
  });

  test("keys such as __proto__ and constructor are data", () => {
    const schema = schemaOf(z.object({ constructor: z.string().optional(), a: z.looseObject({}) }));
    const answer = JSON.parse('{"constructor":null,"__proto__":{"isAdmin":true},"a":{"__proto__":{"isAdmin":true}}}');
    const cleaned = dropAddedNulls(answer, schema) as Record<string, unknown>;
    expect(Object.keys(cleaned)).toEqual(["__proto__", "a"]);
    expect(Object.getPrototypeOf(cleaned)).toBe(Object.prototype);
    expect(cleaned.isAdmin).toBeUndefined();
  });

  test("a very deep answer does not exhaust the stack", () => {
    let deep: object = { value: "end" };
    for (let level = 0; level < 100_000; level++) deep = { value: "x", next: deep };
    expect(dropAddedNulls(deep, schemaOf(node))).toHaveProperty("next.next.value", "x");
  });

  test("a large list is cleaned in one pass", () => {
    const variants = Array.from({ length: 50 }, (_, index) =>
      z.object({ kind: z.literal(`k${index}`), note: z.string().optional() }),
    );
    const schema = schemaOf(z.object({ list: z.array(z.union(variants)) }));
    const list = Array.from({ length: 20_000 }, () => ({ kind: "k49", note: null }));
    const { list: cleaned } = dropAddedNulls({ list }, schema) as { list: object[] };
    expect(cleaned).toHaveLength(20_000);
    expect(cleaned.every((item) => !("note" in item))).toBe(true);
  });

  test("whatever fits a schema fits again after its missing fields became null and were dropped", () => {
    const schema = z.object({
      a: z.string().optional(),
      b: z.number().nullish(),
      c: z.array(z.object({ d: z.boolean().optional(), e: z.string() })).optional(),
    });
    const values = fc.record(
      {
        a: fc.string(),
        b: fc.option(fc.integer()),
        c: fc.array(fc.record({ d: fc.boolean(), e: fc.string() }, { requiredKeys: ["e"] })),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(values, (value) => {
        const filled = { a: null, c: null, ...value, b: value.b ?? null };
        filled.c &&= filled.c.map((item) => ({ d: null, ...item })) as never;
        expect(schema.parse(dropAddedNulls(filled, schemaOf(schema)))).toEqual({ ...value, b: value.b ?? null });
      }),
    );
  });
});
