import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import { completion, fallback, model, retry, tool } from "callwright";
import * as v from "valibot";
import { expect } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod-3";
import { attacks } from "../../schema/attacks.js";
import type { Cell, Section, Target } from "../row.js";

const all: readonly Target[] = ["openai", "responses", "anthropic", "mistral"];

const look = (input: unknown, strict = false) =>
  tool({ name: "look", description: "Looks", input: input as z.ZodType, strict })((args) => JSON.stringify(args));

/** The schema of the first tool that a request offers, on any wire. */
const offered = ({ body }: Cell) => {
  const [first] = body.tools;
  return first.input_schema ?? first.parameters ?? first.function.parameters;
};

const nativeSchema = ({ body }: Cell) =>
  body.output_config?.format?.schema ?? body.text?.format?.schema ?? body.response_format?.json_schema?.schema;

const refusedAtRoot = ["anyOf", "oneOf", "allOf", "enum", "const", "not", "$ref"];

function expectObjectRoot(schema: object): void {
  expect(schema).toMatchObject({ type: "object", properties: expect.any(Object) });
  expect(refusedAtRoot.filter((keyword) => keyword in schema)).toEqual([]);
}

/** Asks with a tool of this input, whose call has these arguments; what the tool gets is what its input gives. */
async function expectTool(cell: Cell, input: unknown, args: object, gets: unknown, strict = false): Promise<void> {
  cell.reply({ toolCalls: [{ name: "look", args }] });
  const { tools, error } = await cell.ask("Hi", { tools: [look(input, strict)] });
  expect(error).toBeUndefined();
  expectObjectRoot(offered(cell));
  expect(tools.map((each) => each.args)).toEqual([gets]);
}

const choice = (lib: typeof z) =>
  lib.discriminatedUnion("kind", [
    lib.object({ kind: lib.literal("user"), name: lib.string() }),
    lib.object({ kind: lib.literal("bot"), id: lib.number() }),
  ]);
const lib3 = z3 as unknown as typeof z;

const members = (count: number, member: () => z.ZodType) =>
  z.object(Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, member()])));
const nested = (levels: number) => {
  let schema: z.ZodType = z.object({ end: z.string() });
  for (let level = 1; level < levels; level++) schema = z.object({ inner: schema });
  return schema;
};

/** Whether a schema is asked for natively; otherwise one tool must be called. */
async function isNative(cell: Cell, responseModel: z.ZodType): Promise<boolean> {
  cell.reply({ status: 400 });
  await cell.ask("Hi", { responseModel });
  const native = nativeSchema(cell);
  if (!native) expectObjectRoot(offered(cell));
  return native !== undefined;
}

/** Expects a ConfigurationError with these words, and no request. */
async function expectRefusal(cell: Cell, options: object, message: RegExp): Promise<void> {
  const { error } = await cell.ask("Hi", options);
  expect(error).toMatchObject({ name: "ConfigurationError" });
  expect(error.message).toMatch(message);
  expect(cell.server.requests).toEqual([]);
}

