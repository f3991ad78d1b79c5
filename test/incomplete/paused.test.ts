import {
  type CallOptions,
  type CallResponse,
  call,
  completion,
  model,
  responseOf,
  Session,
  tool,
  user,
} from "callwright";
import { script, type WireReply, type WireServer, wireServer } from "callwright/testing";
import { handler } from "callwright/web";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { errorOf } from "../calls/wires.js";
import { messages } from "../streams/wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const reference = "anthropic/claude-haiku-4-5";

/** A part of a turn, as a plain answer or as a stream, whichever the request asks for. */
function part(text: string, stop_reason = "pause_turn", more: readonly object[] = []) {
  return ({ body }: { body: any }): WireReply => {
    const content = [...(text ? [{ type: "text", text }] : []), ...more];
    const usage = { input_tokens: 10, output_tokens: 5 };
    if (!body.stream)
      return {
        json: {
          id: "msg_1",
          type: "message",
          role: "assistant",
          model: "claude-haiku-4-5",
          content,
          stop_reason,
          usage,
        },
      };
    const blocks = content.flatMap((block: any, index) =>
      block.type === "text"
        ? [messages.textBlock(index), messages.text(index, block.text), messages.stop(index)]
        : [messages.toolBlock(index, block.id, block.name, block.input), messages.stop(index)],
    );
    return { chunks: [messages.start(), ...blocks, messages.finish(stop_reason, usage), messages.end] };
  };
}
const called = { type: "tool_use", id: "toolu_1", name: "look", input: { at: "x" } };
const look = tool({ name: "look", description: "Looks.", input: z.object({ at: z.string() }) })(({ at }) => at);

/** The messages of the last request. */
const sent = () => server.requests.at(-1)?.body.messages;
const textOf = ({ content }: any): string =>
  typeof content === "string" ? content : content.map(({ text = "" }: any) => text).join("");

