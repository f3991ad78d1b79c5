import { call, model, Session, ToolArgumentsError } from "callwright";
import { type WireReply, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { errorOf } from "../calls/wires.js";
import { chat, messages } from "../streams/wire-chunks.js";
import { accessOf, ask, eraser, referenceOf, ways } from "./targets.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const whole = { name: "erase", args: { path: "/tmp" }, id: "call_1" };
const cut = (finishReason: "length" | "content-filter"): WireReply => ({
  text: "Erasing.",
  toolCalls: [{ name: "erase", args: "", id: "call_0" }, whole],
  finishReason,
});
const endings = [
  ["length", "was cut off at the token limit"],
  ["content-filter", /was (stopped by the provider's content filter|refused by the model)/],
] as const;

describe.each(ways)("%s", (_, way) => {
  describe.each(endings)("calls of an answer with the finish %s", (finishReason, why) => {
    test("are not tools of the response, and stand in toolErrors with the reason in words", async () => {
      const { erase } = eraser();
      server.reply(cut(finishReason));
      const { response, handedOut } = await ask(server, way, { tools: [erase] });
      expect(handedOut).toEqual([]);
      expect(response.tools).toEqual([]);
      expect(response.toolCalls.map(({ id }) => id)).toEqual(["call_0", "call_1"]);
      expect(response.toolErrors.map(({ reason, toolCall }) => [toolCall.id, reason])).toEqual([
        ["call_0", "incomplete"],
        ["call_1", "incomplete"],
      ]);
      for (const { issues } of response.toolErrors) expect(issues[0]?.message).toMatch(why);
      expect([response.content, response.finishReason]).toEqual(["Erasing.", finishReason]);
    });

    test("make `tool` throw, since undefined would mean that no tool was asked for", async () => {
      const { erase } = eraser();
      server.reply(cut(finishReason));
      const { response } = await ask(server, way, { tools: [erase] });
      expect(() => response.tool).toThrow(ToolArgumentsError);
      expect(() => response.tool).toThrow(why);
    });

    test("are answered by runTools() with an error result each, and nothing runs", async () => {
      const { erase, erased } = eraser();
      server.reply(cut(finishReason), { text: "I see." });
      const { response } = await ask(server, way, { tools: [erase] });
      const results = await response.runTools();
      expect(results.map(({ content }) => content)).toEqual(
        ["call_0", "call_1"].map((id) => [
          { type: "tool-result", id, name: "erase", isError: true, content: expect.stringMatching(why) },
        ]),
      );
      if (finishReason === "length") expect((await response.resume()).content).toBe("I see.");
      expect(erased).toEqual([]);
    });

    test("end the steps of a call with a responseModel, which makes no value", async () => {
      const { erase, erased } = eraser();
      server.reply({ toolCalls: [whole] }, cut(finishReason), { text: '{"title":"Momo"}' });
      const options = {
        ...accessOf(server, way.target),
        tools: [erase],
        responseModel: z.object({ title: z.string() }),
      };
      const asked = async () => {
        if (!way.stream) return call(referenceOf(way.target), options)(() => "Go on.")();
        return (await call(referenceOf(way.target), { ...options, stream: true })(() => "Go on.")()).output();
      };
      const error = await errorOf(asked);
      expect(error.name).toBe(finishReason === "length" ? "ResponseValidationError" : "RefusalError");
      expect([erased, server.requests.length]).toEqual([["/tmp"], 2]);
    });

    test("reach an outputParser as they are, unless they stream", async () => {
      if (way.stream) return;
      const { erase } = eraser();
      server.reply(cut(finishReason));
      const options = { ...accessOf(server, way.target), tools: [erase], outputParser: (response: any) => response };
      const response = await call(referenceOf(way.target), options)(() => "Go on.")();
      expect(response).toMatchObject({ content: "Erasing.", finishReason, toolErrors: [{}, {}] });
    });

    test("end a loop: that response is its result, and no next step is sent", async () => {
      const { erase, erased } = eraser();
      server.reply({ toolCalls: [whole] }, cut(finishReason), { text: "never" });
      const { response } = await ask(server, way, { tools: [erase], maxSteps: 5 });
      expect([response.finishReason, response.steps.length]).toEqual([finishReason, 2]);
      expect(erased).toEqual(["/tmp"]);
      expect(server.requests).toHaveLength(2);
    });

    test("end a loop at its limit of steps as a result as well, not as a ToolLoopError", async () => {
      const { erase } = eraser();
      server.reply({ toolCalls: [whole] }, cut(finishReason));
      const { response } = await ask(server, way, { tools: [erase], maxSteps: 2 });
      expect([response.finishReason, response.steps.length]).toEqual([finishReason, 2]);
    });

    test("end a turn of a session, which keeps the answer as it was", async () => {
      const { erase, erased } = eraser();
      server.reply(cut(finishReason), { text: "never" });
      const options = accessOf(server, way.target);
      const session = new Session({ model: model(referenceOf(way.target), options), tools: [erase] });
      const response = way.stream
        ? await (await session.stream("Clean up.")).response()
        : await session.send("Clean up.");
      expect([response.finishReason, server.requests.length, erased]).toEqual([finishReason, 1, []]);
      expect(session.history).toHaveLength(2);
      expect(session.history[1]).toEqual(response.message);
    });
  });
});

describe("an answer that is refused", () => {
  const refusal = {
    id: "1",
    model: "m",
    choices: [
      {
        index: 0,
        message: {
          content: null,
          refusal: "I will not.",
          tool_calls: [{ id: "call_1", type: "function", function: { name: "erase", arguments: "{}" } }],
        },
        finish_reason: "tool_calls",
      },
    ],
  };
  const pieces = [
    chat.tools({ index: 0, id: "call_1", name: "erase", args: "{}" }),
    chat.delta({ refusal: "I will not." }),
    chat.finish("tool_calls"),
    chat.done,
  ];

  test.each([false, true])("runs no tool, whatever its finish says (streamed: %s)", async (stream) => {
    const { erase, erased } = eraser();
    server.reply(stream ? { chunks: pieces } : { json: refusal });
    const { response, handedOut } = await ask(server, { target: "openai", stream }, { tools: [erase], maxSteps: 3 });
    expect([handedOut, response.tools, erased]).toEqual([[], [], []]);
    expect(response.toolErrors).toMatchObject([
      { reason: "incomplete", issues: [{ message: expect.stringMatching(/refused by the model/) }] },
    ]);
    expect(server.requests).toHaveLength(1);
  });
});

test.each([
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["refusal", "content-filter"],
])("Anthropic's stop reason %s runs no tool, plain and streamed", async (stop_reason, finishReason) => {
  for (const stream of [false, true]) {
    const { erase, erased } = eraser();
    server.reply(
      stream
        ? {
            chunks: [
              messages.start(),
              messages.toolBlock(0, "toolu_1", "erase"),
              messages.stop(0),
              messages.finish(stop_reason),
              messages.end,
            ],
          }
        : {
            json: {
              id: "1",
              model: "m",
              content: [{ type: "tool_use", id: "toolu_1", name: "erase", input: {} }],
              stop_reason,
            },
          },
    );
    const { response, handedOut } = await ask(server, { target: "anthropic", stream }, { tools: [erase], maxSteps: 3 });
    expect(response).toMatchObject({ finishReason, tools: [], toolErrors: [{ reason: "incomplete" }] });
    expect([handedOut, erased]).toEqual([[], []]);
  }
});

test.each([false, true])(
  "a server that never says why its model stopped still has its tools run (streamed: %s)",
  async (stream) => {
    const { erase, erased } = eraser();
    const call_1 = {
      index: 0,
      id: "call_1",
      type: "function",
      function: { name: "erase", arguments: '{"path":"/tmp"}' },
    };
    const first: WireReply = stream
      ? { chunks: [chat.delta({ tool_calls: [call_1] }), chat.done] }
      : { json: { id: "1", model: "m", choices: [{ index: 0, message: { content: null, tool_calls: [call_1] } }] } };
    server.reply(first, { text: "Done." });
    const { response } = await ask(server, { target: "openai", stream }, { tools: [erase], maxSteps: 3 });
    expect([response.content, erased, response.steps[0]?.finishReason]).toEqual(["Done.", ["/tmp"], "unknown"]);
  },
);

describe("a stream that breaks", () => {
  test.each(["openai", "responses", "anthropic"] as const)(
    "on the wire of %s hands out none of its tools, and `partial` runs none",
    async (target) => {
      const { erase, erased } = eraser();
      // All is there but the finish.
      const endAfter = { openai: 4, responses: 6, anthropic: 5 }[target];
      server.reply({ toolCalls: [whole], endAfter });
      const options = { ...accessOf(server, target), tools: [erase], stream: true } as const;
      const stream = await call(referenceOf(target), options)(() => "Go on.")();
      const tools: unknown[] = [];
      let args = "";
      const read = async () => {
        for await (const [chunk, each] of stream) {
          args += chunk.toolDelta?.arguments ?? "";
          if (each) tools.push(each);
        }
      };
      const error: any = await read().catch((thrown) => thrown);
      expect(error.name).toBe("StreamInterruptedError");
      expect(args.length).toBeGreaterThan(0);
      expect([tools, error.partial.tools]).toEqual([[], []]);
      expect(error.partial.toolErrors).toMatchObject([
        { reason: "incomplete", issues: [{ message: expect.stringMatching(/broke off/) }] },
      ]);
      expect(stream.toolErrors).toEqual(error.partial.toolErrors);
      await error.partial.runTools();
      expect(erased).toEqual([]);
    },
  );
});
