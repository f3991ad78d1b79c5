import { ResponseValidationError, responseOf } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { errorOf } from "../calls/wires.js";
import { resultsOf } from "../tools/wires.js";
import { ask, gives, wanted, ways } from "./ways.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const Book = z.object({ title: z.string(), year: z.number() });
const good = { title: "Momo", year: 1973 };
const bad = { title: "Momo", year: "long ago" };

describe.each(ways)("%s", (_, way) => {
  test("an answer that does not fit is an error with its issues and the response", async () => {
    server.reply(gives(way, bad));
    const error = await errorOf(ask(server, way, Book));
    expect(error).toBeInstanceOf(ResponseValidationError);
    expect(error).toMatchObject({
      code: "response_validation",
      retryable: false,
      response: { provider: way.provider },
    });
    expect(error.issues).toEqual(Book.safeParse(bad).error?.issues);
    expect(error.message).toContain("year: invalid_type (expected number)");
    expect(JSON.stringify(error.response.message)).toContain("long ago");
    expect(server.requests).toHaveLength(1);
  });

  test("with reask, the issues are sent back behind the answer, and the next answer counts", async () => {
    server.reply(gives(way, bad), gives(way, good));
    const book = await ask(server, way, Book, { reask: 1, system: "Be exact." });
    expect(book).toEqual(good);
    const [first, second] = server.requests.map(({ body }) => body);
    // What was said stays as it was, the answer follows, and then what is wrong with it.
    expect(second.messages.slice(0, first.messages.length)).toEqual(first.messages);
    expect(second.system).toEqual(first.system);
    const added = second.messages.slice(first.messages.length);
    expect(added.map(({ role }: any) => role)).toEqual([
      "assistant",
      way.mode === "tool" && way.provider === "openai" ? "tool" : "user",
    ]);
    expect(JSON.stringify(added[0])).toContain("long ago");
    expect(wanted(server.requests[1]!).last).toContain("year: Invalid input");
    expect({ ...second, messages: [] }).toEqual({ ...first, messages: [] });
    expect(responseOf(book).messages).toHaveLength(way.mode === "text" ? 6 : 5);
  });

  test("no more than so many times, and the error then holds all attempts", async () => {
    server.reply(...[1, 2, 3, 4].map((n) => gives(way, { title: "Momo", year: `attempt ${n}` })));
    const error = await errorOf(ask(server, way, Book, { reask: 2 }));
    expect(error).toBeInstanceOf(ResponseValidationError);
    expect(server.requests).toHaveLength(3);
    const transcript = JSON.stringify(error.response.messages);
    for (const n of [1, 2, 3]) expect(transcript).toContain(`attempt ${n}`);
  });

  test("a schema's answer that is no JSON is sent back as well", async () => {
    server.reply(gives(way, '{"title": "Momo", '), gives(way, good));
    // A whole answer of Anthropic holds arguments as an object, so that broken ones arrive as a string there.
    expect(await ask(server, way, Book, { reask: 1 })).toEqual(good);
    expect(wanted(server.requests[1]!).last).toMatch(/does not fit/);
  });

  test("each call has its own tries, at once and one after the other", async () => {
    server.reply(({ body }) => gives(way, body.messages.length > 2 ? good : bad));
    const books = await Promise.all([1, 2, 3].map(() => ask(server, way, Book, { reask: 1 })));
    expect([...books, await ask(server, way, Book, { reask: 1 })]).toEqual([good, good, good, good]);
    expect(server.requests).toHaveLength(8);
  });
});

test.each(["openai", "anthropic"] as const)(
  "in tool mode on %s, the issues are the result of the call that they are about",
  async (provider) => {
    const way = { provider, mode: "tool" } as const;
    server.reply({ toolCalls: [{ name: "answer", args: bad, id: "call_1" }] }, gives(way, good));
    await ask(server, way, Book, { reask: 1 });
    expect(resultsOf(server.requests[1]!)).toEqual([
      { id: "call_1", content: expect.stringContaining("year: Invalid input"), isError: true },
    ]);
  },
);

test.each(["openai", "anthropic"] as const)(
  "a model of %s that does not call the forced tool is asked again",
  async (provider) => {
    const way = { provider, mode: "tool" } as const;
    server.reply({ text: "It is Momo." }, { toolCalls: [{ name: "think", args: {} }] }, gives(way, good));
    expect(await ask(server, way, Book, { reask: 2 })).toEqual(good);
    expect(wanted(server.requests[1]!).last).toContain("did not call the tool answer");
    expect(resultsOf(server.requests[2]!)).toMatchObject([{ isError: true }]);
  },
);

test.each([-1, 1.5, Number.NaN, "2" as never])("reask: %s is refused where the call is defined", async (reask) => {
  const way = { provider: "openai", mode: "native" } as const;
  await expect(async () => ask(server, way, Book, { reask })).rejects.toThrow(/reask must be/);
});
