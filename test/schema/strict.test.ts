import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod-3";
import { ConfigurationError } from "../../src/errors.js";
import { jsonSchemaOf } from "../../src/schema/json-schema.js";
import type { JsonSchema, Schema } from "../../src/schema/standard.js";
import { strictSchema } from "../../src/schema/strict.js";

const schemaOf = (schema: Schema) => jsonSchemaOf(schema) as JsonSchema;
const openai = (schema: Schema) => strictSchema(schemaOf(schema), "openai");
const anthropic = (schema: Schema) => strictSchema(schemaOf(schema), "anthropic");

const node = z.object({
  value: z.string(),
  get next() {
    return node.optional();
  },
});

describe("OpenAI", () => {
  test("every object is closed, every key required, and optional ones are nullable", () => {
    const schema = z.object({
      title: z.string(),
      pages: z.number().optional(),
      genre: z.enum(["a", "b"]).optional().describe("Which shelf"),
      kind: z.literal("book").optional(),
      author: z.object({ name: z.string().optional() }).optional(),
      tags: z.array(z.object({ tag: z.string() })).optional(),
      id: z.union([z.string(), z.object({ n: z.number() })]).optional(),
    });
    const nothing = { type: "null" };
    expect(openai(schema)).toEqual({
      type: "object",
      properties: {
        title: { type: "string" },
        pages: { type: ["number", "null"] },
        genre: { type: ["string", "null"], enum: ["a", "b", null], description: "Which shelf" },
        kind: { anyOf: [{ type: "string", const: "book" }, nothing] },
        author: {
          anyOf: [
            {
              type: "object",
              properties: { name: { type: ["string", "null"] } },
              required: ["name"],
              additionalProperties: false,
            },
            nothing,
          ],
        },
        tags: {
          anyOf: [
            {
              type: "array",
              items: {
                type: "object",
                properties: { tag: { type: "string" } },
                required: ["tag"],
                additionalProperties: false,
              },
            },
            nothing,
          ],
        },
        id: {
          anyOf: [
            { type: "string" },
            { type: "object", properties: { n: { type: "number" } }, required: ["n"], additionalProperties: false },
            nothing,
          ],
        },
      },
      required: ["title", "pages", "genre", "kind", "author", "tags", "id"],
      additionalProperties: false,
    });
  });

  test("an optional field that already takes null is left alone", () => {
    expect(openai(z.object({ a: z.string().nullish(), b: z.enum(["x"]).nullish() }))).toMatchObject({
      properties: {
        a: { type: ["string", "null"] },
        b: { anyOf: [{ type: "string", enum: ["x"] }, { type: "null" }] },
      },
      required: ["a", "b"],
    });
  });

  test("keywords that it takes stay, the others are told in the description", () => {
    const schema = z.object({
      name: z.string().min(3).max(9).describe("Full name"),
      age: z.number().int().min(0).default(7),
      link: z.url(),
      mail: z.email(),
      code: z.string().regex(/^[A-Z]{3}$/),
      secret: z.string().regex(/^(?=.*\d).+$/),
      list: z.array(z.string()).min(1).max(5),
    });
    expect(openai(schema).properties).toEqual({
      name: { type: "string", description: "Full name (minLength: 3; maxLength: 9)" },
      age: { type: ["integer", "null"], minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: "(default: 7)" },
      link: { type: "string", description: "(format: uri)" },
      mail: { type: "string", format: "email", pattern: expect.any(String) },
      code: { type: "string", pattern: "^[A-Z]{3}$" },
      secret: { type: "string", description: "(pattern: ^(?=.*\\d).+$)" },
      list: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 5 },
    });
  });

  test("a schema that contains itself keeps its references, optional ones beside null", () => {
    expect(openai(node)).toMatchObject({
      properties: { value: { type: "string" }, next: { anyOf: [{ $ref: "#" }, { type: "null" }] } },
      required: ["value", "next"],
    });
  });

  test("definitions are strict too, and words beside a reference get their own place", () => {
    const address = z.object({ city: z.string().optional() }).meta({ id: "Address" });
    expect(openai(z.object({ home: address, work: address.describe("From nine to five") }))).toEqual({
      type: "object",
      properties: {
        home: { $ref: "#/$defs/Address" },
        work: { anyOf: [{ $ref: "#/$defs/Address" }], description: "From nine to five" },
      },
      required: ["home", "work"],
      additionalProperties: false,
      $defs: {
        Address: {
          type: "object",
          properties: { city: { type: ["string", "null"] } },
          required: ["city"],
          additionalProperties: false,
        },
      },
    });
  });

  test("a root that is no object is an error", () => {
    expect(() => openai(z.array(z.string()))).toThrow(/OpenAI's strict mode needs an object at the root/);
    expect(() => openai(z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]))).toThrow(
      /an object at the root/,
    );
  });
});

