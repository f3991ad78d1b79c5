import Anthropic from "@anthropic-ai/sdk";
import { type WireServer, wireServer } from "callwright/testing";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

let server: WireServer;
let openai: OpenAI;
let anthropic: Anthropic;

beforeEach(async () => {
  server = await wireServer();
  openai = new OpenAI({ ...server.openai, maxRetries: 0 });
  anthropic = new Anthropic({ ...server.anthropic, maxRetries: 0 });
});
afterEach(() => server.close());

const messages = [{ role: "user" as const, content: "Hi" }];
const chat = { model: "gpt-4o-mini", messages };
const message = { model: "claude-haiku-5-5", max_tokens: 100, messages };
const response = { model: "gpt-4o-mini", input: "Hi" };

const weather = { name: "weather", args: { city: "Zürich", days: [1, 2, 3] } };

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

describe("OpenAI Chat Completions", () => {
  test("gives a plain answer with the request's model, usage and a request id", async () => {
    server.reply({ text: ["Hel", "lo"], usage: { input: 100, output: 20, cachedInput: 60, reasoning: 8 } });
    const answer = await openai.chat.completions.create(chat);
    expect(answer).toMatchObject({ object: "chat.completion", model: "gpt-4o-mini" });
    expect(answer.choices).toHaveLength(1);
    expect(answer.choices[0]).toMatchObject({
      index: 0,
      finish_reason: "stop",
      message: { role: "assistant", content: "Hello", refusal: null },
    });
    expect(answer.choices[0]?.message).not.toHaveProperty("tool_calls");
    expect(answer.usage).toMatchObject({
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      prompt_tokens_details: { cached_tokens: 60 },
      completion_tokens_details: { reasoning_tokens: 8 },
    });
    expect(answer._request_id).toMatch(/^req_\w{32}$/);
    expect(answer.id).toMatch(/^chatcmpl-\w{32}$/);
  });

  test("streams one chunk for each element of the text, then the reason", async () => {
    server.reply({ text: ["Hel", "", "lo"] });
    const chunks = await all(await openai.chat.completions.create({ ...chat, stream: true }));
    expect(chunks.map(({ choices }) => choices[0]?.delta.content)).toEqual(["", "Hel", "", "lo", undefined]);
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, null, null, "stop"]);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
  });

  test("adds a chunk of nothing but usage when the request asks for it, and only then", async () => {
    server.reply({ text: "Hello", usage: { input: 7, output: 3 } });
    const chunks = await all(
      await openai.chat.completions.create({ ...chat, stream: true, stream_options: { include_usage: true } }),
    );
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
    });
    expect(chunks.slice(0, -1).every(({ usage }) => usage === null)).toBe(true);
    const without = await all(await openai.chat.completions.create({ ...chat, stream: true }));
    expect(without.every((chunk) => !("usage" in chunk) && chunk.choices.length === 1)).toBe(true);
  });

  test("asks for tools, with the arguments whole or in fragments", async () => {
    server.reply({ toolCalls: [weather, { name: "clock", args: {}, id: "call_clock" }] });
    const answer = await openai.chat.completions.create(chat);
    expect(answer.choices[0]).toMatchObject({ finish_reason: "tool_calls", message: { content: null } });
    expect(answer.choices[0]?.message.tool_calls).toMatchObject([
      {
        id: expect.stringMatching(/^call_/),
        type: "function",
        function: { name: "weather", arguments: JSON.stringify(weather.args) },
      },
      { id: "call_clock", type: "function", function: { name: "clock", arguments: "{}" } },
    ]);

    const stream = openai.chat.completions.stream(chat);
    const deltas = (await all(stream)).flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(deltas.filter(({ index }) => index === 0).length).toBeGreaterThan(3);
    expect((await stream.finalChatCompletion()).choices[0]?.message.tool_calls).toMatchObject(
      answer.choices[0]?.message.tool_calls?.map(({ type, ...call }) => ({
        type,
        function: "function" in call ? call.function : undefined,
      })) ?? [],
    );
  });

  test("answers an error status in the provider's format", async () => {
    server.reply({ status: 429, headers: { "retry-after": "2" }, text: "Slow down." });
    const error = await openai.chat.completions.create(chat).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error).toMatchObject({
      status: 429,
      code: "rate_limit_exceeded",
      type: "requests",
      param: null,
      message: "429 Slow down.",
    });
    expect(error.headers.get("retry-after")).toBe("2");
  });
});

