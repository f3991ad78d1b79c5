import { assistant, cachePoint, document, image, text, tool, user } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ask, providers, resultsOf, sendResults, type Way, ways } from "./wires.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

/** The request that carries what tools gave, one call for each. */
async function send(way: Way, ...given: readonly unknown[]) {
  const tools = given.map((value, index) => tool({ name: `tool_${index}`, description: "Gives" })(() => value));
  server.reply({ toolCalls: tools.map((_, index) => ({ name: `tool_${index}`, args: {}, id: `call_${index}` })) });
  return sendResults(server, way, await ask(server, way, { tools }), { tools });
}

const png = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
const pngUrl = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
const cyclic: Record<string, unknown> = { a: 1 };
cyclic.self = cyclic;

describe.each(ways)("what a tool gave reaches %s", (_, way) => {
  test.each([
    ["text", "Line one\n\u{1F600} two", "Line one\n\u{1F600} two"],
    ["empty text", "", ""],
    ["nothing", undefined, ""],
    ["null", null, "null"],
    ["false", false, "false"],
    ["zero", 0, "0"],
    ["a list of text", ["a", "b"], '["a","b"]'],
    ["an empty list", [], "[]"],
    ["nested values", { a: [1, { b: null }], c: "x" }, '{"a":[1,{"b":null}],"c":"x"}'],
    ["what is undefined inside", { a: undefined, b: [undefined] }, '{"b":[null]}'],
    ["a date", { day: new Date(0) }, '{"day":"1970-01-01T00:00:00.000Z"}'],
    ["bytes", new Uint8Array([1, 2, 255]), "AQL/"],
    ["a part of a larger buffer", Buffer.from("xxhixx").subarray(2, 4), "aGk="],
    ["an array buffer", new Uint8Array([1, 2, 255]).buffer, "AQL/"],
    ["bytes inside", { raw: new Uint8Array([1, 2]), list: [Buffer.from("hi")] }, '{"raw":"AQI=","list":["aGk="]}'],
    ["boxed values", { a: Object(1), b: Object(""), c: Object(true) }, '{"a":1,"b":"","c":true}'],
    ["numbers in a typed array", { vector: Float32Array.of(0.5, 2) }, '{"vector":[0.5,2]}'],
    [
      "an instance with fields",
      new (class Book {
        title = "Momo";
      })(),
      '{"title":"Momo"}',
    ],
    ["a class with toJSON", { toJSON: () => ({ shown: 1 }) }, '{"shown":1}'],
    ["data that only has a type", { type: "text", body: "x" }, '{"type":"text","body":"x"}'],
  ])("as %s", async (_, given, sent) => {
    expect(resultsOf(await send(way, given))).toEqual([{ id: "call_0", content: sent, isError: false }]);
  });

  test("with halves of surrogate pairs replaced, which providers refuse", async () => {
    expect(resultsOf(await send(way, "a\ud800b"))).toMatchObject([{ content: "a\ufffdb" }]);
  });

  test.each([
    ["a function", () => 1, "returned a value that JSON cannot hold: it is a function"],
    ["a symbol", Symbol("s"), "JSON cannot hold: it is a symbol"],
    ["a function inside", { a: { run() {} } }, "JSON cannot hold: run is a function"],
    ["a bigint", 10n, "JSON cannot hold: Do not know how to serialize a BigInt"],
    ["a cycle", cyclic, "JSON cannot hold: Converting circular structure"],
    ["a map", new Map([["a", 1]]), "JSON cannot hold: it is a Map"],
    ["a set inside", { tags: new Set(["a"]) }, "JSON cannot hold: tags is a Set"],
    ["an error", new Error("x"), "JSON cannot hold: it is an Error"],
    ["a promise inside", { later: Promise.resolve(1) }, "JSON cannot hold: later is a Promise"],
    [
      "what throws when it is read",
      {
        get a() {
          throw new Error("No entry.");
        },
      },
      "No entry.",
    ],
  ])("not as %s, but as an error that says so", async (_, given, said) => {
    const [result] = resultsOf(await send(way, given));
    expect(result).toMatchObject({ id: "call_0", isError: true, content: expect.stringContaining(said) });
    expect(result?.content).not.toMatch(/\[object|undefined/);
  });
});

test("what else a list of parts holds is text, and a message or a response is what it says", async () => {
  const way = { provider: "openai", stream: false } as const;
  const said = assistant([text("Hello "), text("there")]);
  const { body } = await send(way, [text("A"), { a: 1 }, null, "B", said], said, user("Hi"));
  expect(body.messages.slice(2).map(({ content }: { content: string }) => content)).toEqual([
    'A{"a":1}BHello there',
    "Hello there",
    "Hi",
  ]);
  server.reply({ text: "An answer" });
  const answer = await ask(server, way, {});
  const told = await send(way, answer, { inside: new Set([1]) }, [text("A"), new Map()]);
  expect(resultsOf(told)).toMatchObject([{ content: "An answer" }, { isError: true }, { isError: true }]);
});

test("OpenAI gets one tool message for each result, right after the assistant's turn", async () => {
  const { body } = await send({ provider: "openai", stream: false }, "one", { two: 2 });
  expect(body.messages).toEqual([
    { role: "user", content: "Go on." },
    {
      role: "assistant",
      content: null,
      tool_calls: [
        { id: "call_0", type: "function", function: { name: "tool_0", arguments: "{}" } },
        { id: "call_1", type: "function", function: { name: "tool_1", arguments: "{}" } },
      ],
    },
    { role: "tool", tool_call_id: "call_0", content: "one" },
    { role: "tool", tool_call_id: "call_1", content: '{"two":2}' },
  ]);
});

test("Anthropic gets one user turn with all results, and failures are marked", async () => {
  const { body } = await send({ provider: "anthropic", stream: false }, "one", () => {}, { two: 2 });
  expect(body.messages).toEqual([
    { role: "user", content: "Go on." },
    {
      role: "assistant",
      content: [0, 1, 2].map((index) => ({ type: "tool_use", id: `call_${index}`, name: `tool_${index}`, input: {} })),
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "call_0", content: "one" },
        { type: "tool_result", tool_use_id: "call_1", content: expect.stringContaining("function"), is_error: true },
        { type: "tool_result", tool_use_id: "call_2", content: '{"two":2}' },
      ],
    },
  ]);
});