describe("Anthropic", () => {
  test("every object is closed, and optional keys stay optional", () => {
    expect(anthropic(z.object({ a: z.string(), b: z.object({ c: z.number().optional() }).optional() }))).toEqual({
      type: "object",
      properties: {
        a: { type: "string" },
        b: { type: "object", properties: { c: { type: "number" } }, required: [], additionalProperties: false },
      },
      required: ["a"],
      additionalProperties: false,
    });
  });

  test("bounds and patterns are told in the description, defaults and known formats stay", () => {
    const schema = z.object({
      name: z.string().min(3).describe("Full name"),
      age: z.number().int().min(0).default(7),
      link: z.url(),
      mail: z.email(),
      code: z.string().regex(/^[A-Z]{3}$/),
      some: z.array(z.string()).min(1),
      many: z.array(z.string()).min(2).max(5),
    });
    expect(anthropic(schema).properties).toEqual({
      name: { type: "string", description: "Full name (minLength: 3)" },
      age: { type: "integer", default: 7, description: "(minimum: 0)" },
      link: { type: "string", format: "uri" },
      mail: { type: "string", format: "email" },
      code: { type: "string", description: "(pattern: ^[A-Z]{3}$)" },
      some: { type: "array", items: { type: "string" }, minItems: 1 },
      many: { type: "array", items: { type: "string" }, description: "(minItems: 2; maxItems: 5)" },
    });
  });

  test("a schema that contains itself is an error", () => {
    expect(() => anthropic(node)).toThrow(/contains itself, which Anthropic's strict mode refuses/);
    const { Tree } = type.module({ Tree: { value: "string", "kids?": "Tree[]" } });
    expect(() => anthropic(Tree)).toThrow(/contains itself/);
  });
});

describe.each(["openai", "anthropic"] as const)("for %s", (provider) => {
  test("a record is an error that names its field", () => {
    const strict = (schema: Schema) => () => strictSchema(schemaOf(schema), provider);
    expect(strict(z.object({ a: z.object({ scores: z.record(z.string(), z.number()) }) }))).toThrow(ConfigurationError);
    expect(strict(z.object({ a: z.array(z.object({ scores: z.record(z.string(), z.number()) })) }))).toThrow(
      /^The field a\[\]\.scores is a record, .*A list of \{ key, value \} objects/,
    );
    expect(strict(z.record(z.string(), z.any()))).toThrow(/^The schema is a record/);
    expect(strict(z.looseObject({}))).toThrow(/is a record/);
    expect(strict(z.object({ a: z.string() }).catchall(z.number()))).toThrow(/is a record/);
    expect(strict(type({ "[string]": "number" }))).toThrow(/is a record/);
    expect(strict(type({ any: "object" }))).toThrow(/The field any is a record/);
  });

  test("a loose object with fields is closed, and one without fields stays empty", () => {
    expect(strictSchema(schemaOf(z.looseObject({ a: z.string() })), provider)).toMatchObject({
      additionalProperties: false,
    });
    expect(strictSchema(schemaOf(z.object({})), provider)).toEqual({
      type: "object",
      properties: {},
      required: [],
      additionalProperties: false,
    });
  });

  test("a field that accepts anything is an error that names it", () => {
    expect(() => strictSchema(schemaOf(z.object({ extra: z.unknown() })), provider)).toThrow(
      /^The field extra accepts anything/,
    );
    expect(() => strictSchema({ type: "object", properties: { list: { type: "array" } } }, provider)).toThrow(
      /^The field list\[\] accepts anything/,
    );
  });

  test("oneOf becomes anyOf, and constants get their type", () => {
    const shape = z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("a") }),
      z.object({ kind: z.literal("b") }),
    ]);
    const variant = (kind: string) => ({
      type: "object",
      properties: { kind: { type: "string", const: kind } },
      required: ["kind"],
      additionalProperties: false,
    });
    expect(strictSchema(schemaOf(z.object({ shape })), provider)).toMatchObject({
      properties: { shape: { anyOf: [variant("a"), variant("b")] } },
    });
    expect(strictSchema(schemaOf(type({ size: "'s' | 3" })), provider).properties).toEqual({
      size: { type: expect.arrayContaining(["string", "number"]), enum: expect.arrayContaining(["s", 3]) },
    });
    expect(strictSchema(schemaOf(type({ size: "'s'" })), provider).properties).toEqual({
      size: { type: "string", const: "s" },
    });
  });

  test("an intersection of objects becomes one object", async () => {
    const merged = {
      type: "object",
      properties: { a: { type: "string" }, b: { type: "number" } },
      required: ["a", "b"],
      additionalProperties: false,
    };
    const inValibot = toStandardJsonSchema(v.intersect([v.object({ a: v.string() }), v.object({ b: v.number() })]));
    const inZod3 = z3.intersection(z3.object({ a: z3.string() }), z3.object({ b: z3.number() }));
    expect(strictSchema(schemaOf(inValibot), provider)).toEqual(merged);
    expect(strictSchema(await jsonSchemaOf(inZod3), provider)).toEqual(merged);
  });

  test("parts of an intersection that contradict each other are an error", () => {
    const schema = { allOf: [{ type: "string" }, { type: "number" }] };
    expect(() => strictSchema(schema, provider)).toThrow(/differ in type: "string" and "number"/);
  });

  test("of two patterns the second is told in the description", () => {
    const schema = schemaOf(z.object({ code: z.string().regex(/^a/).regex(/b$/) }));
    expect(strictSchema(schema, provider)).toMatchObject({
      properties: { code: { description: expect.stringContaining("pattern: b$") } },
    });
  });

  test("a choice with constraints around it spreads them over its variants", () => {
    const schema: JsonSchema = {
      type: "object",
      properties: { at: { type: "string", anyOf: [{ format: "ipv4" }, { format: "ipv6" }], description: "Where" } },
      required: ["at"],
    };
    const anyOf = [
      { type: "string", format: "ipv4" },
      { type: "string", format: "ipv6" },
    ];
    expect(strictSchema(schema, provider).properties).toEqual({ at: { anyOf, description: "Where" } });
  });

  test("a tuple becomes a list that tells its order", () => {
    const pair = z.tuple([z.string().describe("name"), z.number()]);
    expect(strictSchema(schemaOf(z.object({ pair })), provider).properties).toMatchObject({
      pair: {
        type: "array",
        items: { anyOf: [{ type: "string", description: "name" }, { type: "number" }] },
        description: expect.stringMatching(/^\(in this order: name, number/),
      },
    });
  });

  test("an intersection that contains itself is an error and no endless loop", () => {
    const part = { type: "object", properties: { extra: { type: "string" } } };
    const next = { allOf: [{ $ref: "#/$defs/node" }, part] };
    const schema = { $ref: "#/$defs/node", $defs: { node: { type: "object", properties: { next } } } };
    expect(() => strictSchema(schema, provider)).toThrow(/contains itself/);
  });

  test("the given schema is not changed, and asking again costs nothing", () => {
    const schema = { type: "object", properties: { a: { type: "string", minLength: 2 } } };
    const before = structuredClone(schema);
    const strict = strictSchema(schema, provider);
    expect(schema).toEqual(before);
    expect(strictSchema(schema, provider)).toBe(strict);
  });
});
