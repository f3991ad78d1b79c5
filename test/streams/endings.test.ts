import { type CallChunk, type CallStream, call, retry } from "callwright";
import { type WireReply, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { begun, chat, eventText, messages, providerOf, references, spoken } from "./wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

/** What a loop over a stream sees, and what it throws. */
async function seenBy(stream: CallStream): Promise<{ texts: string[]; error: any }> {
  const texts: string[] = [];
  try {
    for await (const [chunk] of stream) if (chunk.content) texts.push(chunk.content);
  } catch (error) {
    return { texts, error };
  }
  return { texts, error: undefined };
}

describe.each(references)("the end of a stream of %s", (reference) => {
  const provider = providerOf(reference);
  const streaming = (reply: WireReply, options: object = {}) => {
    server.reply(reply);
    return call(reference, { ...server[provider], stream: true, ...options })(() => "Hi")();
  };

  test("an error event in mid-stream comes after all that was said, as a typed error that holds it", async () => {
    const { texts, error } = await seenBy(
      await streaming({ text: ["one ", "two"], errorAfter: provider === "openai" ? 3 : 5 }),
    );
    expect(texts).toEqual(["one ", "two"]);
    expect(error).toMatchObject({ code: provider === "openai" ? "server" : "overloaded", provider });
    expect(error.partial.content).toBe("one two");
    expect(error.requestId).toMatch(/^req_/);
    expect(server.requests).toHaveLength(1);
  });

  test("an error event in the same network chunk as text comes after that text", async () => {
    const overload =
      provider === "openai"
        ? { error: { message: "Overloaded", type: "server_error", code: null } }
        : { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    const raw = eventText([...begun(provider, ["one ", "two"]), overload]);
    const { texts, error } = await seenBy(await streaming({ raw }));
    expect(texts).toEqual(["one ", "two"]);
    expect(error.message).toContain("Overloaded");
    expect(error.partial.content).toBe("one two");
  });

  test("a connection that is cut before the finish is an interruption, which holds what came", async () => {
    const stream = await streaming({ text: ["one ", "two"], cutAfter: provider === "openai" ? 3 : 5 });
    const { texts, error } = await seenBy(stream);
    expect(texts).toEqual(["one ", "two"]);
    expect(error).toMatchObject({ code: "stream_interrupted", cause: expect.any(Error) });
    expect(error.partial.content).toBe("one two");
    expect(stream.content).toBe("one two");
    expect(server.requests).toHaveLength(1);
  });

  test("a body that ends as if complete, but without its terminator, is an interruption", async () => {
    const { texts, error } = await seenBy(await streaming({ chunks: begun(provider, ["one ", "two"]) }));
    expect(texts).toEqual(["one ", "two"]);
    expect(error).toMatchObject({ code: "stream_interrupted" });
    expect(error.message).toContain("ended before");
    expect(error.partial.content).toBe("one two");
  });

  test("a body that ends in the middle of a line, a character or an event shows no half event", async () => {
    const whole = Buffer.from(eventText(begun(provider, ["one", "zw\u{1f600}"])));
    const emoji = whole.indexOf(Buffer.from("\u{1f600}"));
    for (const end of [emoji + 2, emoji - 4, whole.length - 1]) {
      const { texts, error } = await seenBy(await streaming({ raw: whole.subarray(0, end) }));
      expect(texts).toEqual(["one"]);
      expect(error).toMatchObject({ code: "stream_interrupted" });
    }
  });

  test("an empty body is an interruption that is tried again", async () => {
    server.reply({ raw: "" }, { text: "Hello" });
    const stream = await call(reference, {
      ...server[provider],
      stream: true,
      use: [retry({ delayMs: () => 1 })],
    })(() => "Hi")();
    expect((await stream.response()).content).toBe("Hello");
    expect(server.requests).toHaveLength(2);
  });

  test("what comes after the terminator is not read", async () => {
    const raw = eventText([...spoken(provider, ["Hello"]), ...spoken(provider, [" again"]), "data: {broken\n\n"]);
    const { texts, error } = await seenBy(await streaming({ raw }));
    expect(texts).toEqual(["Hello"]);
    expect(error).toBeUndefined();
  });

  test("where the server says that it is over but does not close, the loop ends, and then the connection", async () => {
    const stream = await streaming({ text: "Hello", hangAfter: Number.POSITIVE_INFINITY });
    const { texts, error } = await seenBy(stream);
    expect([texts, error]).toEqual([["Hello"], undefined]);
    await (await server.arrived()).closed;
    expect(server.openConnections).toBe(0);
  });

  test("an event that is no JSON object is an error that says so, after what came before", async () => {
    for (const broken of ["data: {broken\n\n", "data: []\n\n", 'data: "text"\n\n', "data: 7\n\n", "data: nul\n\n"]) {
      const stream = await streaming({ chunks: [...begun(provider, ["one"]), broken] });
      const { texts, error } = await seenBy(stream);
      expect(texts).toEqual(["one"]);
      expect(error).toMatchObject({ code: "unexpected_response" });
      expect(error.message).toContain("no JSON object");
    }
  });

  test("events, fields and kinds that nobody knows are passed over", async () => {
    const [first, ...rest] = spoken(provider, ["Hello"]);
    const { texts, error } = await seenBy(
      await streaming({
        chunks: [
          first as object,
          { type: "new_event", choices: null, index: 9 },
          { type: "content_block_delta", index: 77, delta: { type: "new_delta", text: "x" } },
          { type: "content_block_start", index: 78, content_block: { type: "new_block" } },
          "event: strange\nid: 7\nretry: 10\nfield: x\ndata: {}\n\n",
          ": ping\n\n",
          ...rest,
        ],
      }),
    );
    expect([texts, error]).toEqual([["Hello"], undefined]);
  });

  test("keys that would reach a prototype are dropped wherever they stand", async () => {
    const polluted = JSON.stringify({ x: "yes" });
    const spiked = spoken(provider, ["Hello"]).map((chunk) =>
      typeof chunk === "string"
        ? chunk
        : `data: ${JSON.stringify(chunk).replaceAll(/\{(?=")/g, `{"__proto__":${polluted},"\\u005f_proto__":${polluted},`)}\n\n`,
    );
    const { texts, error } = await seenBy(await streaming({ chunks: spiked }));
    expect([texts, error]).toEqual([["Hello"], undefined]);
    expect(({} as { x?: string }).x).toBeUndefined();
  });

  test("after an error, response() rejects with an interruption that holds what came", async () => {
    const stream = await streaming({ text: ["one"], errorAfter: provider === "openai" ? 2 : 4 });
    const { error } = await seenBy(stream);
    const rejection: any = await stream.response().catch((reason) => reason);
    expect(rejection).toMatchObject({ code: "stream_interrupted", cause: error });
    expect(rejection.partial.content).toBe("one");
    expect([stream.content, stream.message.content]).toEqual(["one", "one"]);
  });
});

describe("what ends a stream of OpenAI", () => {
  const streaming = (chunks: WireReply["chunks"] & {}) => {
    server.reply({ chunks });
    return call("openai/gpt-4o-mini", { ...server.openai, stream: true })(() => "Hi")();
  };
  const forever = new Promise<never>(() => {});

  test("is a finish without [DONE] and without usage", async () => {
    const response = await (await streaming([chat.text("Hello"), chat.finish("length")])).response();
    expect([response.content, response.finishReason, response.usage]).toEqual(["Hello", "length", undefined]);
  });

  test("is [DONE] without a finish, whose reason is then unknown", async () => {
    const response = await (await streaming([chat.text("Hello"), chat.done])).response();
    expect([response.content, response.finishReason]).toEqual(["Hello", "unknown"]);
  });

  test("after the finish, the usage is waited for, but no more than a second", async () => {
    const stream = await streaming(
      (async function* () {
        yield* [chat.text("Hello"), chat.finish()];
        await forever;
      })(),
    );
    const started = performance.now();
    const response = await stream.response();
    expect(response).toMatchObject({ content: "Hello", finishReason: "stop", usage: undefined });
    expect(performance.now() - started).toBeLessThan(3000);
    await (await server.arrived()).closed;
  });

  test("usage that comes late, but within that second, is read", async () => {
    const stream = await streaming(
      (async function* () {
        yield* [chat.text("Hello"), chat.finish()];
        await new Promise((resolve) => setTimeout(resolve, 50));
        yield chat.usage(7, 8);
        await forever;
      })(),
    );
    expect((await stream.response()).usage?.totalTokens).toBe(15);
  });

  test("the idle limit does not end an answer that only waits for its usage", async () => {
    server.reply({
      chunks: (async function* () {
        yield* [chat.text("Hello"), chat.finish()];
        await forever;
      })(),
    });
    const options = { ...server.openai, stream: true, timeouts: { firstEventMs: 100, idleMs: 100 } } as const;
    const stream = await call("openai/gpt-4o-mini", options)(() => "Hi")();
    expect((await stream.response()).content).toBe("Hello");
  });

  test("a connection that breaks after the finish takes nothing away", async () => {
    server.reply({ chunks: [chat.text("Hello"), chat.finish(), chat.usage(1, 1)], cutAfter: 2 });
    const stream = await call("openai/gpt-4o-mini", { ...server.openai, stream: true })(() => "Hi")();
    expect((await stream.response()).content).toBe("Hello");
  });

  test("usage that counts along with every chunk does not end it, and the last one holds", async () => {
    const counted = (content: string, tokens: number) =>
      chat.delta({ content }, null, { usage: { prompt_tokens: 1, completion_tokens: tokens } });
    const response = await (
      await streaming([counted("a", 1), counted("b", 2), chat.finish(), chat.usage(1, 3), chat.done])
    ).response();
    expect(response.content).toBe("ab");
    expect(response.usage?.outputTokens).toBe(3);
  });

  test("chunks with null, empty or missing choices and deltas are passed over", async () => {
    const odd = [{ choices: [] }, { choices: null }, {}, { choices: [null] }, { choices: [{ index: 0, delta: null }] }];
    const other = { choices: [{ index: 1, delta: { content: "another choice" }, finish_reason: "stop" }] };
    const response = await (
      await streaming([...odd, other, chat.text("Hello"), ...odd, chat.finish(), chat.done])
    ).response();
    expect(response.content).toBe("Hello");
  });
});

describe("what ends a stream of Anthropic", () => {
  const streaming = (chunks: readonly object[]) => {
    server.reply({ chunks });
    return call("anthropic/claude-haiku-4-5", { ...server.anthropic, stream: true })(() => "Hi")();
  };

  test("is message_stop: the reason alone is no end", async () => {
    const stream = await streaming(spoken("anthropic", ["Hello"]).slice(0, -1) as object[]);
    await expect(stream.response()).rejects.toMatchObject({ code: "stream_interrupted" });
  });

  test("is message_stop also without a reason, which is then unknown", async () => {
    const stream = await streaming([messages.start(), messages.textBlock(0), messages.text(0, "Hello"), messages.end]);
    const response = await stream.response();
    expect([response.content, response.finishReason]).toEqual(["Hello", "unknown"]);
  });
});

test("a chunk of the finish is the last one", async () => {
  server.reply({ text: ["a"] });
  const chunks: CallChunk[] = [];
  const stream = await call("openai/gpt-4o-mini", { ...server.openai, stream: true })(() => "Hi")();
  for await (const [chunk] of stream) chunks.push(chunk);
  expect(chunks.at(-1)?.finishReason).toBe("stop");
  expect(await stream.response()).toBe(await stream.response());
});
