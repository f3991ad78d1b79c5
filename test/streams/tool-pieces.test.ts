import { call, tool } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { chat, messages } from "./wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const optional = z.object({ a: z.unknown().optional(), b: z.unknown().optional() });
const look = tool({ name: "look", description: "Looks.", input: optional })((args) => args);

const openaiStream = () => call("openai/gpt-4o-mini", { ...server.openai, stream: true, tools: [look] });
const anthropicStream = () => call("anthropic/claude-haiku-4-5", { ...server.anthropic, stream: true, tools: [look] });

/** The tools of a stream, in the order in which its tuples bear them. */
async function toolsOf(
  ask: () => Promise<AsyncIterable<[unknown, { args: unknown; toolCall: { id: string } } | undefined]>>,
) {
  const tools: { id: string; args: unknown }[] = [];
  for await (const [, tool] of await ask()) if (tool) tools.push({ id: tool.toolCall.id, args: tool.args });
  return tools;
}

describe("tool calls in pieces on OpenAI's wire", () => {
  const cases: Record<string, { chunks: object[]; args: unknown[]; ids?: string[] }> = {
    "interleaved, with the indexes out of order, are put together by index": {
      chunks: [
        chat.tools({ index: 0, id: "c0", name: "look", args: '{"a"' }),
        chat.tools({ index: 2, id: "c2", name: "look", args: '{"a"' }),
        chat.tools({ index: 1, id: "c1", name: "look", args: '{"a":' }),
        chat.tools({ index: 2, args: ":2}" }),
        chat.tools({ index: 0, args: ":0}" }),
        chat.tools({ index: 1, args: "1}" }),
      ],
      args: [{ a: 0 }, { a: 1 }, { a: 2 }],
      ids: ["c0", "c1", "c2"],
    },
    "of one index with two ids are two calls": {
      chunks: [
        chat.tools({ index: 0, id: "c0", name: "look", args: '{"a":0}' }),
        chat.tools({ index: 0, id: "c1", name: "look", args: '{"a":1}' }),
      ],
      args: [{ a: 0 }, { a: 1 }],
      ids: ["c0", "c1"],
    },
    "of one index with two ids that take turns are two calls": {
      chunks: [
        chat.tools({ index: 0, id: "c0", name: "look", args: '{"a"' }),
        chat.tools({ index: 0, id: "c1", name: "look", args: '{"b"' }),
        chat.tools({ index: 0, id: "c0", args: ":0}" }),
        chat.tools({ index: 0, id: "c1", args: ":1}" }),
      ],
      args: [{ a: 0 }, { b: 1 }],
      ids: ["c0", "c1"],
    },
    "without any index belong to the call of their id, or else to the latest": {
      chunks: [
        chat.tools({ id: "c0", name: "look", args: '{"a":' }),
        chat.tools({ args: "0}" }),
        chat.tools({ id: "c1", name: "look", args: '{"a":' }),
        chat.tools({ id: "c1", args: "1}" }),
      ],
      args: [{ a: 0 }, { a: 1 }],
      ids: ["c0", "c1"],
    },
    "whose id comes in the second piece and the name in the third are one call": {
      chunks: [
        chat.tools({ index: 0, args: '{"a"' }),
        chat.tools({ index: 0, id: "c0", args: ":" }),
        chat.tools({ index: 0, name: "look", args: "1}" }),
      ],
      args: [{ a: 1 }],
      ids: ["c0"],
    },
    "of which two come in one chunk are two calls": {
      chunks: [
        chat.tools(
          { index: 0, id: "c0", name: "look", args: '{"a":0}' },
          { index: 1, id: "c1", name: "look", args: "{" },
        ),
        chat.tools({ index: 0, args: " " }, { index: 1, args: "}" }),
      ],
      args: [{ a: 0 }, {}],
    },
    "that come whole, with the arguments as an object, are read": {
      chunks: [chat.tools({ index: 0, id: "c0", name: "look", args: { a: { b: 1 } } })],
      args: [{ a: { b: 1 } }],
    },
    "that repeat id and name with every piece are one call": {
      chunks: [
        chat.tools({ index: 0, id: "c0", name: "look", args: '{"a"' }),
        chat.tools({ index: 0, id: "c0", name: "look", args: ":1}" }),
      ],
      args: [{ a: 1 }],
    },
    "are whole at the finish only, even where a piece could be parsed before": {
      chunks: [
        chat.tools({ index: 0, id: "c0", name: "look", args: '{"a":1}' }),
        chat.tools({ index: 0, args: "   " }),
      ],
      args: [{ a: 1 }],
    },
  };

  test.each(Object.entries(cases))("%s", async (_, { chunks, args, ids }) => {
    for (const ending of [[chat.finish("tool_calls"), chat.done], [chat.finish("stop")], [chat.done]]) {
      server.reply({ chunks: [...chunks, ...ending] });
      const tools = await toolsOf(openaiStream()(() => "Hi"));
      expect(tools.map((each) => each.args)).toEqual(args);
      if (ids) expect(tools.map(({ id }) => id)).toEqual(ids);
    }
  });

  test.each([[-1], [0.5], [1e9], ["1"], [null], [Number.NaN], [1e308], [{}]])(
    "an index of %s costs no call and no memory",
    async (index) => {
      server.reply({
        chunks: [
          chat.tools({ index, id: "c0", name: "look", args: '{"a":' }),
          chat.tools({ index, args: "0}" }),
          chat.tools({ index: 7, id: "c1", name: "look", args: "{}" }),
          chat.finish("tool_calls"),
          chat.done,
        ],
      });
      const stream = await openaiStream()(() => "Hi")();
      const indexes: unknown[] = [];
      for await (const [{ toolDelta }] of stream) if (toolDelta) indexes.push(toolDelta.index);
      expect(indexes.every((each) => Number.isSafeInteger(each) && Number(each) >= 0)).toBe(true);
      const { tools } = await stream.response();
      expect(tools.map(({ toolCall }) => toolCall.id).sort()).toEqual(["c0", "c1"]);
      expect(tools.map(({ args }) => args)).toContainEqual({ a: 0 });
    },
  );

  test("a prefix that could be parsed, and then more, is one call whose arguments are not valid", async () => {
    server.reply({
      chunks: [
        chat.tools({ index: 0, id: "c0", name: "look", args: '{"a":1}' }),
        chat.tools({ index: 0, args: ',"b":2}' }),
        chat.finish("tool_calls"),
        chat.done,
      ],
    });
    const response = await (await openaiStream()(() => "Hi")()).response();
    expect(response.toolCalls).toHaveLength(1);
    expect(response.toolErrors).toMatchObject([{ reason: "invalid-json" }]);
    expect(() => response.tool).toThrowError(expect.objectContaining({ code: "tool_arguments" }));
  });

  test("a call that never gets a name is an error", async () => {
    server.reply({ chunks: [chat.tools({ index: 0, id: "c0", args: "{}" }), chat.finish("tool_calls"), chat.done] });
    const stream = await openaiStream()(() => "Hi")();
    await expect(stream.response()).rejects.toMatchObject({
      code: "unexpected_response",
      message: expect.stringContaining("tool call without a name"),
    });
  });

  test("a call that never gets an id gets one of its own, which OpenAI takes back", async () => {
    server.reply({
      chunks: [chat.tools({ index: 0, name: "look", args: "{}" }), chat.finish("tool_calls"), chat.done],
    });
    const [made] = await toolsOf(openaiStream()(() => "Hi"));
    // More than 40 characters are refused.
    expect(made?.id).toMatch(/^call_\w{1,35}$/);
  });

  test("a finish of `stop` after tool calls is a finish for tools", async () => {
    server.reply({
      chunks: [chat.tools({ index: 0, id: "c0", name: "look", args: "{}" }), chat.finish("stop"), chat.done],
    });
    expect((await (await openaiStream()(() => "Hi")()).response()).finishReason).toBe("tool-calls");
  });
});

