import { BaseTool, call, type Model, tool } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { chat, messages, providerOf, references } from "./wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const optional = z.object({ a: z.unknown().optional(), b: z.unknown().optional() });
const look = tool({ name: "look", description: "Looks.", input: optional })((args) => args);
const find = tool({ name: "find", description: "Finds.", input: optional })((args) => args);

class FormatBook extends BaseTool.of({ title: z.string() }) {
  call(): string {
    return this.title;
  }
}

/** The tools of a stream, in the order in which its tuples bear them. */
async function toolsOf(
  ask: () => Promise<AsyncIterable<[unknown, { args: unknown; toolCall: { id: string } } | undefined]>>,
) {
  const tools: { id: string; args: unknown }[] = [];
  for await (const [, tool] of await ask()) if (tool) tools.push({ id: tool.toolCall.id, args: tool.args });
  return tools;
}

describe.each(references)("tools in a stream of %s", (reference) => {
  const access = () => server[providerOf(reference)];

  test("appear once, whole and validated, with the text of their arguments before", async () => {
    server.reply({ text: "One moment.", toolCalls: [{ name: "FormatBook", args: { title: "The Name of the Wind" } }] });
    const stream = await call(reference, { ...access(), stream: true, tools: [FormatBook] })(() => "Hi")();
    const tools: FormatBook[] = [];
    let json = "";
    for await (const [chunk, tool] of stream) {
      json += chunk.toolDelta?.arguments ?? "";
      if (tool) tools.push(tool);
    }
    expect(tools).toHaveLength(1);
    expect(tools[0]).toBeInstanceOf(FormatBook);
    expect(tools[0]?.call()).toBe("The Name of the Wind");
    expect(JSON.parse(json)).toEqual({ title: "The Name of the Wind" });
    expect(stream.content).toBe("One moment.");
  });

  test("stand in the message and the response once each, in order", async () => {
    server.reply({
      text: "Both.",
      toolCalls: [
        { name: "look", args: { a: 1 }, id: "call_1" },
        { name: "find", args: { b: 2 }, id: "call_2" },
      ],
    });
    const stream = await call(reference, { ...access(), stream: true, tools: [look, find] })(() => "Hi")();
    const response = await stream.response();
    expect(response.tools.map(({ toolCall, args }) => [toolCall.name, args])).toEqual([
      ["look", { a: 1 }],
      ["find", { b: 2 }],
    ]);
    expect(response.message.content).toEqual([
      { type: "text", text: "Both." },
      { type: "tool-call", id: "call_1", name: "look", arguments: '{"a":1}' },
      { type: "tool-call", id: "call_2", name: "find", arguments: '{"b":2}' },
    ]);
    expect(response.finishReason).toBe("tool-calls");
  });

  test("without arguments are whole, too", async () => {
    server.reply({ toolCalls: [{ name: "look", args: "" }] });
    const stream = await call(reference, { ...access(), stream: true, tools: [look] })(() => "Hi")();
    expect((await stream.response()).tools.map(({ args }) => args)).toEqual([{}]);
  });

  test("which are not valid stand in toolErrors, and the others stay usable", async () => {
    server.reply({
      toolCalls: [
        { name: "FormatBook", args: "{broken" },
        { name: "FormatBook", args: { title: 7 } },
        { name: "FormatBook", args: { title: "Right" } },
        { name: "Delete_File", args: {} },
      ],
    });
    const stream = await call(reference, { ...access(), stream: true, tools: [FormatBook] })(() => "Hi")();
    const titles: string[] = [];
    for await (const [, tool] of stream) if (tool) titles.push(tool.title);
    expect(titles).toEqual(["Right"]);
    expect(stream.toolErrors.map(({ reason }) => reason)).toEqual([
      // A plain answer of Anthropic holds no broken JSON, a stream may.
      "invalid-json",
      "invalid-arguments",
      "unknown-tool",
    ]);
    expect((await stream.response()).toolErrors).toEqual(stream.toolErrors);
  });

  test("whose names are those of the prototype are unknown tools", async () => {
    const names = ["constructor", "toString", "__proto__", "hasOwnProperty", "Look", "look ", "lооk"];
    server.reply({ toolCalls: names.map((name) => ({ name, args: {} })) });
    const stream = await call(reference, { ...access(), stream: true, tools: [look] })(() => "Hi")();
    const { toolErrors, tools } = await stream.response();
    expect(tools).toEqual([]);
    expect(toolErrors.map(({ reason, toolCall }) => [toolCall.name, reason])).toEqual(
      names.map((name) => [name, "unknown-tool"]),
    );
  });

  test("more than 128 in one answer are an error, streamed and plain", async () => {
    server.reply({ toolCalls: Array.from({ length: 10_000 }, () => ({ name: "look", args: {} })) });
    const options = { ...access(), tools: [look] };
    const stream = await call(reference, { ...options, stream: true })(() => "Hi")();
    await expect(
      stream[Symbol.asyncIterator]()
        .next()
        .then(() => drain(stream)),
    ).rejects.toThrow();
    await expect(call(reference, options)(() => "Hi")()).rejects.toMatchObject({
      code: "unexpected_response",
      message: expect.stringContaining("more than 128 tool calls"),
    });
  });

  test("with one id in two calls get an id each, so that results pair with calls", async () => {
    server.reply({
      toolCalls: [
        { name: "look", args: { a: 1 }, id: "same" },
        { name: "look", args: { a: 2 }, id: "same" },
      ],
    });
    const options = { ...access(), tools: [look] };
    const streamed = await (await call(reference, { ...options, stream: true })(() => "Hi")()).response();
    const plain = await call(reference, options)(() => "Hi")();
    for (const { toolCalls } of [streamed, plain]) {
      expect(toolCalls.map(({ arguments: args }) => args)).toEqual(['{"a":1}', '{"a":2}']);
      expect(new Set(toolCalls.map(({ id }) => id)).size).toBe(2);
      expect(toolCalls.every(({ id }) => /^[\w-]{1,40}$/.test(id))).toBe(true);
    }
  });

  test("a tool that cannot be made ends the stream, and its connection", async () => {
    class Broken extends BaseTool.of({}) {
      constructor(args: Record<never, never>) {
        super(args);
        throw new RangeError("no such tool today");
      }
      call() {}
    }
    const held = new Promise<never>(() => {});
    server.reply({
      chunks: (async function* () {
        if (reference.startsWith("openai")) {
          yield chat.finish("tool_calls", {
            tool_calls: [{ index: 0, id: "c", function: { name: "Broken", arguments: "{}" } }],
          });
          yield chat.usage(1, 1);
        } else {
          yield* [messages.start(), messages.toolBlock(0, "c", "Broken"), messages.stop(0)];
          yield* [messages.finish("tool_use"), messages.end];
          await held;
        }
      })(),
    });
    const stream = await call(reference, { ...access(), stream: true, tools: [Broken] })(() => "Hi")();
    await expect(drain(stream)).rejects.toThrow("no such tool today");
    await (await server.arrived()).closed;
  });
});

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

test("a model that finishes without ending its calls one by one still gives each tool once", async () => {
  const model: Model = {
    id: "own/model",
    async *run() {
      yield { type: "tool-start", index: 1, id: "b", name: "look" };
      yield { type: "tool-start", index: 0, id: "a", name: "look" };
      yield { type: "tool-delta", index: 0, arguments: "{}" };
      yield { type: "tool-end", index: 0 };
      yield { type: "finish", reason: "tool-calls" };
    },
  };
  const tools = await toolsOf(call(model, { stream: true, tools: [look] })(() => "Hi"));
  expect(tools.map(({ id }) => id)).toEqual(["a", "b"]);
});
