import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import { BaseTool, ConfigurationError, type Schema, tool } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import * as v from "valibot";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod-3";
import { z as zodIn3 } from "zod-3/v4";
import { ask, offersOf, providers } from "./wires.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

/** One tool's arguments in each library, whole and field by field. */
const libraries: readonly [name: string, input: Schema<any>, fields: Readonly<Record<string, Schema>>][] = [
  [
    "zod 4",
    z.object({ title: z.string(), pages: z.number().optional() }),
    { title: z.string(), pages: z.number().optional() },
  ],
  [
    "zod 3",
    z3.object({ title: z3.string(), pages: z3.number().optional() }),
    { title: z3.string(), pages: z3.number().optional() },
  ],
  [
    "zod 4 as zod 3.25 brings it",
    zodIn3.object({ title: zodIn3.string(), pages: zodIn3.number().optional() }),
    { title: zodIn3.string(), pages: zodIn3.number().optional() },
  ],
  [
    "ArkType",
    type({ title: "string", "pages?": "number" }),
    { title: type("string"), pages: type("number").or("undefined") },
  ],
  [
    "Valibot",
    toStandardJsonSchema(v.object({ title: v.string(), pages: v.optional(v.number()) })),
    { title: toStandardJsonSchema(v.string()), pages: toStandardJsonSchema(v.optional(v.number())) },
  ],
];

describe.each(libraries)("a tool with schemas of %s", (_, input, fields) => {
  class ByFields extends BaseTool.of(fields as Record<never, never>) {
    override call() {
      return this.args;
    }
  }
  const byInput = tool({ name: "ByInput", description: "A function", input })((args) => args);
  const tools = [ByFields, byInput];

  test.each(providers)("tells %s what its arguments are", async (provider) => {
    await ask(server, { provider, stream: false }, { tools });
    for (const { schema } of offersOf(server.requests[0]!)) {
      expect(schema).toMatchObject({
        type: "object",
        properties: { title: { type: "string" }, pages: { type: "number" } },
        required: ["title"],
      });
    }
  });

  test.each(providers)("can be strict for %s", async (provider) => {
    const strict = tool({ name: "strict", description: "A strict function", input, strict: true })((args) => args);
    await ask(server, { provider, stream: false }, { tools: [strict] });
    expect(offersOf(server.requests[0]!)[0]).toMatchObject({ strict: true, schema: { additionalProperties: false } });
  });

  test.each(providers)("takes what fits from %s, and refuses what does not", async (provider) => {
    const wrong = { title: "a", pages: "many" };
    const right = { title: "a", pages: 3 };
    const calls = ["ByFields", "ByInput"].flatMap((name) => [
      { name, args: right },
      { name, args: wrong },
    ]);
    server.reply({ toolCalls: calls });
    const { tools: made, toolErrors } = await ask(server, { provider, stream: false }, { tools });
    expect(await Promise.all(made.map((each) => each.call()))).toEqual([right, right]);
    expect(toolErrors.map(({ reason, toolCall }) => [reason, toolCall.name])).toEqual([
      ["invalid-arguments", "ByFields"],
      ["invalid-arguments", "ByInput"],
    ]);
    for (const { issues } of toolErrors)
      expect(issues.map(({ path }) => JSON.stringify(path))).toEqual([expect.stringContaining("pages")]);
  });
});

describe.each([
  ["zod 4", z.string().refine(async (title) => title !== "taken", "is taken")],
  ["zod 3", z3.string().refine(async (title) => title !== "taken", "is taken")],
])("a schema of %s that has to wait", (_, title) => {
  class Reserve extends BaseTool.of({ title }) {
    override call() {
      return this.title;
    }
  }

  test.each(providers)("is awaited in the calls of %s", async (provider) => {
    server.reply({ toolCalls: ["free", "taken"].map((value) => ({ name: "Reserve", args: { title: value } })) });
    for (const stream of [false, true]) {
      const response = await ask(server, { provider, stream }, { tools: [Reserve] });
      expect(response.tools).toHaveLength(1);
      expect(response.tool).toBeInstanceOf(Reserve);
      expect(response.tool.call()).toBe("free");
      expect(response.toolErrors[0]?.issues).toMatchObject([{ message: "is taken", path: ["title"] }]);
    }
  });

  test("cannot be awaited by a constructor, which says so", () => {
    expect(() => new Reserve({ title: "free" })).toThrow(ConfigurationError);
    expect(() => new Reserve({ title: "free" })).toThrow(/A field of Reserve validates asynchronously/);
  });
});

test("transforms and defaults of a schema reach the tool, and the model is told what goes in", async () => {
  const input = z.object({ words: z.string().transform((words) => words.split(" ")), limit: z.number().default(3) });
  const search = tool({ name: "search", description: "Search", input })((args) => args);
  server.reply({ toolCalls: [{ name: "search", args: { words: "a b" } }] });
  const response = await ask(server, { provider: "openai", stream: false }, { tools: [search] });
  expect(response.tool.args).toEqual({ words: ["a", "b"], limit: 3 });
  expect(offersOf(server.requests[0]!)[0].schema).toMatchObject({
    properties: { words: { type: "string" }, limit: { default: 3 } },
    required: ["words"],
  });
});

test("a schema that cannot be written as JSON Schema is an error that says what to do, before any request", async () => {
  const valibot = tool({ name: "bare", description: "Valibot without its adapter", input: v.object({}) })(() => "");
  const date = tool({ name: "date", description: "A date", input: z.object({ day: z.date() }) })(() => "");
  for (const provider of providers) {
    const way = { provider, stream: false };
    await expect(ask(server, way, { tools: [valibot] })).rejects.toThrow(/toStandardJsonSchema/);
    await expect(ask(server, way, { tools: [date] })).rejects.toThrow(ConfigurationError);
  }
  expect(server.requests).toEqual([]);
});
