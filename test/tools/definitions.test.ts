import { BaseTool, type FunctionTool, tool } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { ask, offersOf, providers } from "./wires.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

class FormatBook extends BaseTool.of({
  title: z.string(),
  author: z.string().describe("full name"),
  pages: z.number().optional(),
}) {
  override call(): string {
    return `${this.title} by ${this.author}`;
  }
}
tool("Format a book recommendation")(FormatBook);

const getWeather = tool({ name: "get_weather", description: "Current weather", input: z.object({ city: z.string() }) })(
  ({ city }) => `Rain in ${city}`,
);

const bookSchema = {
  type: "object",
  properties: {
    title: { type: "string" },
    author: { type: "string", description: "full name" },
    pages: { type: "number" },
  },
  required: ["title", "author"],
  additionalProperties: false,
};
const weatherSchema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

test("OpenAI gets each tool as a function with its parameters", async () => {
  await ask(server, { provider: "openai", stream: false }, { tools: [FormatBook, getWeather] });
  expect(server.requests[0]?.body.tools).toEqual([
    {
      type: "function",
      function: { name: "FormatBook", description: "Format a book recommendation", parameters: bookSchema },
    },
    {
      type: "function",
      function: {
        name: "get_weather",
        description: "Current weather",
        parameters: weatherSchema,
      },
    },
  ]);
});

test("Anthropic gets each tool with its input schema", async () => {
  await ask(server, { provider: "anthropic", stream: false }, { tools: [FormatBook, getWeather] });
  expect(server.requests[0]?.body.tools).toEqual([
    { name: "FormatBook", description: "Format a book recommendation", input_schema: bookSchema },
    { name: "get_weather", description: "Current weather", input_schema: weatherSchema },
  ]);
});

describe.each(providers)("what %s is told of a tool", (provider) => {
  const offers = async (...tools: Parameters<typeof ask>[2]["tools"] & {}) => {
    await ask(server, { provider, stream: false }, { tools });
    return offersOf(server.requests.at(-1)!);
  };

  test("the same stands in a plain and in a streamed request", async () => {
    await ask(server, { provider, stream: false }, { tools: [FormatBook, getWeather] });
    await ask(server, { provider, stream: true }, { tools: [FormatBook, getWeather] });
    const [plain, streamed] = server.requests;
    expect(streamed?.body.tools).toEqual(plain?.body.tools);
  });

  test("defaults, nested objects, lists, enums and nullable fields keep their meaning", async () => {
    const fields = {
      genre: z.enum(["fantasy", "crime"]),
      limit: z.number().int().min(1).max(50).default(10),
      note: z.string().nullable(),
      shelf: z.object({ room: z.string(), row: z.number().optional() }).describe("where it stands"),
      tags: z.array(z.string()).optional(),
    };
    class Search extends BaseTool.of(fields) {
      override call() {}
    }
    const search = tool({ name: "search", description: "Search", input: z.object(fields) })(() => "");

    const properties = {
      genre: { type: "string", enum: ["fantasy", "crime"] },
      limit: { type: "integer", minimum: 1, maximum: 50, default: 10 },
      note: { type: ["string", "null"] },
      shelf: {
        type: "object",
        description: "where it stands",
        properties: { room: { type: "string" }, row: { type: "number" } },
        required: ["room"],
      },
      tags: { type: "array", items: { type: "string" } },
    };
    for (const { schema } of await offers(Search, search))
      expect(schema).toMatchObject({ type: "object", properties, required: ["genre", "note", "shelf"] });
  });

  test("a class without a decorator is offered by its name, and one without fields takes no arguments", async () => {
    class Ping extends BaseTool {
      override call() {}
    }
    expect(await offers(Ping)).toEqual([
      {
        name: "Ping",
        description: "",
        schema: { type: "object", properties: {}, required: [], additionalProperties: false },
      },
    ]);
  });

  test("a function's name is its tool's, unless another is given; without an input it takes no arguments", async () => {
    async function ping() {}
    const empty = { type: "object", properties: {}, required: [], additionalProperties: false };
    expect(await offers(tool("Ping")(ping), tool({ name: "pong", description: "Pong" })(ping))).toEqual([
      { name: "ping", description: "Ping", schema: empty },
      { name: "pong", description: "Pong", schema: empty },
    ]);
  });

  test("a subclass adds its fields to its parent's, and does not take the parent's name", async () => {
    class FormatNovel extends FormatBook {}
    tool("Format a novel")(FormatNovel);
    expect(await offers(FormatBook, FormatNovel)).toMatchObject([
      { name: "FormatBook", schema: bookSchema },
      { name: "FormatNovel", description: "Format a novel", schema: bookSchema },
    ]);
  });

  test("fifty tools are offered in their order, and the fiftieth can be called", async () => {
    const tools = Array.from({ length: 50 }, (_, index) =>
      tool({ name: `tool_${index}`, description: `No. ${index}`, input: z.object({ [`arg_${index}`]: z.string() }) })(
        (args) => JSON.stringify(args),
      ),
    );
    server.reply({ toolCalls: [{ name: "tool_49", args: { arg_49: "x" } }] });
    const response = await ask(server, { provider, stream: false }, { tools });
    const names = offersOf(server.requests[0]!).map(({ name }: { name: string }) => name);
    expect(names).toEqual(tools.map(({ toolName }) => toolName));
    expect(await response.tool.call()).toBe('{"arg_49":"x"}');
  });

  test("without tools, nothing about tools is sent", async () => {
    await ask(server, { provider, stream: false }, { tools: [], toolChoice: "auto", parallelToolCalls: true });
    expect(Object.keys(server.requests[0]?.body).filter((key) => key.includes("tool"))).toEqual([]);
  });

  test("a list of tools that changed between two calls is offered as it is now", async () => {
    const tools: FunctionTool[] = [getWeather];
    const offered = async () => {
      await ask(server, { provider, stream: false }, {}, { messages: "Go on.", tools });
      return offersOf(server.requests.at(-1)!).map(({ name }: { name: string }) => name);
    };
    const named = (name: string) => tool({ name, description: "Another" })(() => "");
    expect(await offered()).toEqual(["get_weather"]);
    tools.push(named("second"));
    expect(await offered()).toEqual(["get_weather", "second"]);
    tools[0] = named("first");
    expect(await offered()).toEqual(["first", "second"]);
  });
});