describe("tool blocks on Anthropic's wire", () => {
  const ending = [messages.finish("tool_use"), messages.end];

  test("come when the answer is over, since only the stop reason says that they are whole", async () => {
    let see = () => {};
    const seen = new Promise<void>((resolve) => {
      see = resolve;
    });
    let isOver = false;
    server.reply({
      chunks: (async function* () {
        yield* [messages.start(), messages.toolBlock(0, "t0", "look"), messages.json(0, '{"a":0}'), messages.stop(0)];
        await seen;
        isOver = true;
        yield* [messages.toolBlock(1, "t1", "look"), messages.stop(1), ...ending];
      })(),
    });
    const told: unknown[] = [];
    for await (const [chunk, tool] of await anthropicStream()(() => "Hi")()) {
      if (chunk.toolDelta) see();
      if (tool) told.push([tool.toolCall.id, isOver, chunk.finishReason]);
    }
    expect(told).toEqual([
      ["t0", true, undefined],
      ["t1", true, "tool-calls"],
    ]);
  });

  test("interleaved, are put together by the index of their block", async () => {
    server.reply({
      chunks: [
        messages.start(),
        messages.textBlock(0),
        messages.toolBlock(1, "t1", "look"),
        messages.toolBlock(3, "t3", "look"),
        messages.json(3, '{"a"'),
        messages.json(1, '{"a"'),
        messages.text(0, "Both."),
        messages.json(1, ":1}"),
        messages.json(3, ":3}"),
        messages.stop(1),
        messages.stop(0),
        messages.stop(3),
        ...ending,
      ],
    });
    const tools = await toolsOf(anthropicStream()(() => "Hi"));
    expect(tools).toEqual([
      { id: "t1", args: { a: 1 } },
      { id: "t3", args: { a: 3 } },
    ]);
  });

  test("that come whole with their start, as some compatible servers send them, are read", async () => {
    server.reply({
      chunks: [messages.start(), messages.toolBlock(0, "t0", "look", { a: 1 }), messages.stop(0), ...ending],
    });
    expect(await toolsOf(anthropicStream()(() => "Hi"))).toEqual([{ id: "t0", args: { a: 1 } }]);
  });

  test("whose input is in the start and in pieces, too, are read from the pieces", async () => {
    server.reply({
      chunks: [
        messages.start(),
        messages.toolBlock(0, "t0", "look", { a: 1 }),
        messages.json(0, '{"a":2}'),
        messages.stop(0),
        ...ending,
      ],
    });
    expect(await toolsOf(anthropicStream()(() => "Hi"))).toEqual([{ id: "t0", args: { a: 2 } }]);
  });

  test("that never stop are whole at the end of the message", async () => {
    server.reply({
      chunks: [messages.start(), messages.toolBlock(0, "t0", "look"), messages.json(0, '{"a":1}'), ...ending],
    });
    expect(await toolsOf(anthropicStream()(() => "Hi"))).toEqual([{ id: "t0", args: { a: 1 } }]);
  });
});
