import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import { BaseTool, type Schema, tool } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod-3";
import { ask, offersOf, providers, ways } from "./wires.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const look = (input: Schema<any>, strict = false) =>
  tool({ name: "look", description: "Looks", input, strict })((args: unknown) => JSON.stringify(args));

const refusedAtRoot = ["anyOf", "oneOf", "allOf", "enum", "const", "not", "$ref"];

/** An input, arguments that the model is then asked for, and what the tool gets of them. */
const inputs: readonly [name: string, input: Schema<any>, args: unknown, gets?: unknown][] = [
  ["a list", z.array(z.string()), { value: ["a"] }, ["a"]],
  ["a list of zod 3", z3.array(z3.string()), { value: ["a"] }, ["a"]],
  ["a text", z.string(), { value: "a" }, "a"],
  ["an enum", z.enum(["a", "b"]), { value: "b" }, "b"],
  ["a number", type("number"), { value: 3 }, 3],
  ["anything", z.any(), { value: [1] }, [1]],
  ["anything of zod 3", z3.any(), { value: { a: 1 } }, { a: 1 }],
  ["an object or null", z.object({ a: z.string() }).nullable(), { value: null }, null],
  ["an object or null, of zod 3", z3.object({ a: z3.string() }).nullable(), { value: { a: "x" } }, { a: "x" }],
  ["an object or a text", z.union([z.object({ a: z.string() }), z.string()]), { value: "a" }, "a"],
  ["a tuple", toStandardJsonSchema(v.tuple([v.string(), v.number()])), { value: ["a", 1] }, ["a", 1]],
  ["a record", z.record(z.string(), z.number()), { a: 1 }],
  ["an object that contains itself", type.module({ N: { v: "string", "next?": "N" } }).N, { v: "a", next: { v: "b" } }],
  ["a union of objects", z.union([z.object({ a: z.string() }), z.object({ b: z.number() })]), { b: 1 }],
  ["an intersection of zod 3", z3.object({ a: z3.string() }).and(z3.object({ b: z3.number() })), { a: "x", b: 1 }],
  [
    "a discriminated union",
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("a"), x: z.string() }),
      z.object({ kind: z.literal("b"), y: z.number() }),
    ]),
    { kind: "b", y: 1 },
  ],
];

describe.each(ways)("a tool of %s whose input is", (_, way) => {
  test.each(inputs)("%s is offered as an object and gets what its input gives", async (_, input, args, gets = args) => {
    server.reply({ toolCalls: [{ name: "look", args: args as object }] });
    const { tools, toolErrors } = await ask(server, way, { tools: [look(input)] });
    const [{ schema }] = offersOf(server.requests[0]!);
    expect(schema.type).toBe("object");
    expect(schema.properties).toBeTypeOf("object");
    expect(refusedAtRoot.filter((keyword) => keyword in schema)).toEqual([]);
    expect(toolErrors).toEqual([]);
    expect(tools[0].args).toEqual(gets);
    expect(await tools[0].call()).toBe(JSON.stringify(gets));
  });

  test("a list, without the object around it, gets the list all the same", async () => {
    server.reply({ toolCalls: [{ name: "look", args: '["a"]' }] });
    const { tools } = await ask(server, way, { tools: [look(z.array(z.string()))] });
    expect(tools[0].args).toEqual(["a"]);
  });

  test("a union, with nulls for the members of the other choices, gets its choice", async () => {
    const input = z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("a"), x: z.string() }),
      z.strictObject({ kind: z.literal("b"), y: z.number() }),
    ]);
    server.reply({ toolCalls: [{ name: "look", args: { kind: "b", y: 1, x: null } }] });
    const { tools } = await ask(server, way, { tools: [look(input)] });
    expect(tools[0].args).toEqual({ kind: "b", y: 1 });
  });

  test("a union is checked by its own schema, choice by choice", async () => {
    const input = z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("a"), x: z.string() }),
      z.object({ kind: z.literal("b"), y: z.number() }),
    ]);
    server.reply({ toolCalls: [{ name: "look", args: { kind: "b", x: "of the other" } }] });
    const { toolErrors } = await ask(server, way, { tools: [look(input)] });
    expect(toolErrors).toMatchObject([{ reason: "invalid-arguments", issues: [{ path: ["y"] }] }]);
  });

  test("a union and is strict keeps its choices, under one key", async () => {
    const input = z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("a"), x: z.string() }),
      z.object({ kind: z.literal("b"), y: z.number().optional() }),
    ]);
    server.reply({ toolCalls: [{ name: "look", args: { value: { kind: "b", y: null } } }] });
    const { tools } = await ask(server, way, { tools: [look(input, true)] });
    const [{ schema }] = offersOf(server.requests[0]!);
    expect(schema).toMatchObject({
      type: "object",
      properties: { value: { anyOf: [{ properties: { x: {} } }, { properties: { y: {} } }] } },
      required: ["value"],
    });
    expect(tools[0].args).toEqual({ kind: "b" });
  });
});

