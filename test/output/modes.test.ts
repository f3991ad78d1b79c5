import { call, type OutputMode } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { onBothWires } from "../calls/wires.js";
import { ask, askStreamed, gives, wanted, ways } from "./ways.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const Book = z.object({ title: z.string().describe("as on the cover"), year: z.number().optional() });
const Scores = z.record(z.string(), z.number());
const Part = z.object({
  name: z.string(),
  get parts(): z.ZodArray {
    return z.array(Part);
  },
});

test("native mode asks OpenAI for strict JSON of the schema, in which all keys are required and optional ones may be null", async () => {
  const way = { provider: "openai", mode: "native" } as const;
  server.reply(gives(way, { title: "Momo", year: null }));
  expect(await ask(server, way, Book)).toEqual({ title: "Momo" });
  expect(server.requests[0]?.body).toEqual({
    model: "gpt-4o-mini",
    messages: [{ role: "user", content: "Which book?" }],
    stream: false,
    response_format: {
      type: "json_schema",
      json_schema: {
        name: "answer",
        strict: true,
        schema: {
          type: "object",
          properties: { title: { type: "string", description: "as on the cover" }, year: { type: ["number", "null"] } },
          required: ["title", "year"],
          additionalProperties: false,
        },
      },
    },
  });
});

test("native mode asks Anthropic for JSON of the schema, in which optional keys stay optional", async () => {
  const way = { provider: "anthropic", mode: "native" } as const;
  server.reply(gives(way, { title: "Momo" }));
  await ask(server, way, Book);
  expect(server.requests[0]?.body).toEqual({
    model: "claude-haiku-4-5",
    max_tokens: 4096,
    messages: [{ role: "user", content: "Which book?" }],
    stream: false,
    output_config: {
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          properties: { title: { type: "string", description: "as on the cover" }, year: { type: "number" } },
          required: ["title"],
          additionalProperties: false,
        },
      },
    },
  });
});

onBothWires((wire) => {
  const asked = async (schema: z.ZodType, outputMode?: OutputMode) => {
    wire.server.reply({ status: 400 });
    const extract = call(wire.reference, { ...wire.access, responseModel: schema, outputMode })(() => "Which book?");
    const error = await extract().catch((error: unknown) => error);
    const request = wire.server.requests.at(-1);
    return { error, request, ...(request && wanted(request)) };
  };

  test("native mode is the default", async () => {
    const { native, tools, last } = await asked(Book);
    expect(native).toMatchObject({ type: "object" });
    expect([tools, last]).toEqual([[], "Which book?"]);
  });

  test("tool mode offers one tool, and the model must call it", async () => {
    const { native, tools, forced, answer, last } = await asked(Book, "tool");
    expect([native, tools, forced, last]).toEqual([undefined, ["answer"], "answer", "Which book?"]);
    expect(answer.parameters ?? answer.input_schema).toMatchObject({ type: "object", required: ["title"] });
    expect(answer.strict).toBeUndefined();
  });

  test("text mode says in words what is wanted, behind the prompt", async () => {
    const { native, tools, last } = await asked(Book, "text");
    expect([native, tools]).toEqual([undefined, []]);
    const { $schema: _, ...schema } = z.toJSONSchema(Book, { io: "input" });
    expect(last).toContain(JSON.stringify(schema));
    const { messages } = wire.body;
    expect(messages[0]).toEqual({ role: "user", content: "Which book?" });
  });

  test.each([
    ["records", Scores],
    ["anything", z.object({ data: z.unknown() })],
  ])("a schema that strict modes cannot hold (%s) is asked for by a tool", async (_, schema) => {
    const { native, tools, forced } = await asked(schema);
    expect([native, tools, forced]).toEqual([undefined, ["answer"], "answer"]);
  });

  test("a recursive type is asked for natively by OpenAI, and by a tool by Anthropic", async () => {
    const { native, tools } = await asked(Part);
    if (wire.provider === "openai") expect([native?.type, tools]).toEqual(["object", []]);
    else expect([native, tools]).toEqual([undefined, ["answer"]]);
  });

  test("what is no object is wrapped in one with a single key", async () => {
    const { native } = await asked(z.array(z.string()));
    expect(native).toMatchObject({
      type: "object",
      properties: { value: { type: "array", items: { type: "string" } } },
      required: ["value"],
    });
  });

  test("a schema that has no JSON Schema is refused, and nothing is sent", async () => {
    const { error, request } = await asked(z.date());
    expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining("JSON Schema") });
    expect(request).toBeUndefined();
  });

  test("what is no schema is refused where the call is defined", () => {
    expect(() => call(wire.reference, { responseModel: { title: "string" } as never })).toThrow(
      /responseModel must be/,
    );
  });
});

