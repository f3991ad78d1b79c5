import { tool, UnexpectedResponseError } from "callwright";
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

test("streamed arguments that are an object and a bomb are an error of their own", async () => {
  const call = `{"index":0,"id":"a","function":{"name":"loose","arguments":${nested(1e5)}}}`;
  server.reply({ raw: `data: {"choices":[{"index":0,"delta":{"tool_calls":[${call}]}}]}\n\ndata: [DONE]\n\n` });
  await expect(ask(server, { provider: "openai", stream: true }, { tools: [loose] })).rejects.toThrow(
    "The answer of openai holds arguments that are nested too deep.",
  );
});
