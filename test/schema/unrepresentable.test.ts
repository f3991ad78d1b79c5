import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";
import { z as z3 } from "zod-3";
import { z as z40 } from "zod-3/v4";
import { jsonSchemaOf } from "../../src/schema/json-schema.js";
import { shapeSchema } from "../../src/schema/shape.js";
import type { Schema } from "../../src/schema/standard.js";

const messageOf = async (schema: Schema) => {
  try {
    await jsonSchemaOf(schema);
    return "it has a JSON Schema";
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};

const Deep3 = (inner: z3.ZodTypeAny) => z3.object({ list: z3.array(z3.object({ at: inner })) });
const Deep4 = (inner: z.ZodType) => z.object({ list: z.array(z.object({ at: inner })) });

describe("a type that JSON lacks is refused with its path:", () => {
  test.each<readonly [string, Schema]>([
    ["zod 3 date", Deep3(z3.date())],
    ["zod 3 optional date", Deep3(z3.date().optional())],
    ["zod 3 nullable date", Deep3(z3.date().nullable())],
    ["zod 3 date with a default", Deep3(z3.date().default(() => new Date()))],
    ["zod 3 date that is transformed", Deep3(z3.date().transform(String))],
    ["zod 3 bigint", Deep3(z3.bigint())],
    ["zod 3 nullable bigint", Deep3(z3.bigint().nullable())],
    ["zod 3 literal of a bigint", Deep3(z3.literal(1n as never))],
    ["zod 3 set", Deep3(z3.set(z3.string()))],
    ["zod 3 map", Deep3(z3.map(z3.string(), z3.number()))],
    ["zod 3 symbol", Deep3(z3.symbol())],
    ["zod 3 function", Deep3(z3.function())],
    ["zod 3 nan", Deep3(z3.nan())],
    ["zod 3 never", Deep3(z3.never())],
    ["zod 3 union of a date and a set", Deep3(z3.union([z3.date(), z3.set(z3.string())]))],
    ["zod 4 date", Deep4(z.date())],
    ["zod 4 optional date", Deep4(z.date().optional())],
    ["zod 4 bigint", Deep4(z.bigint())],
    ["zod 4 literal of a bigint", Deep4(z.literal(1n))],
    ["zod 4 set", Deep4(z.set(z.string()))],
    ["zod 4 map", Deep4(z.map(z.string(), z.string()))],
    ["zod 4 symbol", Deep4(z.symbol())],
    ["zod 4 nan", Deep4(z.nan())],
    ["zod 4 file", Deep4(z.file())],
    ["zod 4 never", Deep4(z.never())],
    ["zod 4 instance", Deep4(z.instanceof(Date))],
    ["zod 4 custom type", Deep4(z.custom<string>(() => true))],
    ["zod/mini date", mini.object({ list: mini.array(mini.object({ at: mini.date() })) })],
    ["zod 4.0 date", z40.object({ list: z40.array(z40.object({ at: z40.date() })) })],
    ["zod 4.0 file", z40.object({ list: z40.array(z40.object({ at: z40.file() })) })],
    ["ArkType Date", type({ list: type({ at: "Date" }).array() })],
    ["ArkType Date in a range", type({ list: type({ at: "Date > d'2020-01-01'" }).array() })],
    ["ArkType optional Date", type({ list: type({ "at?": "Date" }).array() })],
    ["ArkType Date or null", type({ list: type({ at: "Date | null" }).array() })],
    ["ArkType Set", type({ list: type({ at: "Set" }).array() })],
    ["ArkType bigint", type({ list: type({ at: "bigint" }).array() })],
    ["ArkType symbol", type({ list: type({ at: "symbol" }).array() })],
    ["ArkType function", type({ list: type({ at: "Function" }).array() })],
    ["ArkType instance", type({ list: type({ at: type.instanceOf(Uint8Array) }).array() })],
    ["ArkType never", type({ list: type({ at: "never" }).array() })],
    ["Valibot date", toStandardJsonSchema(v.object({ list: v.array(v.object({ at: v.date() })) }))],
    ["Valibot blob", toStandardJsonSchema(v.object({ list: v.array(v.object({ at: v.blob() })) }))],
    ["Valibot instance", toStandardJsonSchema(v.object({ list: v.array(v.object({ at: v.instance(Date) })) }))],
    [
      "Valibot optional bigint",
      toStandardJsonSchema(v.object({ list: v.array(v.object({ at: v.optional(v.bigint()) })) })),
    ],
  ])("%s", async (_, schema) => {
    expect(await messageOf(schema)).toMatch(
      /^ConfigurationError: The field list\[\]\.at cannot be written as JSON Schema: .*\. (Take a type of JSON|Use types that JSON has)/,
    );
  });
});

test.each<readonly [string, Schema]>([
  ["zod 3", z3.date()],
  ["zod 4", z.date()],
  ["ArkType", type("Date")],
  ["Valibot", toStandardJsonSchema(v.date())],
])("the schema itself is named if it is the type, in %s", async (_, schema) => {
  expect(await messageOf(schema)).toMatch(/^ConfigurationError: The schema cannot be written as JSON Schema: .*date/i);
});

test("a field of a shape is named, and what is inside it", async () => {
  expect(() => shapeSchema({ when: z.object({ from: z.date() }) })).toThrow(/^The field when\.from cannot be written/);
  await expect(shapeSchema({ when: z3.object({ from: z3.date() }) })).rejects.toThrow(/^The field when\.from cannot/);
  expect(() => shapeSchema({ when: type("Date") })).toThrow(/^The field when cannot be written/);
});

describe("a type that JSON values can satisfy is not refused:", () => {
  test.each<readonly [string, Schema, unknown]>([
    ["zod 3 coerced date", z3.object({ a: z3.coerce.date() }), { a: "2020-01-01" }],
    [
      "zod 3 date behind a preprocessor",
      z3.object({ a: z3.preprocess((a) => new Date(a as string), z3.date()) }),
      { a: "2020-01-01" },
    ],
    [
      "zod 3 objects of dates behind a preprocessor",
      z3.preprocess(() => ({ d: new Date() }), z3.object({ d: z3.date() })),
      {},
    ],
    ["zod 3 date with a catch", z3.object({ a: z3.date().catch(new Date(0)) }), { a: "x" }],
    ["zod 3 text that becomes a date", z3.object({ a: z3.string().pipe(z3.coerce.date()) }), { a: "2020-01-01" }],
    ["zod 3 date or text", z3.object({ a: z3.union([z3.date(), z3.string()]) }), { a: "2020-01-01" }],
    ["zod 3 optional never", z3.object({ a: z3.never().optional() }), {}],
    ["zod 3 undefined", z3.object({ a: z3.undefined() }), {}],
    [
      "zod 4 codec of a date",
      z.object({
        a: z.codec(z.iso.datetime(), z.date(), {
          decode: (text) => new Date(text),
          encode: (date) => date.toISOString(),
        }),
      }),
      { a: "2020-01-01T00:00:00Z" },
    ],
    ["zod 4 optional never", z.object({ a: z.never().optional() }), {}],
    ["zod 4 list of never", z.object({ a: z.array(z.never()) }), { a: [] }],
    ["ArkType text that becomes a date", type({ a: "string.date.parse" }), { a: "2020-01-01" }],
    ["ArkType Date or text", type({ a: "Date | string" }), { a: "2020-01-01" }],
    ["ArkType text or undefined", type({ a: "string | undefined" }), { a: "x" }],
  ])("%s", async (_, schema, value) => {
    expect(await messageOf(schema)).toBe("it has a JSON Schema");
    expect(await schema["~standard"].validate(value)).not.toHaveProperty("issues.0");
  });
});

test("a choice that cannot be made is left out, and no mark goes out", async () => {
  expect(await jsonSchemaOf(type({ a: "Date | string" }))).toMatchObject({
    properties: { a: { anyOf: [{ type: "string" }] } },
  });
  const inZod3 = await jsonSchemaOf(z3.object({ a: z3.union([z3.date(), z3.string()]) }));
  expect(inZod3).toMatchObject({ properties: { a: { anyOf: [{ type: "string" }] } } });
  expect(JSON.stringify(inZod3)).not.toContain("x-callwright");
});
