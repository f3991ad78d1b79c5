import { type CallOptions, call, type Message, tool, user } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { called, responseOf, streamOf, thought } from "./response-items.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const weather = tool({ name: "weather", description: "Tells the weather.", input: z.object({ city: z.string() }) })(
  async ({ city }) => `Rain in ${city}`,
);
const clock = tool({ name: "clock", description: "Tells the time.", input: z.object({}) })(async () => "noon");

const responses = () => ({ ...server.openai, api: "responses" }) as const;
const ask = (messages: readonly Message[] | string, options: CallOptions = {}) =>
  call("openai/gpt-5-mini", { ...responses(), ...options, stream: false })(async () => messages)();
const stream = (messages: readonly Message[] | string, options: CallOptions = {}) =>
  call("openai/gpt-5-mini", { ...responses(), ...options, stream: true })(async () => messages)();
const bodyOf = (at = -1) => server.requests.at(at)?.body;

describe("tools", () => {
  test("come each once and whole, and their results go back", async () => {
    server.reply({
      text: "Let me see.",
      toolCalls: [
        { name: "weather", args: { city: "Ulm" }, id: "call_1" },
        { name: "clock", args: {}, id: "call_2" },
      ],
    });
    const whole = await ask("Hi", { tools: [weather, clock] });
    expect(whole).toMatchObject({ content: "Let me see.", finishReason: "tool-calls", toolErrors: [] });
    const answer = await call("openai/gpt-5-mini", { ...responses(), stream: true, tools: [weather, clock] })(
      async () => "Hi",
    )();
    const tools: string[] = [];
    let shown = "";
    for await (const [chunk, found] of answer) {
      shown += chunk.toolDelta?.arguments ?? "";
      if (found) tools.push(found.toolCall.name);
    }
    expect(tools).toEqual(["weather", "clock"]);
    expect(shown).toBe('{"city":"Ulm"}{}');
    expect(answer.finishReason).toBe("tool-calls");
    const streamed = await answer.response();
    for (const { toolCalls } of [whole, streamed]) {
      expect(toolCalls).toEqual([
        { type: "tool-call", id: "call_1", name: "weather", arguments: '{"city":"Ulm"}' },
        { type: "tool-call", id: "call_2", name: "clock", arguments: "{}" },
      ]);
    }
    await ask([...streamed.messages, ...(await streamed.runTools())]);
    expect(bodyOf().input.slice(1)).toEqual([
      { role: "assistant", content: [{ type: "output_text", text: "Let me see." }] },
      { type: "function_call", call_id: "call_1", name: "weather", arguments: '{"city":"Ulm"}' },
      { type: "function_call", call_id: "call_2", name: "clock", arguments: "{}" },
      { type: "function_call_output", call_id: "call_1", output: "Rain in Ulm" },
      { type: "function_call_output", call_id: "call_2", output: "noon" },
    ]);
  });
});

describe("reasoning", () => {
  test.each(["plain", "streamed"])("goes back to where it was in the next turn: %s", async (way) => {
    server.reply(
      way === "plain" ? { json: responseOf([thought, called]) } : { chunks: streamOf([thought, called]) },
      {},
    );
    const tools = [clock];
    const response = way === "plain" ? await ask("Hi", { tools }) : await (await stream("Hi", { tools })).response();
    expect(response).toMatchObject({ reasoning: "First.\n\nSecond.", finishReason: "tool-calls" });
    expect(response.message.content).toEqual([
      { type: "reasoning", text: "First.\n\nSecond.", origin: "openai", data: thought },
      { type: "tool-call", id: "call_1", name: "clock", arguments: "{}" },
    ]);
    const history = [...response.messages, ...(await response.runTools())];

    await ask(history);
    expect(bodyOf().input).toEqual([
      { role: "user", content: "Hi" },
      thought,
      { type: "function_call", call_id: "call_1", name: "clock", arguments: "{}" },
      { type: "function_call_output", call_id: "call_1", output: "noon" },
    ]);

    for (const provider of ["openai", "anthropic"] as const) {
      await call(`${provider}/other`, server[provider])(async () => history)();
      expect(JSON.stringify(bodyOf())).not.toContain("gAAAA");
    }
  });

  test("between calls goes back between them", async () => {
    const output = [thought, called, { ...thought, id: "rs_2" }, { ...called, id: "fc_2", call_id: "call_2" }];
    server.reply({ json: responseOf(output) }, {});
    const response = await ask("Hi", { tools: [clock] });
    await ask([...response.messages, ...(await response.runTools())]);
    const sent = bodyOf().input.slice(1, 5);
    expect(sent.map((item: any) => item.call_id ?? item.id)).toEqual(["rs_1", "call_1", "rs_2", "call_2"]);
  });

  test.each([
    ["of another provider", { origin: "anthropic", data: { type: "reasoning", encrypted_content: "x" } }],
    ["that was not encrypted", { origin: "openai", data: { type: "reasoning", id: "rs_1", summary: [] } }],
    ["without data", { origin: "openai" }],
  ])("%s is not sent", async (_, facts) => {
    const content = [{ type: "reasoning", text: "Hm.", ...facts } as const, { type: "text", text: "Hello" } as const];
    await ask([user("Hi"), { role: "assistant", content }, user("More")]);
    expect(bodyOf().input).toEqual([
      { role: "user", content: "Hi" },
      { role: "assistant", content: [{ type: "output_text", text: "Hello" }] },
      { role: "user", content: "More" },
    ]);
  });

  test("that led to nothing is not sent, since the API refuses it", async () => {
    const cut = { ...responseOf([thought]), status: "incomplete", incomplete_details: { reason: "max_output_tokens" } };
    server.reply({ json: cut }, {});
    const response = await ask("Hi");
    expect(response).toMatchObject({ reasoning: "First.\n\nSecond.", finishReason: "length" });
    await ask([...response.messages, user("Go on")]);
    expect(bodyOf().input).toEqual([
      { role: "user", content: "Hi" },
      { role: "user", content: "Go on" },
    ]);
  });
});
