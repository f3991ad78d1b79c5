import { type } from "arktype";
import * as v from "valibot";
import { expect, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod-3";
import { parseJson } from "../../src/json.js";
import { shapeSchema, validateShape } from "../../src/schema/shape.js";

const book = { title: z.string(), pages: z.number().default(100), author: z.object({ name: z.string() }).optional() };

test("each field is validated by its own schema, defaults are filled in and unknown keys dropped", () => {
  expect(validateShape(book, { title: "Dune", author: { name: "Frank" }, publisher: "Chilton" })).toEqual({
    value: { title: "Dune", pages: 100, author: { name: "Frank" } },
  });
});

test("an optional field that is missing stays missing", () => {
  const result = validateShape(book, { title: "Dune" });
  expect(result).toEqual({ value: { title: "Dune", pages: 100 } });
  expect("value" in result && Object.keys(result.value)).toEqual(["title", "pages"]);
});

test("issues name the field first, and all fields are looked at", () => {
  expect(validateShape(book, { author: { name: 1 } })).toMatchObject({
    issues: [{ path: ["title"] }, { path: ["author", "name"] }],
  });
});

test("fields of several libraries make one shape", async () => {
  const shape = { one: z.string(), two: z3.number(), three: type("string"), four: v.boolean() };
  expect(await validateShape(shape, { one: "a", two: 2, three: "c", four: true })).toEqual({
    value: { one: "a", two: 2, three: "c", four: true },
  });
  expect(await validateShape(shape, {})).toMatchObject({
    issues: [{ path: ["one"] }, { path: ["two"] }, { path: ["three"] }, { path: ["four"] }],
  });
});

test("one asynchronous field makes the whole result a promise", async () => {
  const shape = { id: z.string().refine(async (id) => id === "known", "unknown id"), count: z.number() };
  await expect(validateShape(shape, { id: "known", count: 1 })).resolves.toEqual({ value: { id: "known", count: 1 } });
  await expect(validateShape(shape, { id: "other", count: 1 })).resolves.toEqual({
    issues: [{ message: "unknown id", path: ["id"] }],
  });
});

test.each([null, undefined, "text", 3, ["list"]])("%j is not an object of fields", (input) => {
  expect(validateShape(book, input)).toEqual({ issues: [{ message: "Expected an object" }] });
});

test("a field may be named constructor, and an inherited one does not count", () => {
  const shape = { constructor: z.string(), toString: z.string().optional() };
  expect(validateShape(shape, { constructor: "Wright" })).toEqual({ value: { constructor: "Wright" } });
  expect(validateShape({ constructor: z.any() }, {})).toEqual({ value: {} });
  expect(validateShape({ constructor: z.string() }, {})).toMatchObject({ issues: [{ path: ["constructor"] }] });
  expect(shapeSchema(shape)).toMatchObject({
    properties: { constructor: { type: "string" } },
    required: ["constructor"],
  });
});

test.each([
  '{"__proto__":{"isAdmin":true},"a":{}}',
  '{"\\u005f\\u005fproto__":{"isAdmin":true},"a":{}}',
  '{"constructor":{"prototype":{"isAdmin":true}},"a":{}}',
  '{"a":{"b":[{"__proto__":{"isAdmin":true}}]}}',
])("%s pollutes nothing", (text) => {
  for (const input of [JSON.parse(text), parseJson(text)]) {
    const result = validateShape({ a: z.looseObject({}) }, input);
    expect(result).toHaveProperty("value.a");
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
    const { value } = result as { value: Record<string, unknown> };
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(value.isAdmin).toBeUndefined();
  }
});

test("a field named __proto__ is refused", () => {
  const shape = JSON.parse('{"__proto__":0}');
  expect(() => validateShape(shape, {})).toThrow(/may not be named __proto__/);
  expect(() => shapeSchema(shape)).toThrow(/may not be named __proto__/);
});

test("the schema of a shape is a closed object that requires what may not be left out", () => {
  expect(shapeSchema(book)).toEqual({
    type: "object",
    properties: {
      title: { type: "string" },
      pages: { type: "number", default: 100 },
      author: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
    },
    required: ["title"],
    additionalProperties: false,
  });
  expect(shapeSchema(book)).toBe(shapeSchema(book));
});

test("a shape without fields takes an empty object", () => {
  expect(shapeSchema({})).toEqual({ type: "object", properties: {}, required: [], additionalProperties: false });
});

test("zod 3 fields have their optional, default and nullable told apart", async () => {
  const shape = {
    plain: z3.string(),
    optional: z3.string().describe("inner").optional(),
    described: z3.string().optional().describe("outer"),
    preset: z3.number().default(3),
    nullable: z3.enum(["a", "b"]).nullable(),
    nullish: z3.string().nullish(),
  };
  expect(await shapeSchema(shape)).toEqual({
    type: "object",
    properties: {
      plain: { type: "string" },
      optional: { type: "string", description: "inner" },
      described: { type: "string", description: "outer" },
      preset: { type: "number", default: 3 },
      nullable: { anyOf: [{ type: "string", enum: ["a", "b"] }, { type: "null" }] },
      nullish: { type: ["string", "null"] },
    },
    required: ["plain", "nullable"],
    additionalProperties: false,
  });
});

test("undefined in a union makes a field optional and leaves no trace in its schema", () => {
  expect(shapeSchema({ nickname: type("string | undefined"), name: type("string") })).toMatchObject({
    properties: { nickname: { type: "string" } },
    required: ["name"],
  });
});

test("a coerced string is required, lest a missing one become the text undefined", async () => {
  expect(shapeSchema({ id: z.coerce.string() })).toMatchObject({ required: ["id"] });
  expect(await shapeSchema({ id: z3.coerce.string() })).toMatchObject({ required: ["id"] });
});

test("a field whose check throws on undefined is required", async () => {
  expect(await shapeSchema({ name: z.any().refine((value) => value.length > 0) })).toMatchObject({
    required: ["name"],
  });
});

test("recursive fields keep pointing at themselves inside the composed schema", () => {
  const node = z.object({
    value: z.string(),
    get kids() {
      return z.array(node);
    },
  });
  const address = z.object({ city: z.string() }).meta({ id: "Address" });
  const kids = { type: "array", items: { $ref: "#/$defs/tree" } };
  const tree = { type: "object", properties: { value: { type: "string" }, kids }, required: ["value", "kids"] };

  expect(shapeSchema({ tree: node, home: z.object({ at: address }) })).toMatchObject({
    properties: { tree, home: { properties: { at: { $ref: "#/$defs/Address" } } } },
    $defs: { tree, Address: { type: "object", properties: { city: { type: "string" } } } },
  });
});
