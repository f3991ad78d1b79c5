import { retry, tool, UnexpectedResponseError } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { ask, resultsOf, sendResults, ways } from "./wires.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const loose = tool({ name: "loose", description: "Takes anything", input: z.looseObject({}) })((args) => args);

const nested = (depth: number) => `{"a":${"[".repeat(depth - 1)}${"]".repeat(depth - 1)}}`;

describe.each(ways)("arguments of %s", (_, way) => {
  test.each([
    ["many brackets that only open", "[".repeat(1e5)],
    ["many objects that only open", '{"a":'.repeat(2e4)],
    ["65 levels", nested(65)],
  ])("that are a bomb of %s are invalid, and can be answered", async (_, args) => {
    server.reply({ toolCalls: [{ name: "loose", args }] });
    const response = await ask(server, way, { tools: [loose] });
    expect(response.tools).toEqual([]);
    expect(response.toolErrors).toMatchObject([{ reason: "invalid-json" }]);
    const request = await sendResults(server, way, response, { tools: [loose] });
    expect(resultsOf(request)).toMatchObject([{ isError: true }]);
  });

  test("that are 64 levels deep are read", async () => {
    server.reply({ toolCalls: [{ name: "loose", args: nested(64) }] });
    const response = await ask(server, way, { tools: [loose] });
    expect(response.tool.args).toEqual(JSON.parse(nested(64)));
  });
});

const block = `{"type":"tool_use","id":"a","name":"loose","input":${nested(1e5)}}`;

test.each([
  ["openai", nested(1e5)],
  ["openai", `{"choices":[${nested(1e5)}]}`],
  ["anthropic", nested(1e5)],
  ["anthropic", `{"content":[${block}]}`],
] as const)("a whole answer of %s that is a bomb is an error of its own", async (provider, raw) => {
  server.reply({ raw });
  await expect(ask(server, { provider, stream: false }, { tools: [loose] })).rejects.toThrow(UnexpectedResponseError);
});

const events = {
  openai: (rest: string) =>
    `{"id":"a","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}],${rest}}`,
  anthropic: (rest: string) =>
    `{"type":"content_block_start","index":0,"content_block":{"type":"redacted_thinking",${rest}}}`,
};
const ends = { openai: "[DONE]", anthropic: '{"type":"message_stop"}' };
const streamOf = (provider: keyof typeof events, rest: string) => ({
  raw: [events[provider](rest), ends[provider]].map((data) => `data: ${data}\n\n`).join(""),
});

describe.each(["openai", "anthropic"] as const)("an event in a stream of %s", (provider) => {
  test.each([
    ["of many brackets", `"data":${"[".repeat(1e6)}`],
    ["of many brackets that are closed again", `"data":${"[".repeat(1e5)}${"]".repeat(1e5)}`],
    ["of many objects", `"data":${'{"a":'.repeat(1e5)}1${"}".repeat(1e5)}`],
    ["of many objects, with a prototype", `"data":${'{"__proto__":'.repeat(1e5)}1${"}".repeat(1e5)}`],
  ])("that is a bomb %s is an error of its own", async (_, rest) => {
    server.reply(streamOf(provider, rest));
    const asked = ask(server, { provider, stream: true }, { tools: [loose], use: [retry({ retries: 0 })] });
    await expect(asked).rejects.toThrow(/holds an event that is no JSON object/);
  });

  test.each([
    ["a hundred thousand keys", Array.from({ length: 1e5 }, (_, n) => `"k${n}":0`).join()],
    ["equal keys and a number beyond all bounds", '"data":1,"data":1e400'],
    ["16 MB in one string", `"data":"${"x".repeat(2 ** 24)}"`],
  ])("that holds %s is read", async (_, rest) => {
    server.reply(streamOf(provider, rest));
    const { content } = await ask(server, { provider, stream: true }, {});
    expect(content).toBe(provider === "openai" ? "Hi" : "");
  });
});

test("streamed arguments that are an object and a bomb are an error of their own", async () => {
  const call = `{"index":0,"id":"a","function":{"name":"loose","arguments":${nested(1e5)}}}`;
  server.reply({ raw: `data: {"choices":[{"index":0,"delta":{"tool_calls":[${call}]}}]}\n\ndata: [DONE]\n\n` });
  const asked = ask(server, { provider: "openai", stream: true }, { tools: [loose], use: [retry({ retries: 0 })] });
  await expect(asked).rejects.toThrow(UnexpectedResponseError);
});
