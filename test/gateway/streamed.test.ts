import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  type ChatCompletionChunk,
  completion,
  fallback,
  type Model,
  type ModelEvent,
  override,
  StreamConsumedError,
  StreamInterruptedError,
} from "callwright";
import { script } from "callwright/testing";
import { describe, expect, test } from "vitest";
import { errorOf, onBothWires } from "../calls/wires.js";

const messages = [{ role: "user", content: "Hi" }];
const tools = [{ type: "function", function: { name: "find_book", parameters: { type: "object" } } }];

async function all(chunks: AsyncIterable<ChatCompletionChunk>): Promise<ChatCompletionChunk[]> {
  const list: ChatCompletionChunk[] = [];
  for await (const chunk of chunks) list.push(chunk);
  return list;
}

const deltas = (chunks: readonly ChatCompletionChunk[]) =>
  chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta));

/** Texts that come one by one, each when it is let out. */
function doled(texts: readonly string[]) {
  const gates = texts.map(() => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { open, opened };
  });
  async function* text() {
    for (const [index, each] of texts.entries()) {
      await gates[index]?.opened;
      yield each;
    }
  }
  return { text: text(), open: (index: number) => gates[index]?.open() };
}

onBothWires((wire) => {
  const open = (request: Record<string, unknown> = {}) =>
    completion({ model: wire.reference, messages, ...wire.access, ...request, stream: true });

  test("the chunks have the shape of chat.completion.chunk: a role, the text, a finish", async () => {
    wire.server.reply({ text: ["Hel", "lo."] });
    const chunks = await all(await open());
    const [{ id, created } = { id: "", created: 0 }] = chunks;
    const head = { id, object: "chat.completion.chunk", created, model: wire.name };
    const choice = (delta: object, finish_reason: string | null = null) => ({
      ...head,
      choices: [{ index: 0, delta, finish_reason }],
    });
    expect(id).toMatch(/^(chatcmpl-|msg_)/);
    expect(created).toBeCloseTo(Date.now() / 1000, -2);
    expect(chunks).toEqual([
      choice({ role: "assistant", content: "" }),
      choice({ content: "Hel" }),
      choice({ content: "lo." }),
      choice({}, "stop"),
    ]);
    expect(wire.body.stream).toBe(true);
  });

  test("include_usage adds a last chunk with the usage and no choice", async () => {
    wire.server.reply({ text: ["Hello."], usage: { input: 20, output: 7 } });
    const chunks = await all(await open({ stream_options: { include_usage: true } }));
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 20, completion_tokens: 7, total_tokens: 27 },
    });
    expect(chunks.slice(0, -1).some((chunk) => "usage" in chunk)).toBe(false);
  });

  test("each chunk comes when the provider sent it, not when the body ends", async () => {
    const { text, open: letOut } = doled(["one ", "two ", "three", "held back"]);
    wire.server.reply({ text });
    letOut(0);
    const seen: string[] = [];
    for await (const { choices } of await open()) {
      const content = choices[0]?.delta.content;
      if (!content) continue;
      seen.push(content);
      expect(wire.server.requests[0]?.finishedAt).toBeUndefined();
      letOut(seen.length);
      if (seen.length === 3) break;
    }
    letOut(3);
    expect(seen).toEqual(["one ", "two ", "three"]);
  });

  test.each([
    ["length", "length"],
    ["content-filter", "content_filter"],
  ] as const)("the finish %s is told as %s", async (finishReason, finish_reason) => {
    wire.server.reply({ text: ["Hello."], finishReason });
    expect((await all(await open())).at(-1)?.choices[0]?.finish_reason).toBe(finish_reason);
  });

  test("tool calls come as deltas: id and name first, then the pieces of the arguments, by index from 0", async () => {
    wire.server.reply({
      text: ["Wait."],
      toolCalls: [
        { name: "find_book", args: { title: "The Name of the Wind" }, id: "call_a" },
        { name: "find_book", args: { title: "Momo" }, id: "call_b" },
      ],
    });
    const chunks = await all(await open({ tools }));
    const calls = deltas(chunks).flatMap(({ tool_calls = [] }) => tool_calls);
    const starts = calls.filter(({ id }) => id !== undefined);
    expect(starts).toEqual(
      ["call_a", "call_b"].map((id, index) => ({
        index,
        id,
        type: "function",
        function: { name: "find_book", arguments: "" },
      })),
    );
    const argumentsOf = (index: number) =>
      calls.filter((call) => call.index === index).map((call) => call.function?.arguments ?? "");
    expect(argumentsOf(0).length).toBeGreaterThan(2);
    expect(JSON.parse(argumentsOf(0).join(""))).toEqual({ title: "The Name of the Wind" });
    expect(JSON.parse(argumentsOf(1).join(""))).toEqual({ title: "Momo" });
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("tool_calls");
    expect(
      deltas(chunks)
        .map(({ content }) => content ?? "")
        .join(""),
    ).toBe("Wait.");
  });

  test.each([401, 400])("a %s is thrown where the stream is awaited, before any chunk", async (status) => {
    wire.server.reply({ status });
    expect(await errorOf(open())).toMatchObject({ status, provider: wire.provider });
  });

  test("an overload before the first chunk is tried again", async () => {
    wire.server.reply({ status: 503, headers: { "retry-after-ms": "1" } }, { text: ["Hello."] });
    expect(deltas(await all(await open())).map(({ content }) => content)).toContain("Hello.");
    expect(wire.server.requests).toHaveLength(2);
  });

  test("a stream that breaks throws after what came", async () => {
    wire.server.reply({ text: ["one ", "two ", "three"], cutAfter: wire.provider === "openai" ? 3 : 5 });
    const seen: unknown[] = [];
    const read = async () => {
      for await (const chunk of await open()) seen.push(chunk.choices[0]?.delta.content);
    };
    expect(await errorOf(read)).toBeInstanceOf(StreamInterruptedError);
    expect(seen).toEqual(["", "one ", "two "]);
    expect(wire.server.requests).toHaveLength(1);
  });

  describe("the connection is closed", () => {
    const hanging = { text: ["one ", "two ", "three"], hangAfter: wire.provider === "openai" ? 3 : 5 };

    test("when the loop is left", async () => {
      wire.server.reply(hanging);
      for await (const { choices } of await open()) if (choices[0]?.delta.content) break;
      await wire.server.requests[0]?.closed;
      expect(wire.server.requests[0]?.aborted).toBe(true);
    });

    test("when the loop throws", async () => {
      wire.server.reply(hanging);
      const read = async () => {
        for await (const _ of await open()) throw new Error("mine");
      };
      expect((await errorOf(read)).message).toBe("mine");
      await wire.server.requests[0]?.closed;
      expect(wire.server.requests[0]?.aborted).toBe(true);
    });

    test("when the signal aborts", async () => {
      wire.server.reply(hanging);
      const controller = new AbortController();
      const read = async () => {
        for await (const { choices } of await open({ signal: controller.signal }))
          if (choices[0]?.delta.content) controller.abort(new Error("Enough."));
      };
      expect(await errorOf(read)).toMatchObject({ code: "aborted" });
      await wire.server.requests[0]?.closed;
      expect(wire.server.requests[0]?.aborted).toBe(true);
    });

    test("when nobody holds the stream any more, and not while a loop still runs", { timeout: 60_000 }, async () => {
      setFlagsFromString("--expose-gc");
      const collect = runInNewContext("gc") as () => void;
      wire.server.reply(hanging);
      await open();
      const [dropped] = wire.server.requests;
      let closed = false;
      void dropped?.closed.then(() => {
        closed = true;
      });
      while (!closed) {
        collect();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      expect(dropped?.aborted).toBe(true);

      const { text, open: letOut } = doled(["one ", "two"]);
      wire.server.reply({ text });
      letOut(0);
      const seen: string[] = [];
      for await (const { choices } of await open()) {
        const content = choices[0]?.delta.content;
        if (!content) continue;
        seen.push(content);
        for (let round = 0; round < 5; round++) {
          collect();
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        letOut(1);
      }
      expect(seen).toEqual(["one ", "two"]);
    });
  });

  test("iterating a second time is an error, not an empty stream", async () => {
    const chunks = await open();
    await all(chunks);
    expect(await errorOf(() => all(chunks))).toBeInstanceOf(StreamConsumedError);
  });
});