describe.each([false, true])("a turn that the provider paused (streamed: %s)", (stream) => {
  const ask = async (options: CallOptions = {}) => {
    const all = { ...server.anthropic, ...options };
    const asked: any = await call(reference, { ...all, stream } as object)(() => "Search.")();
    return (stream ? asked.response() : asked) as Promise<CallResponse<any>>;
  };

  test("goes on by itself, also without maxSteps, and its answer is that of all parts", async () => {
    server.reply(part("I search. "), part("Still. "), part("Found it.", "end_turn"));
    const response = await ask();
    expect(response).toMatchObject({ content: "I search. Still. Found it.", finishReason: "stop", warnings: [] });
    expect(response.message).toEqual({ role: "assistant", content: "I search. Still. Found it." });
    expect(response.messages).toHaveLength(2);
    expect(response.steps).toHaveLength(1);
    expect(server.requests).toHaveLength(3);
    expect(sent().map(({ role }: any) => role)).toEqual(["user", "assistant"]);
    expect(textOf(sent()[1]).trim()).toBe("I search. Still.");
  });

  test("has the tokens and the cost of all parts", async () => {
    const price = { input: 1, output: 10 };
    server.reply(part("A", "end_turn"), part("A"), part("B", "end_turn"));
    const once = await ask({ price });
    const twice = await ask({ price });
    expect(once.usage).toMatchObject({ inputTokens: 10, outputTokens: 5, totalTokens: 15 });
    expect(twice.usage).toMatchObject({ inputTokens: 20, outputTokens: 10, totalTokens: 30 });
    expect(twice.cost).toBeCloseTo(2 * (once.cost as number), 10);
    expect(once.cost).toBeGreaterThan(0);
  });

  test("does not count as a step", async () => {
    server.reply(part("Hm. "), part("", "tool_use", [called]), part("It is "), part("x.", "end_turn"));
    const response = await ask({ tools: [look], maxSteps: 2 });
    expect(response.steps.map(({ content, finishReason }) => [content, finishReason])).toEqual([
      ["Hm. ", "tool-calls"],
      ["It is x.", "stop"],
    ]);
    expect(server.requests).toHaveLength(4);
    expect(response.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
  });

  test("that is paused for ever ends after ten times, as paused and with a warning", async () => {
    server.reply(part("a"));
    const response = await ask({ maxSteps: 3, tools: [look] });
    expect(server.requests).toHaveLength(11);
    expect(response).toMatchObject({ content: "a".repeat(11), finishReason: "pause" });
    expect(response.warnings).toEqual([{ code: "turn_paused", message: expect.stringContaining("paused 11 times") }]);

    server.reply(part("Done.", "end_turn"));
    expect((await response.resume()).content).toBe("Done.");
    expect(sent().map(({ role }: any) => role)).toEqual(["user", "assistant"]);
  });

  test("that asks for tools as well runs none and does not go on, with a warning", async () => {
    server.reply(part("Hm.", "pause_turn", [called]));
    const response = await ask({ tools: [look], maxSteps: 3 });
    expect(response).toMatchObject({
      finishReason: "pause",
      tools: [],
      toolErrors: [{ reason: "incomplete", issues: [{ message: expect.stringContaining("paused by the provider") }] }],
      warnings: [{ code: "turn_paused", message: expect.stringContaining("asks for tools") }],
    });
    expect(server.requests).toHaveLength(1);
  });

  test("that said nothing is asked again as it was", async () => {
    server.reply(part(""), part("Here.", "end_turn"));
    expect((await ask()).content).toBe("Here.");
    expect(sent()).toHaveLength(1);
  });

  test("that is cut off in its last part is cut off", async () => {
    server.reply(part("A"), part("B", "max_tokens", [called]));
    const response = await ask({ tools: [look], maxSteps: 3 });
    expect(response).toMatchObject({ content: "AB", finishReason: "length", toolErrors: [{ reason: "incomplete" }] });
  });

  test("whose next part fails for a while is tried again from there", async () => {
    server.reply(part("A"), { status: 529, headers: { "retry-after-ms": "1" } }, part("B", "end_turn"));
    expect((await ask()).content).toBe("AB");
    expect(server.requests).toHaveLength(3);
  });

  test("enters the history of a session as one answer", async () => {
    server.reply(part("A"), part("B", "end_turn"));
    const session = new Session({ model: model(reference, server.anthropic), maxSteps: 1 });
    await (stream ? (await session.stream("Search.")).response() : session.send("Search."));
    expect(session.history).toEqual([user("Search."), { role: "assistant", content: "AB" }]);
  });

  test("makes the value of a responseModel of all its parts, and none if it never ends", async () => {
    const options = {
      ...server.anthropic,
      responseModel: z.object({ title: z.string() }),
      outputMode: "text",
    } as const;
    const value = async () =>
      stream
        ? (await call(reference, { ...options, stream: true })(() => "A book?")()).output()
        : call(reference, options)(() => "A book?")();
    server.reply(part('{"title": "Mo'), part('mo"}', "end_turn"), part('{"title": "Momo"}'));
    const book = await value();
    expect(book).toEqual({ title: "Momo" });
    expect(responseOf(book).finishReason).toBe("stop");
    const error = await errorOf(value);
    expect(error).toMatchObject({ name: "ResponseValidationError", response: { finishReason: "pause" } });
    expect(error.message).toContain("paused by the provider");
  });

  test("is one answer to a client of the gateway and of the handler", async () => {
    const ended = () => server.reply(part("A"), part("B", "end_turn"));
    const request = { model: reference, messages: [{ role: "user", content: "Search." }], stream };
    const read = async (chunks: AsyncIterable<any>) => {
      const all: any[] = [];
      for await (const chunk of chunks) all.push(chunk);
      return all;
    };
    ended();
    const made: any = await completion({
      ...request,
      ...server.anthropic,
      stream_options: { include_usage: true },
    } as object as any);
    if (stream) {
      const chunks = await read(made);
      expect(chunks.map(({ choices: [choice] }) => choice?.delta.content ?? choice?.finish_reason)).toEqual([
        "",
        "A",
        "B",
        "stop",
        undefined,
      ]);
      expect(chunks.at(-1).usage).toMatchObject({ total_tokens: 30 });
      expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    } else
      expect(made).toMatchObject({
        choices: [{ message: { content: "AB" }, finish_reason: "stop" }],
        usage: { total_tokens: 30 },
      });

    ended();
    const serve = handler({ search: model(reference, server.anthropic) });
    const body = JSON.stringify({ ...request, model: "search" });
    const headers = { "content-type": "application/json" };
    const answer = await serve(new Request("http://localhost/v1/chat/completions", { method: "POST", body, headers }));
    const text = await answer.text();
    expect(text.match(/"content":"[AB]+"/g)).toEqual(stream ? ['"content":"A"', '"content":"B"'] : ['"content":"AB"']);
    expect(text).toContain('"finish_reason":"stop"');
  });

  test("that does not end is told to a client of the gateway as cut off, never as whole", async () => {
    server.reply(part("a"));
    const request = { model: reference, messages: [{ role: "user", content: "Search." }], ...server.anthropic };
    const made: any = await completion({ ...request, stream } as object as any);
    let last = made;
    if (stream) for await (const chunk of made) last = chunk;
    expect(last.choices[0].finish_reason).toBe("length");
  });
});

test("a stream shows one finish, at the end of the whole turn, with the tokens of all parts", async () => {
  server.reply(part("A"), part("B", "end_turn"));
  const seen: unknown[] = [];
  for await (const [{ content, text, finishReason, usage }] of await call(reference, {
    ...server.anthropic,
    stream: true,
  })(() => "Search.")())
    seen.push([content, text, finishReason, usage?.totalTokens]);
  expect(seen).toEqual([
    ["A", "A", undefined, undefined],
    ["B", "AB", undefined, undefined],
    ["", "AB", "stop", 30],
  ]);
});

test("what a model thought before the pause keeps its data and its provider when the turn goes on", async () => {
  const thought = { type: "reasoning-delta", text: "Hm.", data: { signature: "s" } } as const;
  const open = { type: "open", provider: "anthropic", headers: {} } as const;
  const asked = script([
    [open, thought, { type: "text-delta", text: "A" }, { type: "finish", reason: "pause" }],
    [
      { ...open, provider: "other" },
      { type: "text-delta", text: "B" },
      { type: "finish", reason: "stop" },
    ],
  ]);
  const response = await call(asked)(() => "Search.")();
  const said = [
    { type: "reasoning", text: "Hm.", data: { signature: "s" }, origin: "anthropic" },
    { type: "text", text: "A" },
  ];
  expect(asked.requests[1]?.messages.at(-1)?.content).toEqual(said);
  expect(response.message.content).toEqual([said[0], { type: "text", text: "AB" }]);
});

test("a stream whose text is not kept cannot go on, and warns", async () => {
  server.reply(part("A"), part("B", "end_turn"));
  const stream = await call(reference, { ...server.anthropic, stream: true })(() => "Search.")();
  let text = "";
  for await (const piece of stream.textStream({ collect: false })) text += piece;
  const { finishReason, warnings } = await stream.response();
  expect([text, finishReason]).toEqual(["A", "pause"]);
  expect(warnings).toMatchObject([{ code: "turn_paused", message: expect.stringContaining("collect") }]);
});

test("only the part that a model which takes over replaces is void", async () => {
  const asked = script([
    [
      { type: "text-delta", text: "A" },
      { type: "finish", reason: "pause" },
    ],
    [
      { type: "text-delta", text: "wrong" },
      { type: "restart", error: new Error("broke") },
      { type: "text-delta", text: "B" },
      { type: "finish", reason: "stop" },
    ],
  ]);
  expect((await call(asked)(() => "Search.")()).content).toBe("AB");
});
