import { call, fallback, model, override, retry, tool } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { z as z3 } from "zod-3";
import { wanted } from "./ways.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const references = { openai: "openai/gpt-4o-mini", anthropic: "anthropic/claude-haiku-4-5" } as const;
type Provider = keyof typeof references;

const members = (count: number, member: (n: number) => z.ZodType) =>
  z.object(Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, member(n)])));
const nested = (levels: number) => {
  let schema = z.object({ end: z.string() }) as z.ZodType;
  for (let level = 1; level < levels; level++) schema = z.object({ inner: schema });
  return schema;
};
const texts = (count: number, length = 1) =>
  z.object({ a: z.enum(Array.from({ length: count }, (_, n) => "x".repeat(length) + n) as [string]) });

const Optional = members(25, () => z.string().optional());

/** The size of a schema, and which providers still take it natively. */
const sizes: readonly [name: string, schema: z.ZodType, native: readonly Provider[]][] = [
  ["24 optional members", members(24, () => z.string().optional()), ["openai", "anthropic"]],
  ["25 optional members", Optional, ["openai"]],
  ["16 unions", members(16, () => z.union([z.string(), z.number()])), ["openai", "anthropic"]],
  ["17 unions", members(17, () => z.union([z.string(), z.number()])), ["openai"]],
  ["17 nullable members", members(17, () => z.string().nullable()), ["openai"]],
  ["5,000 members", members(5000, () => z.string()), ["openai", "anthropic"]],
  ["5,001 members", members(5001, () => z.string()), ["anthropic"]],
  ["1,000 enum values", texts(1000), ["openai", "anthropic"]],
  ["1,001 enum values", texts(1001), ["anthropic"]],
  ["10 levels", nested(10), ["openai", "anthropic"]],
  ["11 levels", nested(11), ["anthropic"]],
  ["251 enum values of 15,602 characters", texts(251, 60), ["anthropic"]],
  ["120,001 characters", members(1200, (n) => z.literal("x".repeat(100) + n)), ["anthropic"]],
];

describe.each(["openai", "anthropic"] as const)("%s", (provider) => {
  test.each(sizes)("is asked for a value of %s natively or by a tool, by its own limits", async (_, schema, native) => {
    server.reply({ status: 400 });
    await call(references[provider], { ...server[provider], responseModel: schema })(() => "Hi")().catch(() => {});
    const { native: sent, tools, forced } = wanted(server.requests[0]!);
    if (native.includes(provider)) expect([sent?.type, tools]).toEqual(["object", []]);
    else expect([sent, tools, forced]).toEqual([undefined, ["answer"], "answer"]);
  });

  test("a responseModel that no JSON satisfies is refused with its field, and nothing is sent", async () => {
    const ask = (schema: any) =>
      call(references[provider], { ...server[provider], responseModel: schema })(() => "Hi")();
    await expect(ask(z3.object({ a: z3.object({ at: z3.date() }) }))).rejects.toThrow(
      /^The responseModel: the field a\.at cannot be written as JSON Schema/,
    );
    await expect(ask(z.array(z.date()))).rejects.toThrow(/^The responseModel: the field \[\] cannot be written/);
    expect(server.requests).toEqual([]);
  });
});

const answer = { m0: "a" };
const byTool = { toolCalls: [{ name: "answer", args: answer }] };
const once = retry({ retries: 0 });