describe.each(providers)("strict tools of %s", (provider) => {
  const strictBook = class StrictBook extends BaseTool.of({
    title: z.string().min(1),
    pages: z.number().optional(),
    shelf: z.object({ room: z.string().optional() }),
  }) {
    override call() {}
  };
  tool({ name: "strict_book", description: "Strict", strict: true })(strictBook);

  test("strict is off unless it is asked for", async () => {
    await ask(server, { provider, stream: false }, { tools: [FormatBook, strictBook] });
    expect(offersOf(server.requests[0]!).map(({ strict }: { strict: unknown }) => strict)).toEqual([undefined, true]);
  });

  test("objects are closed at every depth, and what the provider refuses is said in the description", async () => {
    await ask(server, { provider, stream: false }, { tools: [strictBook] });
    const [{ schema }] = offersOf(server.requests[0]!);
    expect(schema).toMatchObject({
      additionalProperties: false,
      properties: {
        title: { type: "string", description: "(minLength: 1)" },
        shelf: { type: "object", additionalProperties: false },
      },
    });
  });

  test("nulls that stand for what was left out are dropped before validation", async () => {
    server.reply({ toolCalls: [{ name: "strict_book", args: { title: "a", pages: null, shelf: { room: null } } }] });
    const { tool: book } = await ask(server, { provider, stream: false }, { tools: [strictBook] });
    expect(book.args).toEqual({ title: "a", shelf: {} });
  });
});

test("OpenAI's strict mode requires every key, and optional ones may be null", async () => {
  const book = tool({
    name: "book",
    description: "Book",
    strict: true,
    input: z.object({ title: z.string(), pages: z.number().optional() }),
  })(() => "");
  await ask(server, { provider: "openai", stream: false }, { tools: [book] });
  expect(offersOf(server.requests[0]!)[0].schema).toEqual({
    type: "object",
    properties: { title: { type: "string" }, pages: { type: ["number", "null"] } },
    required: ["title", "pages"],
    additionalProperties: false,
  });
});

test("a schema that cannot be strict is an error that names the field, before any request", async () => {
  const input = z.object({ scores: z.record(z.string(), z.number()) });
  const record = tool({ name: "record", description: "Record", strict: true, input })(() => "");
  for (const provider of providers) {
    await expect(ask(server, { provider, stream: false }, { tools: [record] })).rejects.toThrow(/field scores/);
  }
  expect(server.requests).toEqual([]);
});