describe("a model of one's own", () => {
  const reading = (model: Model) =>
    override({ model }, async () => all(await completion({ model: "openai/gpt-4o-mini", messages, stream: true })));
  const saying = (...events: ModelEvent[]) => script([events]);

  test("that names no answer gets an id and a role all the same", async () => {
    const chunks = await reading(saying({ type: "text-delta", text: "Hi" }, { type: "finish", reason: "unknown" }));
    expect(deltas(chunks)).toEqual([{ role: "assistant", content: "" }, { content: "Hi" }, {}]);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe("stop");
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks[0]).toMatchObject({ id: expect.stringMatching(/^chatcmpl-/), model: "model" });
  });

  test("that counts its calls in its own way has them counted from 0", async () => {
    const events = [2, 5].flatMap((index): ModelEvent[] => [
      { type: "tool-start", index, id: `call_${index}`, name: "find_book" },
      { type: "tool-delta", index, arguments: "{}" },
      { type: "tool-end", index },
    ]);
    const chunks = await reading(saying(...events, { type: "finish", reason: "tool-calls" }));
    const calls = deltas(chunks).flatMap(({ tool_calls = [] }) => tool_calls);
    expect(calls.map(({ index }) => index)).toEqual([0, 0, 1, 1]);
  });

  test("that refuses is told by the refusal", async () => {
    const chunks = await reading(saying({ type: "refusal-delta", text: "No." }, { type: "finish", reason: "stop" }));
    expect(deltas(chunks)).toContainEqual({ refusal: "No." });
  });

  test("that ends without a finish is an interruption, never a quiet end", async () => {
    expect(await errorOf(reading(saying({ type: "text-delta", text: "Hi" })))).toBeInstanceOf(StreamInterruptedError);
    expect(await errorOf(reading(saying()))).toBeInstanceOf(StreamInterruptedError);
  });

  test("that takes over in mid-stream is an error, since the format cannot take back what was sent", async () => {
    const breaking: Model = {
      id: "test/breaking",
      async *run() {
        yield { type: "text-delta", text: "Hal" };
        throw new Error("broke");
      },
    };
    const error = await errorOf(reading(fallback(script(["Hello."]))(breaking)));
    expect(error).toBeInstanceOf(StreamInterruptedError);
    expect(error.cause).toMatchObject({ message: "broke" });
  });
});

