import { expect, test } from "vitest";
import { Answer } from "../src/answer.js";
import type { ModelEvent } from "../src/model.js";

function answerOf(events: readonly ModelEvent[], modelId = "openai/gpt-4o-mini"): Answer {
  const answer = new Answer(modelId);
  for (const event of events) answer.add(event);
  return answer;
}

test("provider and model come from the reference until the wire says otherwise", () => {
  expect(answerOf([])).toMatchObject({ provider: "openai", model: "gpt-4o-mini", id: "" });
  expect(answerOf([], "openrouter/meta/llama:free")).toMatchObject({
    provider: "openrouter",
    model: "meta/llama:free",
  });
  expect(answerOf([{ type: "start", id: "1", model: "" }])).toMatchObject({ model: "gpt-4o-mini" });
  expect(answerOf([{ type: "start", id: "1", model: "gpt-4o-mini-2024-07-18" }])).toMatchObject({
    id: "1",
    model: "gpt-4o-mini-2024-07-18",
  });
});

test("the message of a plain text is that text", () => {
  expect(answerOf([]).message).toEqual({ role: "assistant", content: "" });
  const events: ModelEvent[] = [
    { type: "text-delta", text: "Hel" },
    { type: "text-delta", text: "lo" },
  ];
  expect(answerOf(events).message).toEqual({ role: "assistant", content: "Hello" });
});

test("text, reasoning and calls stand in the message where they began, the calls in order of index", () => {
  const answer = answerOf([
    { type: "reasoning-delta", text: "Hm" },
    { type: "reasoning-delta", text: "m.", data: { signature: "s1" } },
    { type: "text-delta", text: "First. " },
    { type: "tool-start", index: 1, id: "b", name: "second" },
    { type: "reasoning-delta", text: "More." },
    { type: "text-delta", text: "Then " },
    { type: "text-delta", text: "this." },
    { type: "tool-start", index: 0, id: "a", name: "first" },
    { type: "tool-delta", index: 1, arguments: '{"x":' },
    { type: "tool-delta", index: 0, arguments: "{}" },
    { type: "tool-delta", index: 1, arguments: "1}" },
  ]);
  expect(answer.message.content).toEqual([
    { type: "reasoning", text: "Hmm.", data: { signature: "s1" }, origin: "openai" },
    { type: "text", text: "First. " },
    { type: "tool-call", id: "a", name: "first", arguments: "{}" },
    { type: "reasoning", text: "More.", origin: "openai" },
    { type: "text", text: "Then this." },
    { type: "tool-call", id: "b", name: "second", arguments: '{"x":1}' },
  ]);
  expect(answer.text).toBe("First. Then this.");
  expect(answer.reasoning).toBe("Hmm.More.");
});

test("reasoning after signed reasoning is a piece of its own", () => {
  const answer = answerOf([
    { type: "reasoning-delta", text: "One.", data: { signature: "s1" } },
    { type: "reasoning-delta", text: "Two.", data: { signature: "s2" } },
    { type: "text-delta", text: "Done." },
  ]);
  expect(answer.message.content).toMatchObject([
    { text: "One.", data: { signature: "s1" } },
    { text: "Two.", data: { signature: "s2" } },
    { text: "Done." },
  ]);
});

test("pieces for a call that never began are passed over", () => {
  const answer = answerOf([{ type: "tool-delta", index: 5, arguments: "{}" }]);
  expect(answer.toolCalls).toEqual([]);
  expect(answer.toolCall(5)).toBeUndefined();
});

test.each<ModelEvent>([
  { type: "restart", error: new Error("again") },
  { type: "open", provider: "openai", headers: {} },
])("after $type, all that came before is void", (again) => {
  const answer = answerOf([
    { type: "start", id: "1", model: "m" },
    { type: "warning", code: "old", message: "old" },
    { type: "text-delta", text: "void" },
    { type: "reasoning-delta", text: "void" },
    { type: "refusal-delta", text: "void" },
    { type: "tool-start", index: 0, id: "a", name: "void" },
    { type: "finish", reason: "length", raw: { void: true } },
    again,
    { type: "text-delta", text: "new" },
  ]);
  expect(answer).toMatchObject({
    text: "new",
    reasoning: "",
    refusal: undefined,
    finishReason: undefined,
    usage: undefined,
    raw: undefined,
    warnings: [],
    toolCalls: [],
    id: "",
  });
  expect(answer.message.content).toBe("new");
});

test("refusals are no text", () => {
  const answer = answerOf([
    { type: "refusal-delta", text: "I can" },
    { type: "refusal-delta", text: "not." },
    { type: "finish", reason: "stop" },
  ]);
  expect([answer.text, answer.refusal]).toEqual(["", "I cannot."]);
});

test("without collecting, text is not kept, and all else is", () => {
  const answer = new Answer("openai/gpt-4o-mini");
  answer.keepsText = false;
  answer.add({ type: "text-delta", text: "gone" });
  answer.add({ type: "tool-start", index: 0, id: "a", name: "look" });
  answer.add({ type: "finish", reason: "tool-calls" });
  expect([answer.text, answer.finishReason]).toEqual(["", "tool-calls"]);
  expect(answer.message.content).toEqual([{ type: "tool-call", id: "a", name: "look", arguments: "" }]);
});
