import { ConfigurationError, call, prompt, tool } from "callwright";
import { testModel } from "callwright/testing";
import { describe, expect, test } from "vitest";

type JsonSchema = Readonly<Record<string, unknown>>;

/** A tool whose input is a JSON Schema and nothing else, as those of other servers are. */
async function argumentsFor(schema: JsonSchema, options: Parameters<typeof testModel>[0] = {}): Promise<any> {
  const input = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value: unknown) => ({ value }),
      jsonSchema: { input: () => schema, output: () => schema },
    },
  };
  const open = tool({ name: "open", description: "", input: input as any })(() => "");
  const response = await call(testModel(options), { tools: [open] })(() => prompt`Hi`)();
  return JSON.parse(response.toolCalls[0]?.arguments ?? "null");
}

const object = (properties: JsonSchema, more: object = {}): JsonSchema => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  ...more,
});
const text = { type: "string" };
const keys = (value: object) => Object.keys(value).length;

/** A schema, and whether a value fits it, written down by hand. */
const schemas: Readonly<Record<string, readonly [schema: JsonSchema, fits: (value: any) => boolean]>> = {
  patternProperties: [
    {
      type: "object",
      patternProperties: { "^x-\\d+$": { type: "integer" } },
      additionalProperties: false,
      minProperties: 2,
    },
    (value) => keys(value) >= 2 && Object.entries(value).every(([k, v]) => /^x-\d+$/.test(k) && Number.isInteger(v)),
  ],
  "patternProperties over properties": [
    object({ count: {} }, { patternProperties: { "^c": { type: "number", minimum: 5 } } }),
    ({ count }) => count >= 5,
  ],
  dependentRequired: [
    { type: "object", properties: { a: text, b: text, c: text }, dependentRequired: { a: ["b"], b: ["c"] } },
    (value) => (!("a" in value) || "b" in value) && (!("b" in value) || "c" in value),
  ],
  dependentSchemas: [
    {
      type: "object",
      properties: { card: text, n: { type: "integer", maximum: 20 } },
      required: ["card"],
      dependentSchemas: { card: { properties: { n: { minimum: 10 } }, required: ["n"] } },
    },
    ({ n }) => n >= 10 && n <= 20,
  ],
  "maxProperties and minProperties": [
    { type: "object", properties: { a: text, b: text, c: text, d: text }, minProperties: 2, maxProperties: 2 },
    (value) => keys(value) === 2,
  ],
  "minProperties in a closed object": [
    { type: "object", properties: { a: text, b: text, c: text }, minProperties: 3, additionalProperties: false },
    (value) => keys(value) === 3,
  ],
  "if, then and else": [
    {
      type: "object",
      properties: { kind: { enum: ["a", "b"] }, n: { type: "integer" } },
      required: ["kind", "n"],
      if: { properties: { kind: { const: "a" } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { properties: { n: { minimum: 100 } } },
      else: { properties: { n: { maximum: -100 } } },
    },
    ({ kind, n }) => (kind === "a" ? n >= 100 : n <= -100),
  ],
  "several conditions": [
    object({
      a: {
        ...object({ country: { enum: ["US", "NL"] }, code: text }),
        allOf: [
          // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
          { if: { properties: { country: { const: "US" } } }, then: { properties: { code: { pattern: "^\\d{5}$" } } } },
          // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
          { if: { properties: { country: { const: "NL" } } }, then: { properties: { code: { pattern: "^\\d{4}$" } } } },
        ],
      },
    }),
    ({ a: { country, code } }) => (country === "US" ? /^\d{5}$/ : /^\d{4}$/).test(code),
  ],
  "not an enum": [
    object({ a: { type: "integer", minimum: 0, maximum: 3, not: { enum: [0, 1] } } }),
    ({ a }) => a === 2 || a === 3,
  ],
  "not a type": [object({ a: { not: { type: "string" } } }), ({ a }) => typeof a !== "string"],
  "not a member": [
    object({ v: { type: "object", properties: { a: text, b: text }, not: { required: ["a"] } } }),
    ({ v }) => !("a" in v),
  ],
  "overlapping oneOf": [
    object({
      n: {
        oneOf: [
          { type: "integer", maximum: 50 },
          { type: "integer", minimum: 10 },
        ],
      },
    }),
    ({ n }) => n < 10 !== n > 50,
  ],
  contains: [
    object({ list: { type: "array", items: { type: "integer" }, contains: { const: 7 } } }),
    ({ list }) => list.includes(7),
  ],
  "minContains and maxContains": [
    object({
      list: {
        type: "array",
        items: { enum: [1, 2] },
        contains: { const: 1 },
        minContains: 2,
        maxContains: 2,
        minItems: 4,
      },
    }),
    ({ list }) => list.length >= 4 && list.filter((item: number) => item === 1).length === 2,
  ],
  "unique items": [
    object({ list: { type: "array", items: { enum: [1, 2, 3] }, uniqueItems: true, minItems: 3 } }),
    ({ list }) => new Set(list).size === 3 && list.length === 3,
  ],
  "whole numbers of 16 digits": [
    object({ n: { type: "integer", minimum: 1234567890123456, maximum: 1234567890123457 } }),
    ({ n }) => n === 1234567890123456 || n === 1234567890123457,
  ],
  "whole multiples of a fraction": [
    object({ n: { type: "integer", multipleOf: 2.5, minimum: 1 } }),
    ({ n }) => Number.isInteger(n / 2.5) && Number.isInteger(n),
  ],
  "idn-email": [object({ a: { type: "string", format: "idn-email" } }), ({ a }) => /^[^@\s]+@[^@\s]+\.\w+$/.test(a)],
  "idn-hostname": [object({ a: { type: "string", format: "idn-hostname" } }), ({ a }) => /^[\w-]+(\.[\w-]+)+$/.test(a)],
  iri: [object({ a: { type: "string", format: "iri" } }), ({ a }) => URL.canParse(a)],
  "iri-reference": [
    object({ a: { type: "string", format: "iri-reference" } }),
    ({ a }) => URL.canParse(a, "http://a.b"),
  ],
  "json-pointer": [object({ a: { type: "string", format: "json-pointer" } }), ({ a }) => /^(\/[^/~]*)*$/.test(a)],
  "relative-json-pointer": [
    object({ a: { type: "string", format: "relative-json-pointer" } }),
    ({ a }) => /^\d+(#|(\/[^/~]*)*)$/.test(a),
  ],
  regex: [object({ a: { type: "string", format: "regex" } }), ({ a }) => Boolean(new RegExp(a, "u"))],
  "propertyNames with a pattern": [
    {
      type: "object",
      propertyNames: { pattern: "^[a-z]{3}$" },
      additionalProperties: { type: "null" },
      minProperties: 2,
    },
    (value) => keys(value) >= 2 && Object.keys(value).every((key) => /^[a-z]{3}$/.test(key)),
  ],
  "bounds without a type": [
    object({ a: { minimum: 3, maximum: 4 } }),
    ({ a }) => typeof a !== "number" || (a >= 3 && a <= 4),
  ],
  "a tuple with more items": [
    object({ a: { type: "array", prefixItems: [text, { type: "null" }], items: { type: "boolean" }, minItems: 4 } }),
    ({ a }) =>
      typeof a[0] === "string" && a[1] === null && a.slice(2).every((item: unknown) => typeof item === "boolean"),
  ],
  "a condition behind a reference": [
    {
      ...object({ a: { $ref: "#/$defs/A" } }),
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      $defs: { A: { type: "integer", if: { minimum: 10 }, then: { multipleOf: 7 }, else: { multipleOf: 5 } } },
    },
    ({ a }) => (a >= 10 ? a % 7 === 0 : a % 5 === 0),
  ],
};

describe("arguments fit their JSON Schema, whatever the seed", () => {
  test.each(Object.entries(schemas))("%s", async (_, [schema, fits]) => {
    for (let seed = 0; seed < 5; seed++) {
      const value = await argumentsFor(schema, { seed });
      if (!fits(value)) expect(value).toBe("a value that fits");
    }
  });
});

const impossible: readonly (readonly [keyword: string, schema: JsonSchema])[] = [
  ["uniqueItems|minItems", object({ a: { type: "array", items: { enum: [1, 2] }, uniqueItems: true, minItems: 3 } })],
  ["not", object({ a: { type: "string", not: {} } })],
  [
    "maxContains",
    object({ a: { type: "array", items: { const: 1 }, contains: { const: 1 }, maxContains: 1, minItems: 2 } }),
  ],
  ["minProperties", { type: "object", properties: { a: text }, additionalProperties: false, minProperties: 2 }],
  ["oneOf", object({ a: { oneOf: [text, text] } })],
  ["maximum|minimum", object({ a: { type: "number", allOf: [{ minimum: 5 }, { maximum: 4 }] } })],
];

test.each(impossible)("a schema that no value fits is an error that names %s", async (keyword, schema) => {
  const error = await argumentsFor(schema).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error.message).toMatch(new RegExp(`"(${keyword})"`));
  expect(error.message).toMatch(/Give args or output/);
});

test("arguments that are given keep the rest valid, and may break the rules themselves", async () => {
  const [schema] = schemas.dependentRequired as (typeof schemas)[string];
  expect(await argumentsFor(schema, { args: { open: { a: "given" } } })).toMatchObject({
    a: "given",
    b: expect.anything(),
  });
  const closed = object({ a: { type: "integer" }, b: { type: "integer" } }, { additionalProperties: false });
  expect(await argumentsFor(closed, { args: { open: { a: "wrong", z: 1 } } })).toEqual({
    a: "wrong",
    b: expect.any(Number),
    z: 1,
  });
});

test("a value depends only on the seed and the schema, also if several attempts were needed", async () => {
  const [schema] = schemas["overlapping oneOf"] as (typeof schemas)[string];
  const values = await Promise.all([0, 0, 1, 2, 3].map((seed) => argumentsFor(schema, { seed })));
  expect(values[0]).toEqual(values[1]);
  expect(new Set(values.map((value) => value.n)).size).toBeGreaterThan(1);
});
