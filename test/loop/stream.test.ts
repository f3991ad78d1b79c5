import { type CallOptions, type CallStream, call, tool } from "callwright";
import { type WireReply, wireServer } from "callwright/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { errorOf, onBothWires } from "../calls/wires.js";

let asked: string[];
beforeEach(() => {
  asked = [];
});

const weather = tool({ name: "get_weather", description: "The weather", input: z.object({ city: z.string() }) })(
  async ({ city }) => {
    asked.push(city);
    return `21 degrees in ${city}`;
  },
);
const wants = (city: string, text?: readonly string[]): WireReply => ({
  ...(text && { text }),
  toolCalls: [{ name: "get_weather", args: { city }, id: `call_${city}` }],
});

onBothWires((wire) => {
  const ask = (options: CallOptions = {}): Promise<CallStream<any>> =>
    call(wire.reference, { ...wire.access, tools: [weather], maxSteps: 5, ...options, stream: true } as {
      stream: true;
    })(() => "Where is it warm?")();

  /** Chunks of the wire up to the first of the text. */
  const untilText = wire.provider === "openai" ? 2 : 4;

  describe("a streamed loop", () => {
    test("yields the tuples of every step in one stream, in order", async () => {
      wire.server.reply(wants("Rome", ["Let ", "me see."]), wants("Oslo"), { text: ["It is ", "warm."] });
      const told: string[] = [];
      for await (const [chunk, tool] of await ask()) {
        if (chunk.content) told.push(chunk.content);
        if (tool) told.push(tool.args.city);
        if (chunk.finishReason) told.push(`(${chunk.finishReason})`);
      }
      expect(told).toEqual([
        "Let ",
        "me see.",
        "Rome",
        "(tool-calls)",
        "Oslo",
        "(tool-calls)",
        "It is ",
        "warm.",
        "(stop)",
      ]);
      expect(asked).toEqual(["Rome", "Oslo"]);
    });

    test("has as its content, and as each chunk's text, the text of all steps", async () => {
      wire.server.reply(wants("Rome", ["Let me see. "]), { text: ["It is ", "warm."] });
      const stream = await ask();
      for await (const [chunk] of stream) expect(chunk.text).toBe(stream.content);
      expect(stream.content).toBe("Let me see. It is warm.");
    });

    test("has a response with all steps, whose content is that of the last, as a plain call has", async () => {
      const replies = [wants("Rome", ["Let me see. "]), { text: "It is warm.", usage: { input: 20, output: 10 } }];
      wire.server.reply(...replies);
      const stream = await ask();
      const response = await stream.response();
      expect(response.content).toBe("It is warm.");
      expect(response.steps.map(({ content }) => content)).toEqual(["Let me see. ", "It is warm."]);
      expect(response.steps.at(-1)).toBe(response);
      expect(stream.usage).toEqual(response.usage);
      expect(stream.cost).toBe(response.cost);
      expect(response.cost).toBeGreaterThan(response.steps[0]!.cost!);

      wire.server.reply(...replies);
      const options = { ...wire.access, tools: [weather], maxSteps: 5 };
      const plain = await call(wire.reference, options)(() => "Where is it warm?")();
      expect(response.messages).toEqual(plain.messages);
      expect(response.cost).toBe(plain.cost);
    });

    test("asks for the next step only when the one before was read, and runs each tool once", async () => {
      wire.server.reply(wants("Rome"), { text: "Warm." });
      const stream = await ask();
      const tuples = stream[Symbol.asyncIterator]();
      let tool: unknown;
      while (!tool) tool = (await tuples.next()).value?.[1];
      expect([wire.server.requests.length, asked.length]).toEqual([1, 0]);
      await stream.response();
      expect([wire.server.requests.length, asked.length]).toEqual([2, 1]);
    });

    test("ends at maxSteps with an error, behind all that was said", async () => {
      wire.server.reply(wants("Rome", ["Let me see."]));
      const stream = await ask({ maxSteps: 2 });
      let text = "";
      const error = await errorOf(async () => {
        for await (const [chunk] of stream) text += chunk.content;
      });
      expect(error).toMatchObject({ name: "ToolLoopError", response: { steps: { length: 2 } } });
      expect(error.transcript).toHaveLength(4);
      expect(text).toBe("Let me see.Let me see.");
      expect([wire.server.requests.length, asked.length]).toEqual([2, 1]);
    });

    test("that breaks in a later step has an error with what that step and those before had said", async () => {
      wire.server.reply(wants("Rome", ["Let me see. "]), { text: ["It is ", "warm."], errorAfter: untilText });
      const stream = await ask();
      const error = await errorOf(async () => {
        for await (const _ of stream);
      });
      expect(error).toMatchObject({ retryable: true, partial: { steps: { length: 2 } } });
      expect(error.partial.steps[0].content).toBe("Let me see. ");
      expect(stream.content).toBe("Let me see. It is ");
    });

    test("whose later step is refused throws that in the loop", async () => {
      wire.server.reply(wants("Rome"), { status: 401 });
      const stream = await ask();
      expect(await errorOf(stream.response())).toMatchObject({ name: "AuthenticationError" });
    });

    test("that is left in its second step closes that connection", async () => {
      wire.server.reply(wants("Rome"), { text: ["It is ", "warm."], hangAfter: untilText });
      for await (const [chunk] of await ask()) if (chunk.content) break;
      const second = wire.server.requests[1]!;
      await second.closed;
      expect(second.aborted).toBe(true);
    });
  });

  test("without maxSteps, a stream ends with the calls, and runs nothing", async () => {
    wire.server.reply(wants("Rome"));
    const response = await (await ask({ maxSteps: undefined })).response();
    expect(response.tools).toHaveLength(1);
    expect([wire.server.requests.length, asked.length]).toEqual([1, 0]);
  });
});

test("the cost of a stream is not known before its step is over", async () => {
  await using server = await wireServer();
  server.reply({ text: ["It is ", "warm."] });
  const stream = await call("openai/gpt-4o-mini", { ...server.openai, stream: true })(() => "Hi")();
  for await (const [chunk] of stream) expect(stream.cost === undefined).toBe(chunk.finishReason === undefined);
  expect(stream.cost).toBeGreaterThan(0);
});