export const schemas: Section = {
  title: "Schemas of tools and answers",
  rows: [
    {
      id: "R50",
      report: "A tool whose input is a union of objects, or a discriminated union",
      outcome: "One object is offered, with the discriminator as an enum; the arguments are checked by the union",
      source: "claude-code#27337, langchainjs#9804",
      on: all,
      async run(cell) {
        for (const lib of [z, lib3])
          await expectTool(cell, choice(lib), { kind: "bot", id: 1 }, { kind: "bot", id: 1 });
        expect(offered(cell).properties.kind.enum).toEqual(["user", "bot"]);
        await expectTool(
          cell,
          z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]),
          { b: "x" },
          { b: "x" },
        );
      },
    },
    {
      id: "R51",
      report: "The same of a strict tool",
      outcome: "The union stays, under one key of an object, which is unwrapped again",
      source: "claude-code#27337, langchainjs#9804",
      on: ["openai", "responses", "anthropic"],
      run: (cell) =>
        expectTool(cell, choice(z), { value: { kind: "user", name: "Ann" } }, { kind: "user", name: "Ann" }, true),
    },
    {
      id: "R52",
      report: "A tool whose input is an intersection (`.and()` of zod 3)",
      outcome: "Merged into one object",
      source: "notion-mcp-server#102",
      on: all,
      async run(cell) {
        for (const lib of [z, lib3])
          await expectTool(
            cell,
            lib.object({ a: lib.string() }).and(lib.object({ b: lib.number() })),
            { a: "x", b: 1 },
            { a: "x", b: 1 },
          );
      },
    },
    {
      id: "R53",
      report: "A tool whose input is a list, a text, an enum, nullable, or anything",
      outcome: "Wrapped in an object with one key, and unwrapped before it is checked",
      source: "kernl#62",
      on: all,
      async run(cell) {
        await expectTool(cell, z.array(z.string()), { value: ["a"] }, ["a"]);
        await expectTool(cell, z3.string(), { value: "a" }, "a");
        await expectTool(cell, z.enum(["a", "b"]), { value: "a" }, "a");
        await expectTool(cell, z.object({ a: z.string() }).nullable(), { value: null }, null);
        await expectTool(cell, z3.object({ a: z3.string() }).nullable(), { value: { a: "x" } }, { a: "x" });
        await expectTool(cell, z.any(), { value: [1] }, [1]);
      },
    },
    {
      id: "R54",
      report: "A tool whose input is a record, or an object without properties",
      outcome: "Offered with an empty list of properties",
      source: "github-mcp-server#1548",
      on: all,
      async run(cell) {
        await expectTool(cell, z.record(z.string(), z.number()), { a: 1 }, { a: 1 });
        await expectTool(cell, type("object"), { a: 1 }, { a: 1 });
      },
    },
    {
      id: "R55",
      report: "A tool with types that JSON lacks: dates, bigints, sets, maps, files, classes",
      outcome: "A ConfigurationError that names the tool and the field; nothing is sent",
      source: "zod-to-json-schema, ArkType and zod write something for them all the same",
      on: all,
      async run(cell) {
        const inputs = [
          ...[z3.date(), z3.bigint(), z3.set(z3.string()), z3.map(z3.string(), z3.string())].map((at) =>
            z3.object({ a: z3.object({ at }) }),
          ),
          ...[z.date(), z.bigint(), z.file()].map((at) => z.object({ a: z.object({ at }) })),
          type({ a: { at: "Date" } }),
          toStandardJsonSchema(v.object({ a: v.object({ at: v.blob() }) })),
        ];
        for (const input of inputs)
          await expectRefusal(
            cell,
            { tools: [look(input)] },
            /^The tool look: the field a\.at cannot be written as JSON Schema/,
          );
      },
    },
    {
      id: "R56",
      report: "A `responseModel` with such a type",
      outcome: "A ConfigurationError that names the field; nothing is sent",
      source: "the same",
      on: all,
      async run(cell) {
        const message = /^The responseModel: the field at cannot be written as JSON Schema/;
        await expectRefusal(cell, { responseModel: z3.object({ at: z3.date() }) }, message);
        await expectRefusal(cell, { responseModel: z.object({ at: z.date() }) }, message);
        await expectRefusal(cell, { responseModel: type({ at: "Date" }) }, message);
      },
    },
    {
      id: "R57",
      report: "A `responseModel` of 25 optional members, or of 17 unions",
      outcome: "Asked for by a tool on Anthropic, natively elsewhere",
      source: "inbox-zero#2323, vercel/ai#17268",
      on: all,
      async run(cell) {
        const takes = cell.target !== "anthropic";
        expect(
          await isNative(
            cell,
            members(25, () => z.string().optional()),
          ),
        ).toBe(takes);
        expect(
          await isNative(
            cell,
            members(17, () => z.union([z.string(), z.number()])),
          ),
        ).toBe(takes);
        expect(
          await isNative(
            cell,
            members(24, () => z.string().optional()),
          ),
        ).toBe(true);
      },
    },
    {
      id: "R58",
      report: "A `responseModel` of 5,001 members, of 1,001 enum values, of 11 levels",
      outcome: "Asked for by a tool on OpenAI's wire, natively on Anthropic",
      source: "openai-node#1176, ellmer#671",
      on: all,
      async run(cell) {
        const takes = cell.target === "anthropic";
        const values = Array.from({ length: 1001 }, (_, n) => `v${n}`);
        expect(
          await isNative(
            cell,
            members(5001, () => z.string()),
          ),
        ).toBe(takes);
        expect(await isNative(cell, z.object({ a: z.enum(values) }))).toBe(takes);
        expect(await isNative(cell, nested(11))).toBe(takes);
        expect(await isNative(cell, nested(10))).toBe(true);
      },
    },
    {
      id: "R59",
      report: "A fallback to a provider that cannot hold the schema which the first one holds",
      outcome: "It is asked for by a tool there, and the value is the same",
      source: "vercel/ai#17268",
      on: ["openai"],
      async run(cell) {
        const other = model("anthropic/claude-haiku-4-5", cell.server.anthropic);
        cell.reply({ status: 400 }, { toolCalls: [{ name: "answer", args: { m0: "a" } }] });
        const responseModel = members(25, () => z.string().optional());
        const { value } = await cell.ask("Hi", { responseModel, use: [fallback(other), retry({ retries: 0 })] });
        expect(value).toEqual({ m0: "a" });
        expect(cell.body.tool_choice).toMatchObject({ type: "tool", name: "answer" });
      },
    },
    {
      id: "R60",
      report: "A strict tool of 25 optional members; two of 12 and 13; 5,001 members; 1,001 enum values",
      outcome: "A ConfigurationError with tool, limit and count",
      source: "inbox-zero#2323, openai-node#1176",
      on: ["openai", "responses", "anthropic"],
      async run(cell) {
        const optional = (count: number) => members(count, () => z.string().optional());
        if (cell.target !== "anthropic") {
          await expectRefusal(
            cell,
            {
              tools: [
                look(
                  members(5001, () => z.string()),
                  true,
                ),
              ],
            },
            /^The tool look: .*5001 members.*at most 5000/,
          );
          return;
        }
        await expectRefusal(
          cell,
          { tools: [look(optional(25), true)] },
          /^The tool look: .*25 optional members.*at most 24/,
        );
        const named = (name: string, count: number) =>
          tool({ name, description: "d", strict: true, input: optional(count) })(() => "");
        await expectRefusal(cell, { tools: [named("one", 12), named("two", 13)] }, /one, two.*25 optional members/);
      },
    },
    {
      id: "R61",
      report: "A member of a tool named `filter[id]` or longer than 64 characters",
      outcome: "A ConfigurationError with tool and member on Anthropic; sent elsewhere",
      source: "twilio-labs/mcp#58, composio#3067",
      on: ["openai", "anthropic"],
      async run(cell) {
        for (const name of ["filter[id]", "x".repeat(65)]) {
          const tools = [look(z.object({ [name]: z.string() }))];
          if (cell.target === "anthropic")
            await expectRefusal(cell, { tools }, /^The tool look: the field ".*" has a name/);
          else expect((await cell.ask("Hi", { tools })).error).toBeUndefined();
        }
      },
    },
    {
      id: "R62",
      report:
        "3 kB of definitions that refer to each other twice, beside a keyword; 4,000 branches of `allOf`; 5,000 definitions",
      outcome: "Answered, or refused by a budget of steps",
      source: "found by attack",
      on: ["openai", "anthropic"],
      ways: ["plain"],
      async run(cell) {
        for (const parameters of Object.values(attacks)) {
          const tools = [{ type: "function", function: { name: "look", parameters, strict: true } }];
          const messages = [{ role: "user", content: "Hi" }];
          const asked = completion({ model: cell.reference, messages, ...cell.access, tools, stream: false });
          const error: any = await asked.then(() => undefined).catch((error: unknown) => error);
          if (error) expect(error.name).toBe("ConfigurationError");
        }
      },
    },
  ],
};
