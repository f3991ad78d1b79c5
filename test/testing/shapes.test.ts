import type Anthropic from "@anthropic-ai/sdk";
import type OpenAI from "openai";
import { expect, expectTypeOf, test } from "vitest";
import { anthropicWire } from "../../src/testing/wires/anthropic.js";
import { openaiWire } from "../../src/testing/wires/openai.js";
import { openaiResponsesWire } from "../../src/testing/wires/openai-responses.js";
import { answerOf } from "../../src/testing/wires/wire.js";

// The compiler compares what the encoders make with what the vendors' packages declare.
const answer = answerOf({ text: "Hello", toolCalls: [{ name: "clock", args: {} }] });

test("a Chat Completions answer is what OpenAI's types say", () => {
  const body = openaiWire.plain(answer, "Hello", { model: "m" });
  expectTypeOf(body).toExtend<OpenAI.ChatCompletion>();
  expectTypeOf(openaiWire.error(400, undefined).error).toExtend<OpenAI.ErrorObject>();
  expect(body.choices[0]?.message.tool_calls).toHaveLength(1);
});

test("a Responses answer is what OpenAI's types say", () => {
  const body = openaiResponsesWire.plain(answer, "Hello", { model: "m" });
  // The client itself adds output_text.
  expectTypeOf(body).toExtend<Omit<OpenAI.Responses.Response, "output_text">>();
  expect(body.output).toHaveLength(2);
});

test("a Messages answer is what Anthropic's types say", () => {
  const body = anthropicWire.plain(
    { ...answer, usage: { input: 1, output: 1, cachedInput: 0, cacheWrite: 0, reasoning: 0 } },
    "Hello",
    { model: "m" },
  );
  // Usage can be left out, for servers that do; the answer to a request has it.
  expectTypeOf(body).toExtend<Omit<Anthropic.Message, "usage">>();
  expectTypeOf<NonNullable<typeof body.usage>>().toExtend<Anthropic.Usage>();
  expect(body.content).toHaveLength(2);
});
