import { type CallChunk, call, fallback, type Model, type ModelEvent, StreamInterruptedError } from "callwright";
import { script } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { errorOf } from "../calls/wires.js";

/** A model that says these things and then breaks. */
const breaking = (...events: ModelEvent[]): Model => ({
  id: "test/breaking",
  async *run() {
    yield* events;
    throw new Error("broke");
  },
});
const open = (first: Model, other: string) =>
  call(fallback(script([other]))(first), { stream: true })(() => "Tell a story.")();

describe("textStream() when another model takes over", () => {
  test("throws if text was handed out, so that the halves of two answers never come as one", async () => {
    const stream = await open(breaking({ type: "text-delta", text: "Once upon " }), "It was a dark night.");
    let text = "";
    const error = await errorOf(async () => {
      for await (const piece of stream.textStream()) text += piece;
    });
    expect(text).toBe("Once upon ");
    expect(error).toBeInstanceOf(StreamInterruptedError);
    expect(error.message).toContain("chunk.restarted");
    expect(await errorOf(stream.response())).toMatchObject({ code: "stream_interrupted" });
  });

  test("goes on if nothing was handed out that is void now", async () => {
    const stream = await open(breaking({ type: "reasoning-delta", text: "Hm." }), "It was a dark night.");
    let text = "";
    for await (const piece of stream.textStream()) text += piece;
    expect(text).toBe("It was a dark night.");
  });

  test("goes on if only text of earlier steps was handed out, which stays", async () => {
    const asked = script([
      [
        { type: "text-delta", text: "Let me see. " },
        { type: "tool-start", index: 0, id: "call_1", name: "none" },
        { type: "finish", reason: "tool-calls" },
      ],
      [
        { type: "reasoning-delta", text: "Hm." },
        { type: "restart", error: new Error("broke") },
        { type: "text-delta", text: "A whale." },
        { type: "finish", reason: "stop" },
      ],
    ]);
    const stream = await call(asked, { stream: true, maxSteps: 2 })(() => "Tell a story.")();
    let text = "";
    for await (const piece of stream.textStream()) text += piece;
    expect(text).toBe("Let me see. A whale.");
  });
});

test("what was not handed out before a restart is not shown with it", async () => {
  const stream = await open(breaking({ type: "text-delta", text: "Once ", more: true }), "It was dark.");
  const seen: [CallChunk["content"], boolean][] = [];
  for await (const [{ content, restarted }] of stream) seen.push([content, restarted]);
  expect(seen.slice(0, 2)).toEqual([
    ["", true],
    ["It was dark.", false],
  ]);
});