describe.each([false, true])("streamed: %s,", (stream) => {
  const read = async (asked: Promise<any>) => (stream ? (await asked).output() : asked);

  test("a call that an override sends to the other provider is asked for as that one takes it", async () => {
    const ask = call(references.openai, { ...server.openai, responseModel: Optional, stream } as object)(() => "Hi");
    server.reply({ text: JSON.stringify(answer) }, byTool);
    expect(await read(ask())).toEqual(answer);
    expect(await read(override({ model: references.anthropic, ...server.anthropic }, ask))).toEqual(answer);
    const [first, second] = server.requests.map(wanted);
    expect([first?.native?.type, second?.native, second?.forced]).toEqual(["object", undefined, "answer"]);
  });

  test.each<readonly [string, z.ZodType, Provider, Provider]>([
    ["optional members", Optional, "openai", "anthropic"],
    ["levels", nested(11), "anthropic", "openai"],
    [
      "a recursive type",
      z.object({
        m0: z.string(),
        get next() {
          return Optional.optional();
        },
      }),
      "openai",
      "anthropic",
    ],
  ])("a fallback whose provider cannot hold the schema asks by a tool (%s)", async (_, schema, first, second) => {
    const value = schema === Optional ? answer : { m0: "a" };
    const given = schema === sizes[10]?.[1] ? value : value;
    const deep = (levels: number): object => (levels === 1 ? { end: "x" } : { inner: deep(levels - 1) });
    const right = second === "openai" ? deep(11) : given;
    server.reply({ status: 400 }, { text: "Here it is.", toolCalls: [{ name: "answer", args: right as object }] });
    const other = model(references[second], server[second]);
    const ask = call(references[first], {
      ...server[first],
      responseModel: schema,
      stream,
      use: [fallback(other), once],
    } as object);
    expect(await read(ask(() => "Hi")())).toEqual(right);
    const [, request] = server.requests.map(wanted);
    expect([request?.native, request?.tools, request?.forced]).toEqual([undefined, ["answer"], "answer"]);
  });

  test("a fallback to a provider without native schemas asks by a tool, and reads text if no tool is called", async () => {
    const Book = z.object({ title: z.string() });
    const other = model("deepseek/deepseek-chat", { baseURL: server.openai.baseURL, apiKey: "sk-d" });
    const options = { ...server.openai, responseModel: Book, stream, use: [fallback(other), once] };
    const ask = () => read(call(references.openai, options as object)(() => "Hi")());
    server.reply({ status: 400 }, { toolCalls: [{ name: "answer", args: { title: "Momo" } }] });
    expect(await ask()).toEqual({ title: "Momo" });
    server.reply({ status: 400 }, { text: '{"title": "Dune"}' });
    expect(await ask()).toEqual({ title: "Dune" });
  });

  test("a fallback that asks by a tool runs the call's own tools first", async () => {
    const find = tool({ name: "find", description: "Finds", input: z.object({ q: z.string() }) })(
      ({ q }) => `found ${q}`,
    );
    const other = model(references.anthropic, server.anthropic);
    const options = { ...server.openai, responseModel: Optional, tools: [find], stream, use: [fallback(other), once] };
    server.reply({ status: 400 }, { toolCalls: [{ name: "find", args: { q: "x" } }] }, { status: 400 }, byTool);
    expect(await read(call(references.openai, options as object)(() => "Hi")())).toEqual(answer);
    const last = server.requests.at(-1)!;
    expect(wanted(last).tools).toEqual(["find", "answer"]);
    expect(JSON.stringify(last.body.messages)).toContain("found x");
  });
});

test("Anthropic asks by a tool if the strict tools leave no room for the schema of the answer", async () => {
  const strict = tool({
    name: "find",
    description: "d",
    strict: true,
    input: members(20, () => z.string().optional()),
  })(() => "");
  server.reply(byTool);
  const responseModel = members(10, () => z.string().optional());
  await call(references.anthropic, { ...server.anthropic, responseModel, tools: [strict] })(() => "Hi")();
  expect(wanted(server.requests[0]!)).toMatchObject({ native: undefined, tools: ["find", "answer"] });
});

test("native mode that is asked for by name is refused where the provider cannot hold the schema", async () => {
  const ask = call(references.anthropic, { ...server.anthropic, responseModel: Optional, outputMode: "native" })(
    () => "Hi",
  );
  await expect(ask()).rejects.toThrow(/^The schema of the answer: .*has 25 optional members/);
  expect(server.requests).toEqual([]);
});
