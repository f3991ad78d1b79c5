import { call } from "callwright";
import { script } from "callwright/testing";
import { expect, test } from "vitest";
import { AbortedError, ConfigurationError } from "../../src/errors.js";
import type { ModelEvent, ModelRequest } from "../../src/model.js";

const request: ModelRequest = { messages: [{ role: "user", content: "Hi" }], stream: true };

async function all(events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const list: ModelEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

test("turns are played in order, and the requests are kept", async () => {
  const model = script(["one", { text: "two", finishReason: "length" }]);
  expect(await all(model.run(request))).toEqual([
    { type: "start", id: "script-1", model: "model" },
    { type: "text-delta", text: "one" },
    { type: "finish", reason: "stop" },
  ]);
  const second = { ...request, stream: false };
  expect((await all(model.run(second))).slice(1)).toEqual([
    { type: "text-delta", text: "two" },
    { type: "finish", reason: "length" },
  ]);
  expect(model.id).toBe("script/model");
  expect(model.requests).toEqual([request, second]);
});

test("tool calls have ids of their own through the whole script, unless they are given", async () => {
  const model = script([
    {
      toolCalls: [
        { name: "a", args: { x: 1 } },
        { name: "b", args: "{broken", id: "mine" },
      ],
    },
    { toolCalls: [{ name: "c", args: undefined }] },
  ]);
  expect((await all(model.run(request))).slice(1)).toEqual([
    { type: "tool-start", index: 0, id: "call_1", name: "a" },
    { type: "tool-delta", index: 0, arguments: '{"x":1}' },
    { type: "tool-end", index: 0 },
    { type: "tool-start", index: 1, id: "mine", name: "b" },
    { type: "tool-delta", index: 1, arguments: "{broken" },
    { type: "tool-end", index: 1 },
    { type: "finish", reason: "tool-calls" },
  ]);
  expect(await all(model.run(request))).toContainEqual({ type: "tool-start", index: 0, id: "call_2", name: "c" });
});

test("an error is thrown, and the script goes on after it", async () => {
  const broken = new Error("broken");
  const model = script([broken, "fine"]);
  await expect(all(model.run(request))).rejects.toBe(broken);
  expect(await all(model.run(request))).toContainEqual({ type: "text-delta", text: "fine" });
});

test("events are played as they stand", async () => {
  const events: ModelEvent[] = [
    { type: "warning", code: "x", message: "y" },
    { type: "text-delta", text: "" },
  ];
  expect(await all(script([events]).run(request))).toEqual(events);
});

test("a script that is used up says so", async () => {
  const model = script(["one"]);
  await all(model.run(request));
  const error = await all(model.run(request)).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error.message).toBe("The script has 1 turn(s), and was asked once more. Add a turn.");
});

test("an aborted request takes no turn, and one that is aborted in mid-stream gets no further event", async () => {
  const model = script(["one"]);
  const reason = new Error("enough");
  const aborted = await all(model.run({ ...request, signal: AbortSignal.abort(reason) })).catch((thrown) => thrown);
  expect(aborted).toBeInstanceOf(AbortedError);
  expect(aborted.reason).toBe(reason);
  expect(model.requests).toEqual([]);

  const controller = new AbortController();
  const seen: string[] = [];
  const run = (async () => {
    for await (const event of model.run({ ...request, signal: controller.signal })) {
      seen.push(event.type);
      if (event.type === "text-delta") controller.abort();
    }
  })();
  await expect(run).rejects.toBeInstanceOf(AbortedError);
  expect(seen).toEqual(["start", "text-delta"]);
});

test("a turn may be a function of the request, also an asynchronous one", async () => {
  const model = script([
    ({ messages }) => `You said ${messages[0]?.content}`,
    async () => ({ text: ["one ", "", "two"], usage: { inputTokens: 7, outputTokens: 2 } }),
    () => [{ type: "warning", code: "x", message: "y" }],
    () => new Error("broken"),
    () => {
      throw new RangeError("thrown");
    },
    "the last",
  ]);
  expect(await all(model.run(request))).toContainEqual({ type: "text-delta", text: "You said Hi" });
  expect(await all(model.run(request))).toEqual([
    { type: "start", id: "script-2", model: "model" },
    { type: "text-delta", text: "one " },
    { type: "text-delta", text: "two" },
    {
      type: "finish",
      reason: "stop",
      usage: {
        inputTokens: 7,
        outputTokens: 2,
        totalTokens: 9,
        cachedInputTokens: 0,
        cacheWriteTokens: 0,
        reasoningTokens: 0,
      },
    },
  ]);
  expect(await all(model.run(request))).toEqual([{ type: "warning", code: "x", message: "y" }]);
  await expect(all(model.run(request))).rejects.toThrow("broken");
  await expect(all(model.run(request))).rejects.toThrow(RangeError);
  expect(await all(model.run(request))).toContainEqual({ type: "text-delta", text: "the last" });
});

test("requests that overlap get the turns in the order in which they came", async () => {
  const model = script([async () => "slow", "fast"]);
  const [first, second] = await Promise.all([all(model.run(request)), all(model.run(request))]);
  expect([first, second].map(([start, delta]) => [start, delta])).toEqual([
    [expect.objectContaining({ id: "script-1" }), { type: "text-delta", text: "slow" }],
    [expect.objectContaining({ id: "script-2" }), { type: "text-delta", text: "fast" }],
  ]);
});

test("usage and pieces of text reach a call and its stream", async () => {
  const model = script([{ text: ["Mo", "mo"], usage: { inputTokens: 5, outputTokens: 2, reasoningTokens: 1 } }]);
  const stream = await call(model, { stream: true })(() => "A book?")();
  const pieces: string[] = [];
  for await (const [chunk] of stream) if (chunk.content) pieces.push(chunk.content);
  expect(pieces).toEqual(["Mo", "mo"]);
  expect(stream.usage).toMatchObject({ inputTokens: 5, totalTokens: 7, reasoningTokens: 1 });
});
