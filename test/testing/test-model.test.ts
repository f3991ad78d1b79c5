import { BaseTool, call, prompt, Session, tool } from "callwright";
import { testModel } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const weather = tool({
  name: "weather",
  description: "The weather",
  input: z.object({ city: z.string().min(3), days: z.number().int().min(1).max(7) }),
})(({ city, days }) => `${city} ${days}`);
const clock = tool({ name: "clock", description: "The time", input: z.object({ zone: z.enum(["UTC", "CET"]) }) })(
  ({ zone }) => zone,
);

describe("tools", () => {
  test("all are called once, with valid arguments, and then comes the text", async () => {
    const answer = call(testModel({ text: "Done." }), { tools: [weather, clock], maxSteps: 3 })(() => prompt`Hi`);
    const response = await answer();
    expect(response.content).toBe("Done.");
    expect(response.steps).toHaveLength(2);
    const [first] = response.steps;
    expect(first?.toolCalls.map(({ name, id }) => [name, id])).toEqual([
      ["weather", "call_1"],
      ["clock", "call_2"],
    ]);
    expect(first?.toolErrors).toEqual([]);
    expect(first?.finishReason).toBe("tool-calls");
  });

  test("callTools chooses, and refuses what is not offered", async () => {
    const names = async (callTools: readonly string[] | "all" | "none") => {
      const answer = call(testModel({ callTools }), { tools: [weather, clock] })(() => prompt`Hi`);
      return (await answer()).toolCalls.map(({ name }) => name);
    };
    expect(await names(["clock"])).toEqual(["clock"]);
    expect(await names("none")).toEqual([]);
    expect(await names("all")).toEqual(["weather", "clock"]);
    await expect(names(["calendar"])).rejects.toThrow('"calendar", which is not offered. Offered are weather, clock.');
    const forced = call(testModel(), { tools: [weather, clock], toolChoice: { name: "clock" } })(() => prompt`Hi`);
    expect((await forced()).toolCalls.map(({ name }) => name)).toEqual(["clock"]);
    const forbidden = call(testModel(), { tools: [weather], toolChoice: "none" })(() => prompt`Hi`);
    expect((await forbidden()).toolCalls).toEqual([]);
  });

  test("args are taken over, and completed", async () => {
    const odd = tool({
      name: "odd",
      description: "",
      // No text is both: it can only be given.
      input: z.object({ code: z.string().regex(/^(?=b)a$/), count: z.number() }),
    })(({ code }) => code);
    const model = testModel({ args: { weather: { city: "Rome" }, odd: { code: "!" }, clock: "broken {" } });
    const response = await call(model, { tools: [weather, odd, clock] })(() => prompt`Hi`)();
    const [first, second, third] = response.toolCalls.map((each) => each.arguments);
    expect(JSON.parse(first ?? "")).toEqual({ city: "Rome", days: expect.any(Number) });
    expect(JSON.parse(second ?? "")).toEqual({ code: "!", count: expect.any(Number) });
    expect(third).toBe("broken {");
    await expect(call(testModel(), { tools: [odd] })(() => prompt`Hi`)()).rejects.toThrow(
      /finds no text for the pattern .* Give one in args or output/,
    );
  });

  test("each turn of a conversation calls them anew, under new ids", async () => {
    const session = new Session({ model: testModel(), tools: [clock], maxSteps: 3 });
    await session.send("One?");
    await session.send("Two?");
    const ids = session.history.flatMap(({ content }) =>
      typeof content === "string" ? [] : content.flatMap((part) => (part.type === "tool-call" ? [part.id] : [])),
    );
    expect(ids).toEqual(["call_1", "call_2"]);
  });

  test("streams bring the tools and the text as well", async () => {
    const stream = await call(testModel(), { tools: [weather], stream: true })(() => prompt`Hi`)();
    const tools: unknown[] = [];
    for await (const [, called] of stream) if (called) tools.push(called);
    expect(tools).toHaveLength(1);
    expect(stream.usage?.inputTokens).toBeGreaterThan(0);
  });
});

