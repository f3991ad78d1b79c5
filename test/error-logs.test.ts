import { inspect } from "node:util";
import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import {
  type AbortedError,
  BasePrompt,
  BaseTool,
  type CallOptions,
  call,
  FallbackError,
  type Message,
  type Model,
  type StreamInterruptedError,
  tool,
} from "callwright";
import { type ScriptTurn, script } from "callwright/testing";
import { handler } from "callwright/web";
import * as v from "valibot";
import { expect, test } from "vitest";
import { z } from "zod";

/** Stands in every text of the conversation, and must not come into a log. */
const secret = "Aunt Agatha's diagnosis";

/** Everything that a logger may write of an error. */
function logged(error: unknown): string {
  const { message, stack } = error as Error;
  return [message, stack, JSON.stringify(error), inspect(error, { depth: 20 }), String(error)].join("\n");
}

async function failure(run: () => unknown): Promise<any> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error("It did not fail.");
}

const answering = (turn: ScriptTurn, options: CallOptions = {}) =>
  call(script([turn]), options as object)(() => `What about ${secret}?`) as () => Promise<unknown>;

const json = (value: unknown) => JSON.stringify(value);
const valibot = (schema: v.GenericSchema) => toStandardJsonSchema(schema as never) as never;

const refused: readonly (readonly [what: string, responseModel: unknown, answer: string, shown: RegExp])[] = [
  [
    "a message of a zod check",
    z.object({ title: z.string().refine(() => false, { error: ({ input }) => `${input} is bad` }) }),
    json({ title: secret }),
    /title: custom/,
  ],
  ["an unknown key of a strict object", z.strictObject({}), json({ [secret]: 1 }), /unrecognized_keys/],
  [
    "a key of a record",
    z.object({ of: z.record(z.string(), z.number()) }),
    json({ of: { [secret]: "x" } }),
    /of\.\*: invalid_type \(expected number\)/,
  ],
  [
    "a message of Valibot",
    valibot(v.object({ title: v.pipe(v.string(), v.email()) })),
    json({ title: secret }),
    /title: email/,
  ],
  ["a message of ArkType", type({ title: "string.email" }), json({ title: secret }), /title: pattern/],
  [
    "a parser's error inside of a schema",
    z.object({ title: z.string().transform((text) => JSON.parse(text)) }),
    json({ title: secret }),
    /SyntaxError/,
  ],
  ["broken JSON", z.object({ title: z.string() }), `${secret} {`, /JSON/],
  ["broken JSON that V8 quotes", z.object({ title: z.string() }), `{"title": ${secret}}`, /JSON cannot be parsed/],
];

test.each(refused)("an answer that does not fit is not quoted in logs: %s", async (_, responseModel, text, shown) => {
  const error = await failure(answering({ text }, { responseModel, outputMode: "text" } as object));
  expect(logged(error)).not.toContain("Agatha");
  expect(error.message).toMatch(shown);
});

test("the words of a schema and the answer can be read from the error", async () => {
  const responseModel = z.object({
    title: z.string().refine(() => false, { error: ({ input }) => `${input} is bad` }),
  });
  const error = await failure(answering({ text: json({ title: secret }) }, { responseModel } as object));
  expect(error.issues).toMatchObject([{ path: ["title"], message: `${secret} is bad` }]);
  expect(error.response.content).toContain(secret);
  expect(error.message).toMatch(/error\.issues/);
});

const look = tool({ name: "look", description: "Looks.", input: z.object({ at: z.string().max(3) }) })(() => secret);

test("a loop that is too long is logged without its transcript", async () => {
  const turn = { toolCalls: [{ name: "look", args: { at: "abc" } }] };
  const error = await failure(answering(turn, { tools: [look], maxSteps: 1, responseModel: z.object({}) } as object));
  expect(error).toMatchObject({ name: "ToolLoopError", code: "tool_loop" });
  expect(json(error.transcript)).toContain(secret);
  expect(logged(error)).not.toContain("Agatha");
  expect(Object.keys(JSON.parse(json(error)))).toEqual(["name", "message", "code", "retryable"]);
});