describe("a provider's stream that lost a piece", () => {
  const of = (events: readonly ModelEvent[]): Model => ({
    id: "script/model",
    async *run() {
      yield* events;
    },
  });
  const streamed = (events: readonly ModelEvent[]) =>
    override({ model: of(events) }, async () =>
      all(await completion({ model: "openai/gpt-4o-mini", messages, tools, stream: true } as never)),
    );

  test("of a call's arguments gives the client the whole arguments", async () => {
    const chunks = await streamed([
      { type: "tool-start", index: 0, id: "call_1", name: "find_book" },
      { type: "tool-delta", index: 0, arguments: '{"ti"' },
      { type: "tool-delta", index: 0, arguments: '"Momo"}' },
      { type: "correction", target: "tool", call: 0, from: '{"ti""Momo"}', to: '{"title":"Momo"}' },
      { type: "tool-end", index: 0 },
      { type: "finish", reason: "tool-calls" },
    ]);
    const pieces = deltas(chunks).flatMap((delta) => delta.tool_calls ?? []);
    expect(pieces.map((piece) => piece.function?.arguments).join("")).toBe('{"title":"Momo"}');
  });

  test("of its text is an error, since the client has read it", async () => {
    const error = await errorOf(
      streamed([
        { type: "text-delta", text: "I so." },
        { type: "correction", target: "text", from: "I so.", to: "I am so." },
        { type: "finish", reason: "stop" },
      ]),
    );
    expect(error).toBeInstanceOf(StreamInterruptedError);
  });
});