const schemas = {
  object: z.object({ title: z.string(), year: z.number().int(), tags: z.array(z.string()).optional() }),
  bounds: z.object({
    a: z.number().gt(0).lt(1),
    b: z.number().int().gte(-5).lte(-3),
    c: z.number().multipleOf(0.1).min(2.05),
    d: z.string().length(40),
    e: z.string().min(2).max(3),
    f: z.array(z.number()).min(3).max(4),
    g: z.int().min(1_000_000),
    h: z.number().max(-7),
  }),
  formats: z.object({
    a: z.email(),
    b: z.uuid(),
    c: z.url(),
    d: z.iso.datetime(),
    e: z.iso.date(),
    f: z.ipv4(),
    g: z.ipv6(),
    h: z.iso.time(),
    i: z.iso.duration(),
    j: z.base64(),
    k: z.nanoid(),
    l: z.ulid(),
    m: z.cidrv4(),
    n: z.jwt().optional(),
  }),
  patterns: z.object({
    a: z.string().regex(/^[A-Z]{3}-\d{4}$/),
    b: z.string().regex(/^(?:red|green|#[0-9a-f]{6})$/),
    c: z.string().regex(/^[^a-z\s]+\.\w*?x?$/),
    d: z.string().startsWith("ab.").endsWith("z"),
    e: z
      .string()
      .regex(/\bfoo\b/)
      .min(10),
    f: z.string().regex(/^\p{L}+\u0041\x42\t$/u),
    g: z.string().regex(/^(\d{1,3}\.){3}\d{1,3}$/),
  }),
  choices: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("a"), n: z.number() }),
    z.object({ kind: z.literal("b"), s: z.string().nullable() }),
  ]),
  containers: z.object({
    tuple: z.tuple([z.string(), z.number(), z.boolean()]),
    record: z.record(z.string(), z.number()),
    keyed: z.record(z.enum(["x", "y"]), z.boolean()),
    both: z.object({ a: z.string() }).and(z.object({ b: z.number() })),
    nothing: z.null(),
    anything: z.unknown(),
  }),
  list: z.array(z.enum(["x", "y"])),
  number: z.number().int().min(3).max(3),
};

interface Node {
  name: string;
  children: Node[];
  next?: Node | undefined;
}
const node: z.ZodType<Node> = z.object({
  name: z.string(),
  get children() {
    return z.array(node);
  },
  get next() {
    return node.optional();
  },
});

describe("typed values", () => {
  test.each(Object.entries(schemas))("fit the schema, whatever the seed: %s", async (_, schema) => {
    for (let seed = 0; seed < 25; seed++) {
      const value = await call(testModel({ seed }), { responseModel: schema as z.ZodType })(() => prompt`Hi`)();
      expect(schema.safeParse(value).error).toBeUndefined();
    }
  });

  test("a recursive schema comes to an end", async () => {
    for (let seed = 0; seed < 25; seed++)
      expect(await call(testModel({ seed }), { responseModel: node })(() => prompt`Hi`)()).toHaveProperty("children");
  });

  test("the same seed gives the same, another seed another", async () => {
    const value = (seed: number) => call(testModel({ seed }), { responseModel: schemas.formats })(() => prompt`Hi`)();
    expect(await value(7)).toEqual(await value(7));
    expect(await value(7)).not.toEqual(await value(8));
  });

  test.each(["native", "tool", "text"] as const)("come in %s mode, after the tools were called", async (mode) => {
    const options = { responseModel: schemas.object, outputMode: mode, tools: [clock], maxSteps: 4 };
    expect(await call(testModel(), options as any)(() => prompt`Hi`)()).toHaveProperty("year");
    const given = { title: "Momo", year: 1973 };
    expect(await call(testModel({ output: given }), options as any)(() => prompt`Hi`)()).toEqual(given);
  });

  test("an output that is no object is put where it belongs", async () => {
    const list = call(testModel({ output: ["y", "y"] }), { responseModel: schemas.list })(() => prompt`Hi`);
    expect(await list()).toEqual(["y", "y"]);
  });
});

test("a tool class gets its fields", async () => {
  class FindBook extends BaseTool.of({ title: z.string(), shelf: z.string().regex(/^[A-F]\d$/) }) {
    static description = "Finds a book";
    call() {
      return this.shelf;
    }
  }
  const response = await call(testModel(), { tools: [FindBook] })(() => prompt`Hi`)();
  expect(response.tool?.call()).toMatch(/^[A-F]\d$/);
});