test("parts of a result stay parts on Anthropic", async () => {
  const { body } = await send({ provider: "anthropic", stream: false }, [
    "The cover:",
    image(png),
    text("and a point"),
    cachePoint(),
  ]);
  expect(body.messages[2].content).toEqual([
    {
      type: "tool_result",
      tool_use_id: "call_0",
      content: [
        { type: "text", text: "The cover:" },
        { type: "image", source: { type: "base64", media_type: "image/png", data: pngUrl.split(",")[1] } },
        { type: "text", text: "and a point", cache_control: { type: "ephemeral" } },
      ],
    },
  ]);
});

test("on OpenAI, whose results hold text only, images and documents follow as the user's after all results", async () => {
  const pdf = document(Buffer.from("%PDF-1.7"), { name: "a.pdf" });
  const { body } = await send({ provider: "openai", stream: false }, ["The cover:", image(png)], "two", [
    pdf,
    cachePoint(),
  ]);
  expect(body.messages.slice(2)).toEqual([
    { role: "tool", tool_call_id: "call_0", content: "The cover:" },
    { role: "tool", tool_call_id: "call_1", content: "two" },
    { role: "tool", tool_call_id: "call_2", content: "" },
    {
      role: "user",
      content: [
        { type: "text", text: "From the result of tool_0 (call_0):" },
        { type: "image_url", image_url: { url: pngUrl } },
        { type: "text", text: "From the result of tool_2 (call_2):" },
        { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0xLjc=" } },
      ],
    },
  ]);
});

test.each(providers)("on %s, a question of the user may follow the results", async (provider) => {
  const way = { provider, stream: false };
  const ping = tool("Ping")(function ping() {
    return image(png);
  });
  server.reply({ toolCalls: [{ name: "ping", args: {}, id: "call_0" }] });
  const response = await ask(server, way, { tools: [ping] });
  const question = { role: "user", content: "And now?" } as const;
  await ask(server, way, { tools: [ping] }, [...response.messages, ...(await response.runTools()), question]);
  const { messages } = server.requests.at(-1)!.body;
  if (provider === "openai") {
    expect(messages.map(({ role }: any) => role)).toEqual(["user", "assistant", "tool", "user", "user"]);
    expect(messages[4].content).toBe("And now?");
  } else {
    expect(messages.map(({ role }: any) => role)).toEqual(["user", "assistant", "user"]);
    expect(messages[2].content.map(({ type }: any) => type)).toEqual(["tool_result", "text"]);
  }
});

test.each(providers)(
  "on %s, a call with broken arguments goes back without them, and the result tells what the model wrote",
  async (provider) => {
    const way = { provider, stream: true };
    const ping = tool("Ping")(function ping() {});
    server.reply({ text: "Wait.", toolCalls: [{ name: "ping", args: '{"a":', id: "call_0" }] });
    const { body } = await sendResults(server, way, await ask(server, way, { tools: [ping] }));
    if (provider === "openai") {
      expect(body.messages[1]).toMatchObject({ content: "Wait.", tool_calls: [{ function: { arguments: "{}" } }] });
      expect(body.messages[2].content).toContain('{"a":');
    } else {
      expect(body.messages[1].content).toEqual([
        { type: "text", text: "Wait." },
        { type: "tool_use", id: "call_0", name: "ping", input: {} },
      ]);
      expect(body.messages[2].content[0].content).toContain('{"a":');
    }
  },
);
