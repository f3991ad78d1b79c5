import { type CallChunk, call, tool } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { chat, messages, providerOf, references, signalled } from "./wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

async function chunksOf(stream: AsyncIterable<[CallChunk, unknown]>): Promise<CallChunk[]> {
  const chunks: CallChunk[] = [];
  for await (const [chunk] of stream) chunks.push(chunk);
  return chunks;
}

describe.each(references)("a stream of %s", (reference) => {
  const provider = providerOf(reference);
  const streaming = () => call(reference, { ...server[provider], stream: true })(() => "Hi");

  test("its chunks hold the new text each, and all text so far", async () => {
    server.reply({ text: ["Hel", "lo", "", " there"] });
    const stream = await streaming()();
    const chunks = await chunksOf(stream);
    expect(chunks.map(({ content }) => content).filter(Boolean)).toEqual(["Hel", "lo", " there"]);
    expect(chunks.map(({ text }) => text)).toEqual(["Hel", "Hello", "Hello there", "Hello there"]);
    expect(stream.content).toBe("Hello there");
  });

  test("a chunk that carries nothing at all is not shown", async () => {
    server.reply({ text: ["", "a", "", "", "b", ""] });
    const chunks = await chunksOf(await streaming()());
    expect(chunks).toHaveLength(3);
    expect(chunks.every(({ content, finishReason }) => content !== "" || finishReason !== undefined)).toBe(true);
  });

  test("finish and usage come with the last chunk, and with no other", async () => {
    server.reply({ text: ["a", "b"], usage: { input: 7, output: 3 }, finishReason: "length" });
    const chunks = await chunksOf(await streaming()());
    expect(chunks.map(({ finishReason }) => finishReason)).toEqual([undefined, undefined, "length"]);
    expect(chunks.map(({ usage }) => usage?.totalTokens)).toEqual([undefined, undefined, 10]);
  });

  test("before the end, what is not known yet is undefined; after it, the stream holds the whole answer", async () => {
    server.reply({ text: ["Hello"], usage: { input: 1000, output: 500 } });
    const stream = await streaming()();
    expect([stream.content, stream.usage, stream.cost, stream.finishReason]).toEqual([
      "",
      undefined,
      undefined,
      undefined,
    ]);
    for await (const _ of stream);
    expect(stream.usage).toMatchObject({ inputTokens: 1000, outputTokens: 500, totalTokens: 1500 });
    expect(stream.cost).toBeGreaterThan(0);
    expect(stream.finishReason).toBe("stop");
    expect(stream.message).toEqual({ role: "assistant", content: "Hello" });
  });

  test("its response is what a plain call gives, but for the provider's body", async () => {
    server.reply({ text: "Hello", usage: { input: 3, output: 2 } });
    const plain = await call(reference, server[provider])(() => "Hi")();
    const response = await (await streaming()()).response();
    const about = ({ content, message, messages, finishReason, usage, cost, model, provider }: typeof plain) => ({
      content,
      message,
      messages,
      finishReason,
      usage,
      cost,
      model,
      provider,
    });
    expect(about(response)).toEqual(about(plain));
    expect(response.requestId).toMatch(/^req_/);
    expect(response.id).not.toBe("");
    expect(plain.raw).toBeTypeOf("object");
    expect(response.raw).toBeUndefined();
  });

  test("without usage on the wire, usage and cost are undefined", async () => {
    server.reply({ text: "Hello", usage: null });
    const response = await (await streaming()()).response();
    expect([response.usage, response.cost, response.content]).toEqual([undefined, undefined, "Hello"]);
  });

  test("each chunk arrives before the next one is sent", async () => {
    let waiting = signalled();
    server.reply({
      text: (async function* () {
        for (const piece of ["a", "b", "c", "d", "e"]) {
          waiting = signalled();
          yield piece;
          await waiting.seen;
        }
      })(),
    });
    const seen: string[] = [];
    for await (const [chunk] of await streaming()()) {
      if (chunk.content) seen.push(chunk.content);
      waiting.see();
    }
    expect(seen).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("the call resolves at the headers, before there is any text", async () => {
    const asked = signalled();
    server.reply({
      text: (async function* () {
        await asked.seen;
        yield "late";
      })(),
    });
    const stream = await streaming()();
    expect(stream.content).toBe("");
    asked.see();
    expect((await stream.response()).content).toBe("late");
  });

  test("a refusal by status is thrown by the call, not by the loop", async () => {
    server.reply({ status: 401 });
    await expect(streaming()()).rejects.toMatchObject({ code: "authentication" });
  });

  test("what a model thinks comes as reasoning, not as text", async () => {
    server.reply({
      chunks:
        provider === "openai"
          ? [chat.delta({ reasoning_content: "Hm" }), chat.text("Yes"), chat.finish(), chat.done]
          : [
              messages.start(),
              messages.block(0, { type: "thinking", thinking: "", signature: "" }),
              messages.delta(0, { type: "thinking_delta", thinking: "Hm" }),
              messages.delta(0, { type: "signature_delta", signature: "sig" }),
              messages.stop(0),
              messages.textBlock(1),
              messages.text(1, "Yes"),
              messages.stop(1),
              messages.finish(),
              messages.end,
            ],
    });
    const stream = await streaming()();
    const chunks = await chunksOf(stream);
    expect(chunks.map(({ reasoning, content }) => reasoning || content).filter(Boolean)).toEqual(["Hm", "Yes"]);
    const response = await stream.response();
    expect([response.reasoning, response.content]).toEqual(["Hm", "Yes"]);
  });
});

test("Anthropic's counts are of all so far: the last ones hold, and are not added up", async () => {
  server.reply({
    chunks: [
      messages.start({
        input_tokens: 100,
        output_tokens: 1,
        cache_read_input_tokens: 20,
        cache_creation_input_tokens: 30,
      }),
      messages.textBlock(0),
      messages.text(0, "Hi"),
      messages.stop(0),
      messages.finish("end_turn", { output_tokens: 40, input_tokens: null }),
      messages.finish("end_turn", { output_tokens: 50 }),
      messages.end,
    ],
  });
  const stream = await call("anthropic/claude-haiku-4-5", { ...server.anthropic, stream: true })(() => "Hi")();
  expect((await stream.response()).usage).toEqual({
    inputTokens: 150,
    outputTokens: 50,
    cachedInputTokens: 20,
    cacheWriteTokens: 30,
    reasoningTokens: 0,
    totalTokens: 200,
  });
});

describe("a chunk of OpenAI's wire in which several things happen", () => {
  const look = tool({ name: "look", description: "Looks.", input: z.object({ at: z.string() }) })(({ at }) => at);
  const streaming = () => call("openai/gpt-4o-mini", { ...server.openai, stream: true, tools: [look] })(() => "Hi");

  test("gives one tuple for each tool that it completes: the first bears the text, the last finish and usage", async () => {
    server.reply({
      chunks: [
        chat.delta(
          {
            content: "Looking.",
            tool_calls: [0, 1, 2].map((index) => ({
              index,
              id: `call_${index}`,
              function: { name: "look", arguments: `{"at":"${index}"}` },
            })),
          },
          "tool_calls",
          { usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
        ),
        chat.done,
      ],
    });
    const seen: unknown[] = [];
    for await (const [chunk, tool] of await streaming()()) {
      seen.push([
        chunk.content,
        chunk.toolDelta?.index,
        tool?.args,
        chunk.finishReason,
        chunk.usage?.totalTokens,
        chunk.text,
      ]);
    }
    expect(seen).toEqual([
      ["Looking.", 0, { at: "0" }, undefined, undefined, "Looking."],
      ["", 1, { at: "1" }, undefined, undefined, "Looking."],
      ["", 2, { at: "2" }, "tool-calls", 3, "Looking."],
    ]);
  });

  test("shows the last piece of a tool's arguments, the tool and the finish as one", async () => {
    server.reply({
      chunks: [
        chat.tools({ index: 0, id: "call_a", name: "look", args: '{"at":' }),
        chat.finish("tool_calls", { tool_calls: [{ index: 0, function: { arguments: '"x"}' } }] }),
        chat.done,
      ],
    });
    const seen: unknown[] = [];
    for await (const [chunk, tool] of await streaming()()) {
      seen.push([chunk.toolDelta?.arguments, tool?.toolCall.id, chunk.finishReason]);
    }
    expect(seen).toEqual([
      ['{"at":', undefined, undefined],
      ['"x"}', "call_a", "tool-calls"],
    ]);
  });

  test("without tools, the text of the finishing chunk does not wait for the usage", async () => {
    const seen = signalled();
    server.reply({
      chunks: (async function* () {
        yield chat.finish("stop", { content: "All at once" });
        await seen.seen;
        yield chat.usage(1, 1);
      })(),
    });
    const contents: string[] = [];
    for await (const [chunk] of await call("openai/gpt-4o-mini", { ...server.openai, stream: true })(() => "Hi")()) {
      contents.push(chunk.content);
      seen.see();
    }
    expect(contents).toEqual(["All at once", ""]);
  });
});
