import { readdirSync, readFileSync } from "node:fs";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { expect, test } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";
import { z as z3 } from "zod-3";
import { z as z40 } from "zod-3/v4";
import { ConfigurationError } from "../../src/errors.js";
import { jsonSchemaOf } from "../../src/schema/json-schema.js";
import type { Schema } from "../../src/schema/standard.js";

/** The same object in every library: required, optional, default, enum, nullable, nested, described. */
const books: Record<string, Schema> = {
  "zod 4": z.object({
    title: z.string().describe("As on the cover"),
    subtitle: z.string().optional(),
    pages: z.number().default(100),
    genre: z.enum(["fantasy", "crime"]).nullable(),
    author: z.object({ names: z.array(z.string().min(1)) }),
  }),
  "zod 4.0": z40.object({
    title: z40.string().describe("As on the cover"),
    subtitle: z40.string().optional(),
    pages: z40.number().default(100),
    genre: z40.enum(["fantasy", "crime"]).nullable(),
    author: z40.object({ names: z40.array(z40.string().min(1)) }),
  }),
  "zod/mini": mini.object({
    title: mini.string().register(z.globalRegistry, { description: "As on the cover" }),
    subtitle: mini.optional(mini.string()),
    pages: mini._default(mini.number(), 100),
    genre: mini.nullable(mini.enum(["fantasy", "crime"])),
    author: mini.object({ names: mini.array(mini.string().check(mini.minLength(1))) }),
  }),
  "zod 3": z3.object({
    title: z3.string().describe("As on the cover"),
    subtitle: z3.string().optional(),
    pages: z3.number().default(100),
    genre: z3.enum(["fantasy", "crime"]).nullable(),
    author: z3.object({ names: z3.array(z3.string().min(1)) }),
  }),
  Valibot: toStandardJsonSchema(
    v.object({
      title: v.pipe(v.string(), v.description("As on the cover")),
      subtitle: v.optional(v.string()),
      pages: v.optional(v.number(), 100),
      genre: v.nullable(v.picklist(["fantasy", "crime"])),
      author: v.object({ names: v.array(v.pipe(v.string(), v.minLength(1))) }),
    }),
  ),
};

test.each(Object.entries(books))("%s gives JSON Schema without $schema", async (name, book) => {
  const closed = name === "zod 3" ? { additionalProperties: false } : {};
  const names = { type: "array", items: { type: "string", minLength: 1 } };
  expect(await jsonSchemaOf(book)).toEqual({
    type: "object",
    properties: {
      title: { type: "string", description: "As on the cover" },
      subtitle: { type: "string" },
      pages: { type: "number", default: 100 },
      genre: { anyOf: [{ type: "string", enum: ["fantasy", "crime"] }, { type: "null" }] },
      author: { type: "object", properties: { names }, required: ["names"], ...closed },
    },
    required: ["title", "genre", "author"],
    ...closed,
  });
});

test("ArkType gives JSON Schema without $schema", () => {
  const book = type({ title: "string", "subtitle?": "string", genre: "'crime' | null", author: { names: "string[]" } });
  expect(jsonSchemaOf(book)).toEqual({
    type: "object",
    properties: {
      title: { type: "string" },
      subtitle: { type: "string" },
      genre: { anyOf: [{ const: "crime" }, { type: "null" }] },
      author: {
        type: "object",
        properties: { names: { type: "array", items: { type: "string" } } },
        required: ["names"],
      },
    },
    required: expect.arrayContaining(["title", "genre", "author"]),
  });
});

test("the zod that is tested as 4.0 has no Standard JSON Schema of its own", () => {
  expect(z40.string()["~standard"]).not.toHaveProperty("jsonSchema");
  expect(z.string()["~standard"]).toHaveProperty("jsonSchema");
});

test("what a schema takes and what it gives are two schemas", async () => {
  const withDefault = z.object({ pages: z.number().default(100) });
  expect(jsonSchemaOf(withDefault, "input")).not.toHaveProperty("required");
  expect(jsonSchemaOf(withDefault, "output")).toMatchObject({ required: ["pages"] });
  const old = z40.object({ pages: z40.number().default(100) });
  expect(await jsonSchemaOf(old, "output")).toMatchObject({ required: ["pages"] });
});

test("a schema is converted once, and old zod answers at once from the second time on", async () => {
  const modern = z.object({ a: z.string() });
  expect(jsonSchemaOf(modern)).toBe(jsonSchemaOf(modern));

  const old = z3.object({ a: z3.string() });
  const first = jsonSchemaOf(old);
  expect(first).toBeInstanceOf(Promise);
  expect(jsonSchemaOf(old)).toBe(first);
  expect(jsonSchemaOf(old)).toBe(first);
  const done = await first;
  expect(jsonSchemaOf(old)).toBe(done);
});

test("an object behind a reference at the root is shown as an object", () => {
  const { Node } = type.module({ Node: { value: "string", "kids?": "Node[]" } });
  const named = z.object({ city: z.string() }).meta({ id: "City" });
  expect(jsonSchemaOf(Node)).toMatchObject({ type: "object", properties: { value: { type: "string" } } });
  expect(jsonSchemaOf(named)).toMatchObject({ type: "object", properties: { city: { type: "string" } } });
});

test("zod 3 schemas that are used twice or contain themselves refer to definitions", async () => {
  const address = z3.object({ city: z3.string() });
  const node: z3.ZodType = z3.object({ home: address, work: address, next: z3.lazy(() => node.optional()) }).optional();
  const city = {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  };
  expect(await jsonSchemaOf(node)).toMatchObject({
    type: "object",
    properties: { home: city, work: { $ref: "#/$defs/home" }, next: { $ref: "#" } },
    $defs: { home: city },
  });
});

test("zod 3 tuples and unions with undefined come in the words of draft 2020-12", async () => {
  const schema = z3.object({ pair: z3.tuple([z3.string(), z3.number()]), maybe: z3.array(z3.string().optional()) });
  expect(await jsonSchemaOf(schema)).toMatchObject({
    properties: {
      pair: { type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false },
      maybe: { type: "array", items: { type: "string" } },
    },
  });
});

test("a schema without JSON Schema is an error that says what to do", () => {
  const handwritten = {
    "~standard": { version: 1, vendor: "mine", validate: (value) => ({ value }) },
  } satisfies StandardSchemaV1;
  expect(() => jsonSchemaOf(handwritten)).toThrow(ConfigurationError);
  expect(() => jsonSchemaOf(handwritten)).toThrow(/"mine".*Standard JSON Schema/);
  expect(() => jsonSchemaOf(v.string())).toThrow(/Wrap it with toStandardJsonSchema from @valibot\/to-json-schema/);
});

test("what JSON cannot hold is an error with the converter's reason", async () => {
  expect(() => jsonSchemaOf(z.date())).toThrow(/cannot be written as JSON Schema: Date/);
  await expect(jsonSchemaOf(z40.date())).rejects.toThrow(/cannot be written as JSON Schema: Date/);
});

test("no schema library is loaded before a schema needs it", () => {
  const floor = new URL("../../src/schema/", import.meta.url);
  const loading = readdirSync(floor).filter((file) =>
    /^import (?!type )[^;]*from "(zod|arktype|valibot)/m.test(readFileSync(new URL(file, floor), "utf8")),
  );
  expect(loading).toEqual([]);
});
