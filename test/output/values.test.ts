import { call, responseOf } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { ask, askStreamed, gives, ways } from "./ways.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const Book = z.object({ title: z.string(), year: z.number().int().optional() });
const Shape = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("circle"), radius: z.number() }),
  z.object({ kind: z.literal("square"), side: z.number() }),
]);

type Row = readonly [kind: string, schema: z.ZodType, value: unknown];
const objects: readonly Row[] = [
  ["an object", Book, { title: "Momo", year: 1973 }],
  ["an object without its optional field", Book, { title: "Momo" }],
  [
    "nested objects",
    z.object({ shelf: z.object({ books: z.array(Book) }) }),
    { shelf: { books: [{ title: "Momo" }] } },
  ],
  ["an object with a key named value", z.object({ value: z.number() }), { value: 1 }],
  ["an object with a field that may be null", z.object({ year: z.number().nullable() }), { year: null }],
];
const others: readonly Row[] = [
  ["a list of objects", z.array(Book), [{ title: "Momo" }, { title: "Dune", year: 1965 }]],
  ["a list of strings", z.array(z.string()), ["Momo", "Dune"]],
  ["an empty list", z.array(Book), []],
  ["a string", z.string(), "Momo"],
  ["an empty string", z.string(), ""],
  ["a number", z.number(), -1.5],
  ["zero", z.number(), 0],
  ["an enum", z.enum(["good", "bad"]), "bad"],
  ["a literal", z.literal("yes"), "yes"],
  ["true", z.boolean(), true],
  ["false", z.boolean(), false],
  ["a union of plain values", z.union([z.string(), z.number()]), 7],
  ["a union of objects", Shape, { kind: "square", side: 2 }],
  ["null, where the schema has it", z.string().nullable(), null],
];
const rows = [
  ...objects.map(([kind, schema, value]) => [kind, schema, value, value] as const),
  // Providers take objects only, so that all else travels in one with a single key.
  ...others.map(([kind, schema, value]) => [kind, schema, value, { value }] as const),
];

describe.each(ways)("%s", (_, way) => {
  test.each(rows)("%s is asked for, validated and returned", async (_, schema, value, sent) => {
    server.reply(gives(way, sent));
    expect(await ask(server, way, schema)).toEqual(value);
  });

  test.each(rows)("%s is the last item and the output of a stream", async (_, schema, value, sent) => {
    server.reply(gives(way, sent));
    const stream = await askStreamed(server, way, schema);
    let last: unknown;
    for await (const item of stream) last = item;
    expect(last).toEqual(value);
    expect(await stream.output()).toEqual(value);
  });

  test("the value is what the schema makes of the answer: defaults, transforms, no other keys", async () => {
    const schema = z.object({
      title: z.string().transform((title) => title.length),
      tags: z.array(z.string()).default([]),
    });
    server.reply(gives(way, { title: "Momo", more: true }));
    expect(await ask(server, way, schema)).toEqual({ title: 4, tags: [] });
  });

  test("a check that has to be waited for is waited for", async () => {
    const schema = z.string().refine(async (title) => title !== "Momo", "We have that one");
    server.reply(gives(way, { value: "Momo" }), gives(way, { value: "Dune" }));
    await expect(ask(server, way, schema)).rejects.toMatchObject({ issues: [{ message: "We have that one" }] });
    expect(await ask(server, way, schema)).toBe("Dune");
  });

  test("the response behind an object or a list can be had, and is that of its own call", async () => {
    server.reply({ ...gives(way, { title: "Momo" }), usage: { input: 1, output: 2 } });
    const first = await ask(server, way, Book);
    server.reply({ ...gives(way, { value: [1] }), usage: { input: 3, output: 4 } });
    const second = await ask(server, way, z.array(z.number()));
    expect(responseOf(first).usage).toMatchObject({ inputTokens: 1, outputTokens: 2 });
    expect(responseOf(second)).toMatchObject({ provider: way.provider, usage: { inputTokens: 3 } });
    expect(responseOf(second).messages[0]).toEqual({ role: "user", content: "Which book?" });
  });

  test("among 50 calls at once, each gets its own value", async () => {
    server.reply(({ body }) => ({ ...gives(way, { value: body.temperature * 100 }), delayMs: 20 * Math.random() }));
    const numbers = Array.from({ length: 50 }, (_, index) => index);
    const values = await Promise.all(
      numbers.map((n) => ask(server, way, z.number(), { temperature: n / 100 }).then(Math.round)),
    );
    expect(values).toEqual(numbers);
  });
});

test("of a value that came from no call, there is no response", () => {
  for (const value of [{ title: "Momo" }, [], new Date()])
    expect(() => responseOf(value)).toThrow(expect.objectContaining({ name: "ConfigurationError" }));
});

test("a call gives a value wherever its prompt comes from, and to each of its callers", async () => {
  server.reply(({ body }) => ({ text: JSON.stringify({ title: body.messages.at(-1).content }) }));
  const extract = call("openai/gpt-4o-mini", { ...server.openai, responseModel: Book })((text: string) => text);
  const books = await Promise.all(["Momo", "Dune"].map((title) => extract(title)));
  expect(books.map(({ title }) => title)).toEqual(["Momo", "Dune"]);
});
