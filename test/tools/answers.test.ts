import { BaseTool, ToolArgumentsError, tool, UnknownToolError } from "callwright";
import { type WireReply, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { ask, ways } from "./wires.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

class FormatBook extends BaseTool.of({ title: z.string(), pages: z.number().optional() }) {
  override async call(): Promise<string> {
    return `${this.title}, ${this.pages ?? "?"} pages`;
  }
}
const getWeather = tool({ name: "get_weather", description: "Weather", input: z.object({ city: z.string() }) })(
  async ({ city }) => ({ city, celsius: 21 }),
);
const ping = tool("Ping")(function ping() {
  return "pong";
});
const tools = [FormatBook, getWeather, ping];

describe.each(ways)("what a response of %s holds of its tools", (_, way) => {
  const answered = (reply: WireReply) => {
    server.reply(reply);
    return ask(server, way, { tools });
  };

  test("a call of a class is an instance of it, with its arguments as fields", async () => {
    const args = { title: "Momo", pages: 304 };
    const response = await answered({ toolCalls: [{ name: "FormatBook", args, id: "call_a" }] });
    expect(response.tool).toBeInstanceOf(FormatBook);
    expect({ ...response.tool }).toEqual(args);
    expect(response.tool.args).toEqual(args);
    expect(response.tool.toolCall).toMatchObject({ type: "tool-call", id: "call_a", name: "FormatBook" });
    expect(JSON.parse(response.tool.toolCall.arguments)).toEqual(args);
    expect(await response.tool.call()).toBe("Momo, 304 pages");
    expect(response.finishReason).toBe("tool-calls");
    expect(response.content).toBe("");
  });

  test("a call of a function has its arguments, and runs it", async () => {
    const response = await answered({ toolCalls: [{ name: "get_weather", args: { city: "Paris" }, id: "call_b" }] });
    expect(response.tool.args).toEqual({ city: "Paris" });
    expect(response.tool.toolCall).toMatchObject({ id: "call_b", name: "get_weather" });
    expect(await response.tool.call()).toEqual({ city: "Paris", celsius: 21 });
  });

  test("several calls stand in their order", async () => {
    const response = await answered({
      toolCalls: [
        { name: "get_weather", args: { city: "Paris" }, id: "call_1" },
        { name: "FormatBook", args: { title: "Momo" }, id: "call_2" },
        { name: "get_weather", args: { city: "Rome" }, id: "call_3" },
      ],
    });
    expect(response.toolCalls.map(({ id }) => id)).toEqual(["call_1", "call_2", "call_3"]);
    expect(response.tools.map(({ toolCall }) => toolCall.id)).toEqual(["call_1", "call_2", "call_3"]);
    expect(response.tool).toBe(response.tools[0]);
    expect(response.toolErrors).toEqual([]);
  });

  test("text beside a call is kept with it in the message", async () => {
    const response = await answered({ text: "Let me look.", toolCalls: [{ name: "ping", args: {}, id: "call_1" }] });
    expect(response.content).toBe("Let me look.");
    expect(response.message).toEqual({
      role: "assistant",
      content: [
        { type: "text", text: "Let me look." },
        { type: "tool-call", id: "call_1", name: "ping", arguments: "{}" },
      ],
    });
  });

  test("without calls there is no tool, and no error", async () => {
    const response = await answered({ text: "Hello" });
    expect(response).toMatchObject({ tool: undefined, tools: [], toolCalls: [], toolErrors: [] });
  });

  test.each([
    ["nothing", ""],
    ["an empty object", {}],
  ])("a tool without arguments may be called with %s", async (_, args) => {
    const response = await answered({ toolCalls: [{ name: "ping", args }] });
    expect(response.tool.args).toEqual({});
    expect(await response.tool.call()).toBe("pong");
  });

  test("each kind of mistake is an entry of its own, and the other calls stay usable", async () => {
    const response = await answered({
      toolCalls: [
        { name: "FormatBook", args: '{"title": "Mo', id: "broken" },
        { name: "FormatBook", args: { pages: 3 }, id: "missing" },
        { name: "get_weather", args: { city: "Paris" }, id: "right" },
        { name: "FormatBook", args: { title: "Momo", pages: "3" }, id: "wrong" },
        { name: "format_book", args: { title: "Momo" }, id: "unknown" },
        { name: "get_weather", args: [], id: "list" },
      ],
    });
    expect(response.tools.map(({ toolCall }) => toolCall.id)).toEqual(["right"]);
    expect(response.tool.args).toEqual({ city: "Paris" });
    expect(
      response.toolErrors.map(({ toolCall, reason, issues }) => [toolCall.id, reason, issues.map(({ path }) => path)]),
    ).toEqual([
      ["broken", "invalid-json", [undefined]],
      ["missing", "invalid-arguments", [["title"]]],
      ["wrong", "invalid-arguments", [["pages"]]],
      ["unknown", "unknown-tool", []],
      ["list", "invalid-arguments", [[]]],
    ]);
    expect(response.toolErrors[0]?.toolCall.arguments).toBe('{"title": "Mo');
    expect(response.toolCalls).toHaveLength(6);
  });

  test("reading tool where the only call has invalid arguments throws what is wrong with them", async () => {
    const response = await answered({ toolCalls: [{ name: "FormatBook", args: { pages: 3 }, id: "call_1" }] });
    expect(() => response.tool).toThrow(ToolArgumentsError);
    expect(() => response.tool).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/FormatBook[\s\S]*title: /),
        toolCall: expect.objectContaining({ id: "call_1" }),
        issues: [expect.objectContaining({ path: ["title"] })],
      }),
    );
    expect(response.tools).toEqual([]);
  });

  test("reading tool where the only call is broken JSON throws that", async () => {
    const response = await answered({ toolCalls: [{ name: "FormatBook", args: '{"title":' }] });
    expect(() => response.tool).toThrow(ToolArgumentsError);
    expect(() => response.tool).toThrow(/no JSON/);
  });

  test("reading tool where the only call is of an unknown tool throws its name", async () => {
    const response = await answered({ toolCalls: [{ name: "delete_all", args: {}, id: "call_1" }] });
    expect(() => response.tool).toThrow(UnknownToolError);
    expect(() => response.tool).toThrow(/"delete_all"/);
    expect(() => response.tool).toThrow(expect.objectContaining({ toolCall: response.toolCalls[0] }));
  });

  test("a call that was made although no tool was offered is of an unknown tool", async () => {
    server.reply({ toolCalls: [{ name: "FormatBook", args: { title: "Momo" } }] });
    const response = await ask(server, way, {});
    expect(response.toolErrors).toMatchObject([{ reason: "unknown-tool" }]);
  });

  test("a tool of another call is unknown where it was not offered", async () => {
    server.reply({ toolCalls: [{ name: "FormatBook", args: { title: "Momo" } }] });
    const response = await ask(server, way, { tools }, { messages: "Go on.", tools: [ping] });
    expect(() => response.tool).toThrow(UnknownToolError);
  });
});
