import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../src/errors.js";
import { checkSchema } from "../../src/schema/check.js";

function nested(depth: number): object {
  let schema: object = { type: "string" };
  for (let level = 0; level < depth; level++) schema = { type: "object", properties: { inner: schema } };
  return schema;
}

function cyclic(): object {
  const schema: Record<string, unknown> = { type: "object" };
  schema.properties = { self: schema, again: schema };
  return schema;
}

function cyclicDefault(): object {
  const data: Record<string, unknown> = {};
  data.self = data;
  return { type: "object", default: data };
}

function shared(depth: number): object {
  let schema: object = { type: "string" };
  for (let level = 0; level < depth; level++) schema = { type: "object", properties: { a: schema, b: schema } };
  return schema;
}

describe("a JSON schema is refused if", () => {
  test.each<readonly [string, unknown, RegExp]>([
    ["required is no list", { properties: { a: { required: 5 } } }, /properties\.a\.required must be a list of names/],
    ["properties is a list", { type: "object", properties: [] }, /properties must be an object of schemas/],
    ["a property is a number", { properties: { a: 5 } }, /properties\.a must be a schema/],
    ["a property is null", { properties: { a: null } }, /properties\.a must be a schema/],
    ["anyOf is an object", { anyOf: {} }, /anyOf must be a list of schemas/],
    ["a choice is a text", { anyOf: [{ type: "string" }, "number"] }, /anyOf\.1 must be a schema/],
    ["enum is a text", { enum: "a" }, /enum must be a list of values/],
    ["a type is not known", { type: "date" }, /type must be one of object, array/],
    ["its types are none", { type: [] }, /type must be one of/],
    ["a reference is a number", { properties: { a: { $ref: 5 } } }, /properties\.a\.\$ref must be a text/],
    ["a reference leads nowhere", { $ref: "#/$defs/None" }, /refers to "#\/\$defs\/None", which is not in it/],
    ["a reference leads outside", { $ref: "https://example.com/schema" }, /which is not in it/],
    ["a reference has broken escapes", { $ref: "#/$defs/%E0%A4%A" }, /which is not in it/],
    ["a reference leads to a prototype", { $ref: "#/constructor" }, /which is not in it/],
    ["it is a list", [], /it must be a schema/],
    ["it is the instance of a class", new (class Schema {})(), /it must be a schema/],
    ["it inherits its keywords", Object.create({ type: "object" }), /it must be a schema/],
    [
      "a default is a bigint",
      { properties: { a: { default: 1n } } },
      /properties\.a\.default must be a value that JSON has/,
    ],
    ["a constant holds a bigint", { const: { n: [1n] } }, /const\.n\.0 must be a value that JSON has/],
    ["it is nested 30,000 deep", nested(30_000), /nested more than 150 deep/],
    ["it contains itself", cyclic(), /nested more than 150 deep.*do not let it contain itself/],
    ["its data contains itself", cyclicDefault(), /its data more than 100/],
    ["it is 2^40 schemas, in 40 objects", shared(40), /more than 50000 parts/],
    ["it has 5,001 values", { enum: Array.from({ length: 5001 }, (_, n) => n) }, /more than 5000 values/],
  ])("%s", (_, schema, message) => {
    expect(() => checkSchema(schema)).toThrow(ConfigurationError);
    expect(() => checkSchema(schema)).toThrow(message);
  });
});

test.each<readonly [string, unknown]>([
  ["true and false for schemas", { properties: { a: true }, additionalProperties: false, items: [true], not: false }],
  ["undefined for what is left out", { type: "object", description: undefined, required: undefined, items: undefined }],
  ["keywords that are not known", { "x-order": ["a"], type: "object" }],
  ["data that looks like a schema", { default: { required: 5, properties: [], $ref: "#/none" } }],
  ["a property named like a keyword", { properties: { required: { type: "string" }, $ref: { type: "string" } } }],
  ["a reference to the whole", { type: "object", properties: { next: { $ref: "#" } } }],
  ["a reference with escapes", { $ref: "#/$defs/a~1b%20c", $defs: { "a/b c": { type: "object" } } }],
  ["5,001 members", { properties: Object.fromEntries(Array.from({ length: 5001 }, (_, n) => [`m${n}`, {}])) }],
  ["150 levels", nested(149)],
])("a JSON schema may have %s", (_, schema) => {
  expect(() => checkSchema(schema)).not.toThrow();
});
