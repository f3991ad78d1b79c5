import { call, type ModelEvent, tool } from "callwright";
import { script, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { chat, eventText } from "./wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

test("what came in one chunk before a time limit passed is shown before its error", async () => {
  // The first call of a process loads the SDK, which would count.
  await call("openai/gpt-4o-mini", server.openai)(() => "Hi")();
  server.reply({ raw: eventText([chat.text("one "), chat.text("two "), chat.text("three")]), hangAfter: 1 });
  const options = { ...server.openai, stream: true, timeouts: { totalMs: 1000 } } as const;
  const stream = await call("openai/gpt-4o-mini", options)(() => "Hi")();
  const texts: string[] = [];
  const read = async () => {
    for await (const [{ content }] of stream) {
      texts.push(content);
      if (texts.length === 1) await new Promise((resolve) => setTimeout(resolve, 1200));
    }
  };
  await expect(read()).rejects.toMatchObject({ code: "timeout", phase: "total" });
  expect(texts).toEqual(["one ", "two ", "three"]);
});

test("an abort is not kept waiting by what came before it", async () => {
  server.reply({ raw: eventText([chat.text("one "), chat.text("two "), chat.text("three")]), hangAfter: 1 });
  const controller = new AbortController();
  const options = { ...server.openai, stream: true, signal: controller.signal } as const;
  const stream = await call("openai/gpt-4o-mini", options)(() => "Hi")();
  const texts: string[] = [];
  const read = async () => {
    for await (const [{ content }] of stream) {
      texts.push(content);
      controller.abort();
    }
  };
  await expect(read()).rejects.toMatchObject({ code: "aborted" });
  expect(texts).toEqual(["one "]);
});

const look = tool({ name: "look", description: "Looks.", input: z.object({ at: z.string() }) })(({ at }) => at);
const started = (index: number): ModelEvent => ({ type: "tool-start", index, id: `call_${index}`, name: "look" });
const grown = (index: number, args: string, more?: true): ModelEvent => ({
  type: "tool-delta",
  index,
  arguments: args,
  ...(more && { more }),
});

/** What a loop sees: text, the call whose arguments grow, the tool, the finish. */
async function seen(events: readonly ModelEvent[]) {
  const stream = await call(script([events]), { stream: true, tools: [look] })(() => "Hi")();
  const told: unknown[] = [];
  for await (const [chunk, each] of stream)
    told.push([chunk.content, chunk.text, chunk.toolDelta?.id, each?.toolCall.id, chunk.finishReason]);
  return told;
}

test("tools come in the order of the calls, also if only a later one ends with the answer", async () => {
  const events = [
    ...[started(0), grown(0, '{"at":"x"}'), started(1), grown(1, '{"at":')],
    ...[grown(1, '"y"}', true), { type: "finish", reason: "tool-calls" }],
  ] as ModelEvent[];
  expect(await seen(events)).toEqual([
    ["", "", "call_0", undefined, undefined],
    ["", "", "call_1", undefined, undefined],
    ["", "", "call_1", undefined, undefined],
    ["", "", undefined, "call_0", undefined],
    ["", "", undefined, "call_1", "tool-calls"],
  ]);
});

test("each chunk's text ends with its own, also of several chunks that came together", async () => {
  const events = [
    ...[started(0), { type: "text-delta", text: "a", more: true }, grown(0, '{"at":', true)],
    ...[
      grown(0, '"x"}', true),
      { type: "text-delta", text: "b", more: true },
      { type: "finish", reason: "tool-calls" },
    ],
  ] as ModelEvent[];
  expect(await seen(events)).toEqual([
    ["a", "a", "call_0", undefined, undefined],
    ["b", "ab", "call_0", "call_0", "tool-calls"],
  ]);
});

test("a tool whose arguments came earlier comes in the chunk with the text of the end", async () => {
  const events = [
    ...[started(0), grown(0, '{"at":"x"}')],
    ...[
      { type: "text-delta", text: "Looking.", more: true },
      { type: "finish", reason: "tool-calls" },
    ],
  ] as ModelEvent[];
  expect(await seen(events)).toEqual([
    ["", "", "call_0", undefined, undefined],
    ["Looking.", "Looking.", undefined, "call_0", "tool-calls"],
  ]);
});

test("what a model cites stands in stream.sources as it comes, and in the response", async () => {
  const source = { url: "https://example.com/momo", title: "Momo", raw: {} };
  const events: ModelEvent[] = [
    { type: "text-delta", text: "Momo." },
    { type: "source", source },
    { type: "finish", reason: "stop" },
  ];
  const stream = await call(script([events]), { stream: true })(() => "Hi")();
  expect(stream.sources).toEqual([]);
  const { sources } = await stream.response();
  expect([sources, stream.sources]).toEqual([[source], [source]]);
});

test("text that is not kept is not kept in later steps either", async () => {
  const asked = script([
    [
      { type: "text-delta", text: "one" },
      { type: "tool-start", index: 0, id: "call_1", name: "look" },
      { type: "finish", reason: "tool-calls" },
    ],
    "two",
  ]);
  const stream = await call(asked, { stream: true, tools: [look], maxSteps: 2 })(() => "Hi")();
  let text = "";
  for await (const piece of stream.textStream({ collect: false })) text += piece;
  expect([text, stream.content]).toEqual(["onetwo", ""]);
});
