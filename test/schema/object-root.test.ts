import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod-3";
import { jsonSchemaOf } from "../../src/schema/json-schema.js";
import { isObjectRoot, toObjectRoot } from "../../src/schema/object-root.js";
import type { Schema } from "../../src/schema/standard.js";

const rootOf = async (schema: Schema) => toObjectRoot(await jsonSchemaOf(schema));

/** The same choice, told by its kind, in each library. */
const choices: Readonly<Record<string, Schema>> = {
  "zod 4": z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("user"), name: z.string() }),
    z.object({ kind: z.literal("bot"), id: z.number(), name: z.string().optional() }),
  ]),
  "zod 3": z3.discriminatedUnion("kind", [
    z3.object({ kind: z3.literal("user"), name: z3.string() }),
    z3.object({ kind: z3.literal("bot"), id: z3.number(), name: z3.string().optional() }),
  ]),
  ArkType: type({ kind: "'user'", name: "string" }).or({ kind: "'bot'", id: "number", "name?": "string" }),
  Valibot: toStandardJsonSchema(
    v.variant("kind", [
      v.object({ kind: v.literal("user"), name: v.string() }),
      v.object({ kind: v.literal("bot"), id: v.number(), name: v.optional(v.string()) }),
    ]),
  ),
};

test.each(Object.entries(choices))("a discriminated union of %s becomes one object with an enum", async (_, schema) => {
  const root = await rootOf(schema);
  expect(root).toMatchObject({
    type: "object",
    properties: {
      kind: { enum: expect.arrayContaining(["user", "bot"]) },
      name: { type: "string" },
      id: { type: "number" },
    },
    required: ["kind"],
  });
  expect(root?.description).toMatch(/Give one of: .*\{kind: "user", name\}/);
  expect(root?.description).toMatch(/\{.*kind: "bot".*name\?.*\}/);
  expect(isObjectRoot(root!)).toBe(true);
});

test.each<readonly [string, Schema]>([
  ["zod 4", z.object({ a: z.string() }).and(z.object({ b: z.number() }))],
  ["zod 3", z3.object({ a: z3.string() }).and(z3.object({ b: z3.number() }))],
  ["Valibot", toStandardJsonSchema(v.intersect([v.object({ a: v.string() }), v.object({ b: v.number() })]))],
])("an intersection of %s becomes one object with all members required", async (_, schema) => {
  const root = await rootOf(schema);
  expect(root).toMatchObject({ type: "object", properties: { a: { type: "string" }, b: { type: "number" } } });
  expect(root?.required).toEqual(expect.arrayContaining(["a", "b"]));
  expect(isObjectRoot(root!)).toBe(true);
});

test("an intersection with a union spreads over its choices", async () => {
  const schema = z.object({ id: z.string() }).and(z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]));
  expect(await rootOf(schema)).toMatchObject({
    type: "object",
    properties: { id: { type: "string" }, a: { type: "string" }, b: { type: "string" } },
    required: ["id"],
  });
});

test("members that differ between choices take either", async () => {
  const schema = z.union([z.object({ at: z.string() }), z.object({ at: z.number() })]);
  expect(await rootOf(schema)).toMatchObject({
    properties: { at: { anyOf: [{ type: "string" }, { type: "number" }] } },
    required: ["at"],
  });
});

test("choices of required members beside an object become one object", () => {
  const properties = { route: { type: "string" }, file: { type: "string" } };
  const choice = [{ required: ["route"] }, { required: ["file"] }];
  expect(toObjectRoot({ type: "object", properties, anyOf: choice })).toMatchObject({
    type: "object",
    properties,
    required: [],
  });
});

test("definitions stay, and a schema is merged once", () => {
  const schema = {
    anyOf: [{ $ref: "#/$defs/A" }, { $ref: "#/$defs/B" }],
    $defs: {
      A: { type: "object", properties: { next: { $ref: "#/$defs/A" } } },
      B: { type: "object", properties: { b: { type: "string" } } },
    },
  };
  const root = toObjectRoot(schema);
  expect(root).toMatchObject({ properties: { next: { $ref: "#/$defs/A" } }, $defs: schema.$defs });
  expect(toObjectRoot(schema)).toBe(root);
});

describe("what is no object has no object root:", () => {
  test.each<readonly [string, Schema]>([
    ["a list", z.array(z.string())],
    ["a text", z.string()],
    ["an enum", z.enum(["a", "b"])],
    ["anything", z.any()],
    ["an object or null", z.object({ a: z.string() }).nullable()],
    ["an object or a text", z.union([z.object({ a: z.string() }), z.string()])],
    ["an intersection that contradicts itself", z.object({ a: z.string() }).and(z.string() as never)],
  ])("%s", async (_, schema) => {
    expect(await rootOf(schema)).toBeUndefined();
  });
});

test("an object without properties gets an empty list of them, which OpenAI wants", () => {
  expect(toObjectRoot({ type: "object" })).toEqual({ type: "object", properties: {} });
  expect(toObjectRoot({ type: "object", additionalProperties: { type: "number" } })).toEqual({
    type: "object",
    properties: {},
    additionalProperties: { type: "number" },
  });
});