describe.each(providers)("with %s, nothing is sent and the tool and the field are named if", (provider) => {
  const refusal = async (...tools: any[]) => {
    const error = await ask(server, { provider, stream: false }, { tools }).catch((error: unknown) => error);
    expect(error).toMatchObject({ name: "ConfigurationError" });
    expect(server.requests).toEqual([]);
    return (error as Error).message;
  };

  test.each<readonly [string, Schema<any>, RegExp]>([
    [
      "zod 3 wants a date",
      z3.object({ a: z3.object({ at: z3.date() }) }),
      /^The tool look: the field a\.at cannot be written as JSON Schema/,
    ],
    [
      "zod 4 wants a date",
      z.object({ a: z.object({ at: z.date() }) }),
      /^The tool look: the field a\.at cannot be written/,
    ],
    ["zod 4 wants a file", z.object({ a: z.array(z.file()) }), /^The tool look: the field a\[\] .*a File/],
    ["ArkType wants a Set", type({ a: { s: "Set" } }), /^The tool look: the field a\.s .*a Set/],
    [
      "Valibot wants a date",
      toStandardJsonSchema(v.object({ a: v.date() })),
      /^The tool look: the field a cannot be written/,
    ],
    ["the schema has no JSON Schema", v.string(), /^The tool look: a schema of "valibot" cannot say/],
  ])("%s", async (_, input, message) => {
    expect(await refusal(look(input))).toMatch(message);
  });

  test("a class has such a field", async () => {
    class Book extends BaseTool.of({ meta: z.object({ printed: z.date() }) }) {
      override call() {}
    }
    expect(await refusal(Book)).toMatch(/^The tool Book: the field meta\.printed cannot be written as JSON Schema/);
  });

  test("a strict tool has a record", async () => {
    const input = z.object({ a: z.object({ scores: z.record(z.string(), z.number()) }) });
    expect(await refusal(look(input, true))).toMatch(/^The tool look: the field a\.scores is a record/);
  });
});

test("Anthropic refuses other names of members than letters, digits, _, . and -, so nothing is sent", async () => {
  const input = z.object({ "filter[name]": z.string() });
  const asked = (provider: "openai" | "anthropic") =>
    ask(server, { provider, stream: false }, { tools: [look(input)] });
  await expect(asked("anthropic")).rejects.toThrow(
    /^The tool look: the field "filter\[name\]" has a name that Anthropic/,
  );
  expect(server.requests).toEqual([]);
  await asked("openai");
  expect(server.requests).toHaveLength(1);
});

describe("strict tools beyond the limits are refused, with tool, limit and count:", () => {
  const members = (count: number, member: (n: number) => z.ZodType) =>
    z.object(Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, member(n)])));
  let deep: z.ZodType = z.object({ end: z.string() });
  for (let level = 1; level < 11; level++) deep = z.object({ inner: deep });
  const tooMany: readonly [provider: "openai" | "anthropic", name: string, input: z.ZodType, message: RegExp][] = [
    [
      "anthropic",
      "optional members",
      members(25, () => z.string().optional()),
      /has 25 optional members, and Anthropic's strict mode takes at most 24/,
    ],
    ["anthropic", "unions", members(17, () => z.union([z.string(), z.number()])), /has 17 unions, and .* at most 16/],
    [
      "openai",
      "members",
      members(5001, () => z.string()),
      /has 5001 members, and OpenAI's strict mode takes at most 5000/,
    ],
    [
      "openai",
      "enum values",
      z.object({ a: z.enum(Array.from({ length: 1001 }, (_, n) => `v${n}`)) }),
      /has 1001 enum values, and .* at most 1000/,
    ],
    ["openai", "levels", deep, /has 11 levels, and .* at most 10/],
    [
      "openai",
      "characters",
      members(1201, (n) => z.literal("x".repeat(100) + n)),
      /characters of names and values, and .* at most 120000/,
    ],
    [
      "openai",
      "characters in one enum",
      z.object({ a: z.enum(Array.from({ length: 251 }, (_, n) => "x".repeat(60) + n)) }),
      /characters in one enum .*at most 15000/,
    ],
  ];

  test.each(tooMany)("%s, %s", async (provider, _, input, message) => {
    const other = provider === "openai" ? "anthropic" : "openai";
    await expect(ask(server, { provider, stream: false }, { tools: [look(input, true)] })).rejects.toThrow(message);
    await expect(ask(server, { provider, stream: false }, { tools: [look(input, true)] })).rejects.toThrow(
      /^The tool look: /,
    );
    expect(server.requests).toEqual([]);
    // The other provider has other limits, and without strict there are none.
    await ask(server, { provider: other, stream: false }, { tools: [look(input, true)] });
    await ask(server, { provider, stream: false }, { tools: [look(input)] });
    expect(server.requests).toHaveLength(2);
  });

  test("Anthropic counts all strict tools of a request together", async () => {
    const named = (name: string, count: number) =>
      tool({ name, description: "d", strict: true, input: members(count, () => z.string().optional()) })(() => "");
    const asked = (...tools: any[]) => ask(server, { provider: "anthropic", stream: false }, { tools });
    await expect(asked(named("one", 12), named("two", 13))).rejects.toThrow(
      /\(one, two\) have 25 optional members, and Anthropic takes at most 24/,
    );
    await asked(named("one", 12), named("two", 12));
    const many = Array.from({ length: 21 }, (_, n) => named(`t${n}`, 0));
    await expect(asked(...many)).rejects.toThrow(/21 strict tools, and Anthropic takes at most 20/);
    expect(server.requests).toHaveLength(1);
  });
});
