import { OutputStream, ResponseValidationError, responseOf } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { errorOf } from "../calls/wires.js";
import { askStreamed, gives, ways } from "./ways.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const Book = z.object({ title: z.string(), year: z.number(), tags: z.array(z.string()) });
const story = { title: "The Neverending Story", year: 1979, tags: ["time", "friends"] };

/** The JSON of a value a few characters at a time, as tokens come. */
function pieces(value: unknown, size = 4): string[] {
  return JSON.stringify(value).match(new RegExp(`.{1,${size}}`, "gsu")) ?? [];
}

/** A moment of each item, and the error that ended the loop. */
async function read<V>(stream: OutputStream<V>) {
  const moments: any[] = [];
  try {
    for await (const item of stream) moments.push(structuredClone(item));
  } catch (error) {
    return { moments, error: error as any };
  }
  return { moments, error: undefined };
}

describe.each(ways)("%s", (_, way) => {
  test("the value grows: strings by the piece, numbers once they are whole, lists by their items", async () => {
    server.reply(gives(way, pieces(story)));
    const stream = await askStreamed(server, way, Book);
    expect(stream).toBeInstanceOf(OutputStream);
    const { moments } = await read(stream);
    expect(moments[0]).toEqual({});
    expect(moments.at(-1)).toEqual(story);
    const titles = moments.map(({ title }) => title);
    expect(titles.every((title, i) => title === undefined || title.startsWith(titles[i - 1] ?? ""))).toBe(true);
    expect(new Set(titles).size).toBeGreaterThan(2);
    expect(new Set(moments.map(({ year }) => year))).toEqual(new Set([undefined, 1979]));
    const lengths = moments.map(({ tags }) => tags?.length ?? 0);
    expect([...lengths].sort((a, b) => a - b)).toEqual(lengths);
  });

  test("it is one live object, until the last item, which is the validated value", async () => {
    const schema = Book.transform(({ title }) => ({ loud: title.toUpperCase() }));
    server.reply(gives(way, pieces(story)));
    const stream = await askStreamed(server, way, schema);
    const items: unknown[] = [];
    for await (const item of stream) items.push(item);
    const last = items.pop();
    expect(new Set(items).size).toBe(1);
    expect(last).toEqual({ loud: "THE NEVERENDING STORY" });
    expect(await stream.output()).toBe(last);
  });

  test("a list grows item by item, without what it is wrapped in", async () => {
    server.reply(gives(way, pieces({ value: [story, story] })));
    const { moments } = await read(await askStreamed(server, way, z.array(Book)));
    expect(moments.every(Array.isArray)).toBe(true);
    expect(moments.at(-1)).toEqual([story, story]);
    expect(moments.map(({ length }) => length)).toContain(1);
  });

  test("a string grows as a string", async () => {
    server.reply(gives(way, pieces({ value: "Once upon a time" })));
    const { moments } = await read(await askStreamed(server, way, z.string()));
    expect(moments.at(-1)).toBe("Once upon a time");
    expect(moments.every((text) => "Once upon a time".startsWith(text))).toBe(true);
    expect(moments.length).toBeGreaterThan(2);
  });

  test("half a character is not shown", async () => {
    const value = { value: "a😀b" };
    server.reply({ ...gives(way, JSON.stringify(value).split("")), splitAt: "every-byte" });
    const { moments } = await read(await askStreamed(server, way, z.string()));
    expect(moments.every((text) => !/[\ud800-\udfff](?![\udc00-\udfff])(?<![\ud800-\udbff].)/.test(text))).toBe(true);
    expect(moments.at(-1)).toBe("a😀b");
  });

  test("JSON that is cut short is an error at the end, behind all that was there", async () => {
    server.reply(gives(way, pieces(story).slice(0, -3)));
    const stream = await askStreamed(server, way, Book);
    const { moments, error } = await read(stream);
    expect(moments.at(-1)).toMatchObject({ title: "The Neverending Story", year: 1979 });
    expect(error).toBeInstanceOf(ResponseValidationError);
    expect(error.response.provider).toBe(way.provider);
    expect(await errorOf(stream.output())).toBe(error);
  });

  test("a value that the schema refuses is an error at the end, with its issues", async () => {
    server.reply(gives(way, pieces({ ...story, year: "1979" })));
    const { moments, error } = await read(await askStreamed(server, way, Book));
    expect(moments.at(-1)).toMatchObject({ year: "1979" });
    expect(error.issues).toMatchObject([{ path: ["year"] }]);
  });

  test("a stream that breaks off is an error with what had come, not a verdict on it", async () => {
    server.reply({ ...gives(way, pieces(story)), cutAfter: 8 });
    const { error } = await read(await askStreamed(server, way, Book));
    expect(error).toMatchObject({ name: "StreamInterruptedError", partial: { provider: way.provider } });
  });

  test("output() alone reads the stream, as often as it is asked", async () => {
    server.reply(gives(way, pieces(story)));
    const stream = await askStreamed(server, way, Book);
    const [first, second] = await Promise.all([stream.output(), stream.output()]);
    expect(first).toEqual(story);
    expect(second).toBe(first);
  });

  test("response() gives the response, and responseOf() the same of the value", async () => {
    server.reply({ ...gives(way, pieces(story)), usage: { input: 7, output: 8 } });
    const stream = await askStreamed(server, way, Book);
    const response = await stream.response();
    expect(response).toMatchObject({ provider: way.provider, usage: { inputTokens: 7, outputTokens: 8 } });
    expect(responseOf(await stream.output())).toBe(response);
  });

  test("a second loop throws, and clears nothing", async () => {
    server.reply(gives(way, pieces(story)));
    const stream = await askStreamed(server, way, Book);
    await read(stream);
    expect(await errorOf(() => stream[Symbol.asyncIterator]())).toMatchObject({ name: "StreamConsumedError" });
    expect(await stream.output()).toEqual(story);
  });

  test("output() asked for in the loop gives what the loop ends with", async () => {
    server.reply(gives(way, pieces(story)));
    const stream = await askStreamed(server, way, Book);
    const outputs: Promise<unknown>[] = [];
    let last: unknown;
    for await (const item of stream) {
      last = item;
      outputs.push(stream.output());
    }
    expect(last).toEqual(story);
    for (const output of outputs) expect(await output).toBe(last);
  });

  test("after output(), a loop throws: the stream was read", async () => {
    server.reply(gives(way, pieces(story)));
    const stream = await askStreamed(server, way, Book);
    await stream.output();
    expect((await read(stream)).error).toMatchObject({ name: "StreamConsumedError" });
  });

  test.each<readonly [string, (stream: OutputStream<any>) => unknown]>([
    [
      "break",
      async (stream) => {
        for await (const _ of stream) break;
      },
    ],
    ["abort()", (stream) => stream.abort(new Error("enough"))],
    ["disposal", (stream) => stream[Symbol.asyncDispose]()],
  ])("%s closes the connection, and output() then throws", async (_, leave) => {
    server.reply({ ...gives(way, pieces(story)), hangAfter: 8 });
    const stream = await askStreamed(server, way, Book);
    await leave(stream);
    const request = server.requests[0]!;
    await request.closed;
    expect(request.aborted).toBe(true);
    expect(await errorOf(stream.output())).toMatchObject({ name: "StreamInterruptedError" });
  });

  test("an aborted signal ends the loop with its reason", async () => {
    const controller = new AbortController();
    server.reply({ ...gives(way, pieces(story)), hangAfter: 8 });
    const stream = await askStreamed(server, way, Book, { signal: controller.signal });
    const reason = new Error("enough");
    const error = await errorOf(async () => {
      for await (const _ of stream) controller.abort(reason);
    });
    expect(error).toMatchObject({ name: "AbortedError", reason });
    await server.requests[0]!.closed;
  });

  test("what the provider refuses is thrown by the call, before any item", async () => {
    server.reply({ status: 401 });
    expect(await errorOf(askStreamed(server, way, Book))).toMatchObject({ name: "AuthenticationError" });
  });
});

describe.each(ways.filter(([, { mode }]) => mode === "text"))("%s", (_, way) => {
  test("prose before the value is passed over, and a fence around it as well", async () => {
    const json = JSON.stringify(story);
    server.reply({ text: ["Here ", "it is:\n```", "json\n", ...json.match(/.{1,5}/g)!, "\n``", "`\nEnjoy!"] });
    const { moments, error } = await read(await askStreamed(server, way, Book));
    expect(error).toBeUndefined();
    expect(moments[0]).toEqual({});
    expect(moments.at(-1)).toEqual(story);
  });
});
