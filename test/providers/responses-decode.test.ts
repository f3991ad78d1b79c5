import {
  BadRequestError,
  type CallOptions,
  call,
  type Message,
  QuotaError,
  RateLimitError,
  StreamInterruptedError,
  tool,
  UnexpectedResponseError,
} from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { called, responseOf, streamOf, thought } from "./response-items.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const clock = tool({ name: "clock", description: "Tells the time.", input: z.object({}) })(async () => "noon");

const responses = () => ({ ...server.openai, api: "responses" }) as const;
const ask = (messages: readonly Message[] | string, options: CallOptions = {}) =>
  call("openai/gpt-5-mini", { ...responses(), ...options, stream: false })(async () => messages)();
const stream = (messages: readonly Message[] | string, options: CallOptions = {}) =>
  call("openai/gpt-5-mini", { ...responses(), ...options, stream: true })(async () => messages)();
const bodyOf = (at = -1) => server.requests.at(at)?.body;

async function drain(answer: Awaited<ReturnType<typeof stream>>): Promise<unknown> {
  try {
    for await (const _ of answer);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("an answer", () => {
  test("has the same text, usage and reason plain and streamed", async () => {
    server.reply({
      text: ["Hel", "lo"],
      usage: { input: 100, output: 20, cachedInput: 60, cacheWrite: 5, reasoning: 8 },
    });
    const whole = await ask("Hi");
    const answer = await stream("Hi");
    const pieces: string[] = [];
    for await (const [chunk] of answer) if (chunk.content) pieces.push(chunk.content);
    expect(pieces).toEqual(["Hel", "lo"]);
    expect(bodyOf().stream).toBe(true);
    const streamed = await answer.response();
    for (const response of [whole, streamed]) {
      expect(response).toMatchObject({
        content: "Hello",
        finishReason: "stop",
        model: "gpt-5-mini",
        provider: "openai",
      });
      expect(response.id).toMatch(/^resp_/);
      expect(response.usage).toEqual({
        inputTokens: 100,
        outputTokens: 20,
        cachedInputTokens: 60,
        cacheWriteTokens: 5,
        reasoningTokens: 8,
        totalTokens: 120,
      });
    }
    expect(whole.raw).toMatchObject({ object: "response" });
    expect(streamed.raw).toBeUndefined();
  });

  test.each([
    ["length", "length"],
    ["content-filter", "content-filter"],
  ] as const)("that stopped early says so: %s", async (finishReason, expected) => {
    server.reply({ text: "Once", finishReason });
    expect(await ask("Hi")).toMatchObject({ content: "Once", finishReason: expected });
    const answer = await stream("Hi");
    await drain(answer);
    expect(answer).toMatchObject({ content: "Once", finishReason: expected });
  });

  test("that is a refusal has its words apart from the text", async () => {
    const refused = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      content: [{ type: "refusal", refusal: "I cannot." }],
    };
    server.reply({ json: responseOf([refused]) }, { chunks: streamOf([refused]) });
    expect(await ask("Hi")).toMatchObject({ content: "", refusal: "I cannot.", finishReason: "stop" });
    const streamed = await (await stream("Hi")).response();
    expect(streamed).toMatchObject({ content: "", refusal: "I cannot.", finishReason: "stop" });
  });

  test("skips items, parts and events of kinds that are not known", async () => {
    const output = [
      { id: "ws_1", type: "web_search_call", status: "completed" },
      { id: "msg_1", type: "message", content: [{ type: "hologram" }, { type: "output_text", text: "Hello" }] },
      null,
    ];
    server.reply(
      { json: responseOf(output) },
      { chunks: [{ type: "response.mystery", delta: "?" }, ...streamOf(output)] },
    );
    expect(await ask("Hi")).toMatchObject({ content: "Hello", finishReason: "stop" });
    expect((await (await stream("Hi")).response()).content).toBe("Hello");
  });
});

describe("a stream", () => {
  test("whose items come whole, without deltas, loses nothing", async () => {
    const said = { id: "msg_1", type: "message", content: [{ type: "output_text", text: "Hello" }] };
    const whole = [thought, said, called].map((item, output_index) => ({
      type: "response.output_item.done",
      output_index,
      item,
    }));
    server.reply({ chunks: [...whole, { type: "response.completed", response: responseOf([thought, said, called]) }] });
    const response = await (await stream("Hi", { tools: [clock] })).response();
    expect(response).toMatchObject({ content: "Hello", reasoning: "First.\n\nSecond.", id: "resp_1" });
    expect(response.toolCalls).toEqual([{ type: "tool-call", id: "call_1", name: "clock", arguments: "{}" }]);
  });

  test("hands out a tool once the answer is known to be whole", async () => {
    const said = { id: "msg_1", type: "message", content: [{ type: "output_text", text: "Hello" }] };
    server.reply({ chunks: streamOf([called, said]) });
    const order: string[] = [];
    for await (const [chunk, found] of await call("openai/gpt-5-mini", {
      ...responses(),
      stream: true,
      tools: [clock],
    })(async () => "Hi")()) {
      if (found) order.push(found.toolCall.name);
      if (chunk.content) order.push(chunk.content);
    }
    expect(order).toEqual(["Hello", "clock"]);
  });

  test("keeps calls apart whose arguments come interleaved", async () => {
    const at = (output_index: number) => ({ ...called, id: `fc_${output_index}`, call_id: `call_${output_index}` });
    const delta = (output_index: number, delta: string) => ({
      type: "response.function_call_arguments.delta",
      output_index,
      delta,
    });
    const added = (output_index: number) => ({
      type: "response.output_item.added",
      output_index,
      item: { ...at(output_index), arguments: "" },
    });
    const done = (output_index: number) => ({
      type: "response.output_item.done",
      output_index,
      item: at(output_index),
    });
    server.reply({
      chunks: [
        ...[added(1), added(3), delta(3, '{"b":'), delta(1, '{"a":'), delta(3, "2}"), delta(1, "1}"), done(3), done(1)],
        { type: "response.completed", response: responseOf([]) },
      ],
    });
    const response = await (await stream("Hi", { tools: [clock] })).response();
    expect(response.toolCalls.map(({ id, arguments: json }) => [id, json])).toEqual([
      ["call_1", '{"a":1}'],
      ["call_3", '{"b":2}'],
    ]);
  });

  test.each([
    ["cut", { cutAfter: 6 }, /broke in the middle/],
    ["ended without a terminator", { endAfter: 6 }, /before the provider said/],
  ])("that is %s is an interruption, with what came", async (_, fault, message) => {
    server.reply({ text: ["Hel", "lo", "!"], ...fault });
    const answer = await stream("Hi");
    const error = await drain(answer);
    expect(error).toBeInstanceOf(StreamInterruptedError);
    expect(error).toMatchObject({ message: expect.stringMatching(message), partial: { content: "Hello" } });
  });

  test("that reports an overload is the provider's failure", async () => {
    server.reply({ text: ["Hel", "lo"], errorAfter: 5 });
    const error = await drain(await stream("Hi"));
    expect(error).toMatchObject({ provider: "openai", type: "server_error", partial: { content: "Hel" } });
  });

  // The SDK's types have the members of an error event beside its type; the API sends them inside `error`.
  test.each([
    ["error", { code: "insufficient_quota", message: "Pay." }, QuotaError],
    ["error", { error: { type: "tokens", code: "rate_limit_exceeded", message: "Slow." } }, RateLimitError],
    [
      "response.failed",
      { response: { status: "failed", error: { code: "invalid_prompt", message: "No." } } },
      BadRequestError,
    ],
  ])("that ends with the event %s throws what it says: %j", async (type, members, expected) => {
    // After output nothing is tried again.
    const said = { type: "response.output_text.delta", output_index: 0, delta: "Hel" };
    server.reply({ chunks: [said, { type, ...members }] });
    const answer = await stream("Hi");
    expect(await drain(answer)).toBeInstanceOf(expected);
    expect(answer.content).toBe("Hel");
  });
});

describe("a body", () => {
  test("of a failed response is its failure", async () => {
    const error = { code: "image_too_large", message: "Too large." };
    server.reply({ json: { ...responseOf([]), status: "failed", error } });
    await expect(ask("Hi")).rejects.toThrow(BadRequestError);
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    ["without output", { object: "response", status: "completed" }],
    ["that is still in progress", { object: "response", status: "queued", output: [] }],
  ])("%s is unexpected", async (_, json) => {
    server.reply({ json });
    await expect(ask("Hi")).rejects.toThrow(UnexpectedResponseError);
  });
});