describe.each(ways)("%s", (_, way) => {
  test("a streamed request differs from a plain one by its flags alone", async () => {
    server.reply(gives(way, { title: "Momo" }));
    await ask(server, way, Book);
    await (await askStreamed(server, way, Book)).output();
    const [plain, streamed] = server.requests.map(({ body: { stream, stream_options, ...rest } }) => rest);
    expect(streamed).toEqual(plain);
  });

  test("the same schema is the same on the wire from call to call", async () => {
    server.reply(gives(way, { title: "Momo" }));
    for (let i = 0; i < 3; i++) await ask(server, way, Book);
    const [first, ...others] = server.requests.map(({ body }) => body);
    expect(others).toEqual([first, first]);
  });

  test("a system message and parameters go along", async () => {
    server.reply(gives(way, { title: "Momo" }));
    await ask(server, way, Book, { system: "Be brief.", temperature: 0 });
    const { body } = server.requests[0]!;
    expect(body.temperature).toBe(0);
    expect(body.system ?? body.messages[0].content).toBe("Be brief.");
  });
});

describe.each(ways)("%s", (_, way) => {
  const words = Array.from({ length: 5000 }, (_, n) => `word_${n}`);
  let deep: z.ZodType = z.object({ end: z.string() });
  let answer: unknown = { end: "here" };
  for (let depth = 0; depth < 50; depth++) {
    deep = z.object({ inner: z.union([deep, z.string()]) });
    answer = { inner: answer };
  }

  test.each<readonly [string, z.ZodType, unknown]>([
    ["five thousand values", z.object({ word: z.enum(words) }), { word: "word_4999" }],
    ["fifty unions inside each other", deep, answer],
  ])("a schema of %s is asked for and holds", async (_, schema, value) => {
    server.reply(gives(way, value));
    if (way.provider === "anthropic" && way.mode === "native" && schema === deep) {
      // Asked for by name, the mode is not changed.
      await expect(ask(server, way, schema)).rejects.toThrow(
        /has 50 unions, and Anthropic's strict mode takes at most 16/,
      );
      return;
    }
    expect(await ask(server, way, schema)).toEqual(value);
  });
});

test.each<readonly [string, object]>([
  ["a stream and reask", { stream: true, responseModel: Book, reask: 1 }],
  ["a stream and reask: 0", { stream: true, responseModel: Book, reask: 0 }],
  ["a responseModel and an outputParser", { responseModel: Book, outputParser: () => 1 }],
])("%s exclude each other, which is told where the call is defined", (_, options) => {
  expect(() => call("openai/gpt-4o-mini", options)).toThrow(expect.objectContaining({ name: "ConfigurationError" }));
});

test("a server that holds no schemas is asked by a tool", async () => {
  server.reply({ toolCalls: [{ name: "answer", args: { title: "Momo" } }] });
  const { baseURL } = server.openai;
  const extract = call("deepseek/deepseek-chat", { baseURL, apiKey: "sk-d", responseModel: Book })(() => "Which book?");
  expect(await extract()).toEqual({ title: "Momo" });
  expect(wanted(server.requests[0]!)).toMatchObject({ native: undefined, tools: ["answer"] });
});

test("the Responses API is asked natively, too", async () => {
  server.reply({ text: '{"value": ["Momo"]}' });
  const options = { ...server.openai, api: "responses", responseModel: z.array(z.string()) } as const;
  expect(await call("openai/gpt-4o-mini", options)(() => "Which books?")()).toEqual(["Momo"]);
  expect(server.requests[0]?.body.text.format).toMatchObject({ type: "json_schema", strict: true, name: "answer" });
});