test.each([
  ["do not fit", { at: secret }],
  ["are for a tool that is not offered", { at: secret }, "leave"],
])("arguments that %s are logged without their values", async (_, args, name = "look") => {
  const response: any = await answering({ toolCalls: [{ name, args }] }, { tools: [look] } as object)();
  const error = await failure(() => response.tool);
  expect(error.toolCall.arguments).toContain(secret);
  expect(logged(error)).not.toContain("Agatha");
  expect(JSON.parse(json(error)).toolCall).toEqual({ id: error.toolCall.id, name });
});

test("fields of a tool or a prompt are logged without their values", async () => {
  const names = z.array(z.string().refine(() => false, { error: ({ input }) => `${input} is bad` }));
  class Look extends BaseTool.of({ names }) {
    override call(): string {
      return "";
    }
  }
  class Ask extends BasePrompt.of({ names }) {}
  for (const make of [() => Look.from({ names: [secret] } as never), () => new Ask({ names: [secret] })]) {
    const error = await failure(make);
    expect(logged(error)).not.toContain("Agatha");
    expect(error.message).toContain("names.0: custom");
    expect(error.issues[0].message).toContain(secret);
  }
});

test("a refusal is logged without its words", async () => {
  const refusing: Model = {
    id: "test/refusing",
    async *run() {
      yield { type: "refusal-delta", text: `I know nothing about ${secret}.` };
      yield { type: "finish", reason: "stop" };
    },
  };
  const error = await failure(call(refusing, { responseModel: z.object({}) })(() => "Hi"));
  expect(error).toMatchObject({ code: "refusal", response: { refusal: expect.stringContaining(secret) } });
  expect(logged(error)).not.toContain("Agatha");
});

test("a client of an endpoint gets the words of a refusal, since it is a part of the conversation", async () => {
  const refusing: Model = {
    id: "test/refusing",
    async *run() {
      yield { type: "refusal-delta", text: `I know nothing about ${secret}.` };
      yield { type: "finish", reason: "stop" };
    },
  };
  const typed = call(refusing, { responseModel: z.object({}) })((messages: readonly Message[]) => messages);
  const response = await handler(
    { typed },
    { hosts: "any" },
  )(
    new Request("http://localhost/v1/chat/completions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: json({ model: "typed", messages: [{ role: "user", content: "Hi" }] }),
    }),
  );
  expect([response.status, ((await response.json()) as any).error.message]).toEqual([
    422,
    `I know nothing about ${secret}.`,
  ]);
});

test.each(["error", "abort"])("a stream that ends early (%s) is logged without what had arrived", async (how) => {
  const stream: any = await call(script([{ text: `${secret} is this` }]), { stream: true })(() => "Hi")();
  const error: AbortedError | StreamInterruptedError = await failure(async () => {
    for await (const _ of stream) {
      if (how === "abort") stream.abort();
      else stream.abort(new Error("Enough"));
    }
  });
  expect(error.partial?.content).toContain(secret);
  expect(logged(error)).not.toContain("Agatha");
});

test("errors inside of errors are logged in the same way", async () => {
  const turn = { toolCalls: [{ name: "look", args: { at: "abc" } }] };
  const inner = await failure(answering(turn, { tools: [look], maxSteps: 1, responseModel: z.object({}) } as object));
  const foreign = Object.assign(new Error("It broke."), { prompt: secret });
  const error = new FallbackError("All failed.", { errors: [foreign, inner] });
  expect(JSON.stringify(error)).not.toContain("Agatha");
  expect(JSON.parse(json(error)).errors).toMatchObject([{ message: "It broke." }, { code: "tool_loop" }]);
  expect(inspect(inner)).not.toContain("Agatha");
});
