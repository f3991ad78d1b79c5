import { call, tool } from "callwright";
import type { WireReply } from "callwright/testing";
import { expect, test } from "vitest";
import { z } from "zod";
import { onBothWires } from "./wires.js";

const search = tool({ name: "search", description: "Finds books", input: z.object({ words: z.string() }) })(
  ({ words }) => words,
);

const replies: Record<string, WireReply> = {
  "text in pieces": { text: ["Du", "ne"], usage: { input: 20, output: 2, cachedInput: 8, reasoning: 1 } },
  "no text": { text: [] },
  "no usage": { text: "Dune", usage: null },
  "an answer that was cut off": { text: "Du", finishReason: "length" },
  "an answer that was held back": { text: "Du", finishReason: "content-filter" },
  "a tool call": { toolCalls: [{ name: "search", args: { words: "sand" }, id: "call_1" }] },
  "text and a tool call": { text: "Wait.", toolCalls: [{ name: "search", args: { words: "sand" }, id: "call_1" }] },
  "an unknown tool": { toolCalls: [{ name: "find", args: {}, id: "call_1" }] },
  "arguments that do not fit": { toolCalls: [{ name: "search", args: { words: 5 }, id: "call_1" }] },
  "a good and a bad call": {
    toolCalls: [
      { name: "search", args: { words: 5 }, id: "call_1" },
      { name: "search", args: { words: "sand" }, id: "call_2" },
    ],
  },
};

onBothWires((wire) => {
  test.each(Object.entries(replies))("%s is the same streamed or not", async (_, reply) => {
    wire.server.reply(reply);
    const options = { ...wire.access, tools: [search] };
    const plain = await call(wire.reference, options)(() => "Hi")();
    const stream = await call(wire.reference, { ...options, stream: true })(() => "Hi")();
    const streamed = await stream.response();

    const seen = (response: typeof plain) => {
      const { content, refusal, toolCalls, toolErrors, message, messages, finishReason, usage, cost } = response;
      const { model, provider, warnings } = response;
      const args = response.tools.map((each) => each.args);
      const said = { content, refusal, toolCalls, toolErrors, args, message, messages, finishReason };
      return { ...said, usage, cost, model, provider, warnings };
    };
    expect(seen(streamed)).toEqual(seen(plain));
    expect(streamed.raw).toBeUndefined();
  });

  test.each([400, 401, 404, 429])("a status of %i is the same error streamed or not", async (status) => {
    wire.server.reply({ status, headers: { "x-should-retry": "false" } });
    const plain = call(wire.reference, wire.access)(() => "Hi")();
    const stream = call(wire.reference, { ...wire.access, stream: true })(() => "Hi")();
    const [one, two] = await Promise.allSettled([plain, stream]);
    const seen = (outcome: typeof one | typeof two) => {
      const { name, code, status, type, retryable } = (outcome as PromiseRejectedResult).reason;
      return { name, code, status, type, retryable };
    };
    expect(seen(two)).toEqual(seen(one));
    expect(seen(one).status).toBe(status);
  });
});
