import { type CallResponse, call, retry, tool } from "callwright";
import { type WireReply, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { references } from "../streams/wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const look = tool({ name: "look", description: "Looks.", input: z.object({ at: z.string() }) })(({ at }) => at);

/** What a caller can read of an answer, without what is new with each. */
function readable(response: CallResponse<any>) {
  const { content, reasoning, refusal, toolCalls, toolErrors, message, finishReason, usage, cost } = response;
  const tools = response.tools.map(({ args, toolCall }) => [toolCall.name, args]);
  return { content, reasoning, refusal, toolCalls, toolErrors, message, finishReason, usage, cost, tools };
}

const answers: Record<string, WireReply> = {
  "a text": { text: ["Hel", "lo"] },
  "an empty text": { text: "" },
  "a text that was cut": { text: "Hel", finishReason: "length" },
  "a text that was filtered": { text: "Hel", finishReason: "content-filter" },
  "no usage": { text: "Hello", usage: null },
  "usage of all kinds": {
    text: "Hello",
    usage: { input: 100, output: 50, cachedInput: 40, cacheWrite: 10, reasoning: 20 },
  },
  "a tool": { toolCalls: [{ name: "look", args: { at: "x" }, id: "call_1" }] },
  "a text and tools": {
    text: "Looking.",
    toolCalls: [
      { name: "look", args: { at: "x" }, id: "call_1" },
      { name: "look", args: { at: "y" }, id: "call_2" },
    ],
  },
  "a tool that was cut": { toolCalls: [{ name: "look", args: { at: "x" }, id: "call_1" }], finishReason: "length" },
  "arguments that are not valid": { toolCalls: [{ name: "look", args: { at: 7 }, id: "call_1" }] },
  "a tool that nobody offered": { toolCalls: [{ name: "delete", args: {}, id: "call_1" }] },
  "two tools of one id": {
    toolCalls: [
      { name: "look", args: { at: "x" }, id: "same" },
      { name: "look", args: { at: "y" }, id: "same" },
    ],
  },
};

const cases = references.flatMap((reference) =>
  Object.entries(answers).map(([name, reply]) => [reference, name, reply] as const),
);

test.each(cases)("%s: %s reads the same, streamed or not", async (reference, _, reply) => {
  const access = { ...server[reference.startsWith("openai") ? "openai" : "anthropic"], tools: [look] };
  server.reply(reply);
  const plain = await call(reference, access)(() => "Hi")();
  const streamed = await (await call(reference, { ...access, stream: true })(() => "Hi")()).response();
  expect(readable(streamed)).toEqual(readable(plain));
});

test.each(cases)("%s: %s reads the same on the other wire", async (reference, _, reply) => {
  if (reference !== "openai/gpt-4o-mini") return;
  server.reply(reply);
  const read = async (ref: (typeof references)[number]) => {
    const access = server[ref.startsWith("openai") ? "openai" : "anthropic"];
    const { cost, usage, refusal, ...same } = readable(await call(ref, { ...access, tools: [look] })(() => "Hi")());
    return { ...same, total: usage?.totalTokens };
  };
  expect(await read(references[0])).toEqual(await read(references[1]));
});

test.each(references)(
  "%s: options that differ per call go to the wire the same, streamed or not",
  async (reference) => {
    const access = server[reference.startsWith("openai") ? "openai" : "anthropic"];
    const options = {
      ...access,
      temperature: 0,
      maxTokens: 7,
      stop: ["END"],
      tools: [look],
      use: [retry({ retries: 0 })],
    };
    await call(reference, options)(() => "Hi")();
    await (await call(reference, { ...options, stream: true })(() => "Hi")()).response();
    const [plain, streamed] = server.requests.map(({ body }) => {
      const { stream, stream_options, ...rest } = body;
      return rest;
    });
    expect(streamed).toEqual(plain);
  },
);