describe("Anthropic Messages", () => {
  test("gives a plain answer with the request's model, usage and a request id", async () => {
    server.reply({ text: ["Hel", "lo"], usage: { input: 100, output: 20, cachedInput: 60, cacheWrite: 10 } });
    const answer = await anthropic.messages.create(message);
    expect(answer).toMatchObject({
      type: "message",
      role: "assistant",
      model: "claude-haiku-5-5",
      stop_reason: "end_turn",
      stop_sequence: null,
    });
    expect(answer.content).toEqual([{ type: "text", text: "Hello", citations: null }]);
    expect(answer.usage).toMatchObject({
      input_tokens: 30,
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 10,
      output_tokens: 20,
    });
    expect(answer._request_id).toMatch(/^req_\w{32}$/);
  });

  test("streams its events in order, with cumulative usage at the end", async () => {
    server.reply({ text: ["Hel", "lo"], toolCalls: [weather], usage: { input: 7, output: 3 } });
    const events = await all(await anthropic.messages.create({ ...message, stream: true }));
    // The client swallows the ping.
    expect(events.map(({ type }) => type).filter((type, at, list) => type !== list[at - 1])).toEqual([
      "message_start",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "content_block_start",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(events[0]).toMatchObject({ message: { content: [], usage: { input_tokens: 7, output_tokens: 1 } } });
    expect(events.at(-2)).toMatchObject({ delta: { stop_reason: "tool_use" }, usage: { output_tokens: 3 } });
  });

  test("asks for tools, with the arguments whole or in fragments", async () => {
    server.reply({ text: "Let me see.", toolCalls: [{ ...weather, id: "toolu_1" }] });
    const content = [
      { type: "text", text: "Let me see." },
      { type: "tool_use", id: "toolu_1", name: "weather", input: weather.args },
    ];
    expect((await anthropic.messages.create(message)).content).toMatchObject(content);
    const stream = anthropic.messages.stream(message);
    expect((await stream.finalMessage()).content).toMatchObject(content);
  });

  test("answers an error status in the provider's format", async () => {
    server.reply({ status: 529 });
    const error = await anthropic.messages.create(message).catch((thrown) => thrown);
    expect(error).toMatchObject({
      status: 529,
      type: "overloaded_error",
      error: { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
    });
    expect(error.requestID).toMatch(/^req_/);
    expect(error.error.request_id).toBe(error.requestID);
  });
});

describe("OpenAI Responses", () => {
  test("gives a plain answer with text, tool calls and usage", async () => {
    server.reply({ text: "Hello", toolCalls: [weather], usage: { input: 7, output: 3 } });
    const answer = await openai.responses.create(response);
    expect(answer).toMatchObject({
      object: "response",
      status: "completed",
      model: "gpt-4o-mini",
      output_text: "Hello",
      usage: { input_tokens: 7, output_tokens: 3, total_tokens: 10 },
    });
    expect(answer.output).toMatchObject([
      { type: "message" },
      { type: "function_call", name: "weather", arguments: JSON.stringify(weather.args) },
    ]);
  });

  test("streams what the client puts together to the same answer", async () => {
    server.reply({ text: ["Hel", "lo"], toolCalls: [weather] });
    const stream = openai.responses.stream(response);
    const events = await all(stream);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
    expect(events.flatMap((event) => (event.type === "response.output_text.delta" ? [event.delta] : []))).toEqual([
      "Hel",
      "lo",
    ]);
    const answer = await stream.finalResponse();
    expect(answer).toMatchObject({ status: "completed", output_text: "Hello" });
    expect(answer.output[1]).toMatchObject({
      type: "function_call",
      name: "weather",
      arguments: JSON.stringify(weather.args),
      parsed_arguments: null,
    });
  });

  test("reports an answer that was cut short as incomplete", async () => {
    server.reply({ text: "Hel", finishReason: "length" });
    expect(await openai.responses.create(response)).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
    });
    const events = await all(await openai.responses.create({ ...response, stream: true }));
    expect(events.at(-1)?.type).toBe("response.incomplete");
  });
});
