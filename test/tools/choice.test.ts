import { tool } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ask, type ProviderName } from "./wires.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const ping = tool("Ping")(function ping() {});

const bodyOf = async (provider: ProviderName, options: Parameters<typeof ask>[2]) => {
  await ask(server, { provider, stream: false }, { ...options, tools: [ping] });
  return server.requests.at(-1)?.body;
};

test.each([
  ["auto", "auto", { type: "auto" }],
  ["none", "none", { type: "none" }],
  ["required", "required", { type: "any" }],
  [{ name: "ping" }, { type: "function", function: { name: "ping" } }, { type: "tool", name: "ping" }],
] as const)("the tool choice %j is said in each provider's words", async (toolChoice, openai, anthropic) => {
  expect((await bodyOf("openai", { toolChoice })).tool_choice).toEqual(openai);
  expect((await bodyOf("anthropic", { toolChoice })).tool_choice).toEqual(anthropic);
});

test("whether calls may be parallel is sent as each provider's flag", async () => {
  for (const parallelToolCalls of [false, true]) {
    expect((await bodyOf("openai", { parallelToolCalls })).parallel_tool_calls).toBe(parallelToolCalls);
    expect((await bodyOf("anthropic", { parallelToolCalls })).tool_choice).toEqual({
      type: "auto",
      disable_parallel_tool_use: !parallelToolCalls,
    });
  }
});

test("a named tool and one call at a time go together", async () => {
  const options = { toolChoice: { name: "ping" }, parallelToolCalls: false } as const;
  expect(await bodyOf("openai", options)).toMatchObject({
    tool_choice: { type: "function", function: { name: "ping" } },
    parallel_tool_calls: false,
  });
  expect((await bodyOf("anthropic", options)).tool_choice).toEqual({
    type: "tool",
    name: "ping",
    disable_parallel_tool_use: true,
  });
});

test("Anthropic gets no flag for parallel calls where there are to be no calls, since it would refuse it", async () => {
  const body = await bodyOf("anthropic", { toolChoice: "none", parallelToolCalls: false });
  expect(body.tool_choice).toEqual({ type: "none" });
});

test("what is not chosen is not sent", async () => {
  expect(await bodyOf("openai", {})).not.toHaveProperty("tool_choice");
  expect(await bodyOf("openai", {})).not.toHaveProperty("parallel_tool_calls");
  expect(await bodyOf("anthropic", {})).not.toHaveProperty("tool_choice");
});

test("a tool choice in a config holds for that call only", async () => {
  const config = { messages: "Go on.", toolChoice: "required" } as const;
  const way = { provider: "openai", stream: false } as const;
  await ask(server, way, { tools: [ping], toolChoice: "none" }, config);
  await ask(server, way, { tools: [ping], toolChoice: "none" });
  expect(server.requests.map(({ body }) => body.tool_choice)).toEqual(["required", "none"]);
});
