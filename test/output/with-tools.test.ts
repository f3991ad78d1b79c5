import { responseOf, tool } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { errorOf } from "../calls/wires.js";
import { resultsOf } from "../tools/wires.js";
import { ask, askStreamed, gives, wanted, ways } from "./ways.js";

let server: WireServer;
let searched: string[];
beforeEach(async () => {
  server = await wireServer();
  searched = [];
});
afterEach(() => server.close());

const Book = z.object({ title: z.string(), shelf: z.string() });
const found = { title: "Momo", shelf: "E" };

const find = tool({ name: "find", description: "Finds a book", input: z.object({ title: z.string() }) })(
  async ({ title }) => {
    searched.push(title);
    return `${title} stands on shelf E.`;
  },
);
const search = (title: string, text?: string) => ({
  ...(text && { text }),
  toolCalls: [{ name: "find", args: { title }, id: `call_${title}` }],
});

describe.each(ways)("%s", (_, way) => {
  test("the tools run first, and the value is made of the answer that asks for none", async () => {
    server.reply(search("Momo"), search("Dune"), gives(way, found));
    const book = await ask(server, way, Book, { tools: [find] });
    expect(book).toEqual(found);
    expect(searched).toEqual(["Momo", "Dune"]);
    expect(resultsOf(server.requests[2]!).map(({ content }) => content)).toEqual([
      "Momo stands on shelf E.",
      "Dune stands on shelf E.",
    ]);
    expect(responseOf(book).steps).toHaveLength(3);
  });

  test("every request asks for the value and offers the tools", async () => {
    server.reply(search("Momo"), gives(way, found));
    await ask(server, way, Book, { tools: [find] });
    for (const request of server.requests) {
      const { native, tools } = wanted(request);
      expect(tools).toEqual(way.mode === "tool" ? ["find", "answer"] : ["find"]);
      expect(native === undefined).toBe(way.mode !== "native");
    }
  });

  test("the tools are run up to maxSteps answers, and then it is an error, as it is with one step", async () => {
    for (const maxSteps of [2, 1]) {
      server.reply(search("Momo"));
      const error = await errorOf(ask(server, way, Book, { tools: [find], maxSteps }));
      expect(error).toMatchObject({ name: "ToolLoopError", response: { steps: { length: maxSteps } } });
    }
    expect(server.requests).toHaveLength(3);
    expect(searched).toEqual(["Momo"]);
  });

  test("without maxSteps, the tools may be asked for nine times", async () => {
    server.reply(...Array.from({ length: 9 }, (_, n) => search(`${n}`)), gives(way, found));
    expect(await ask(server, way, Book, { tools: [find] })).toEqual(found);
    expect(searched).toHaveLength(9);
  });

  test("after an answer that does not fit, tools may be asked for again", async () => {
    server.reply(search("Momo"), gives(way, { title: "Momo" }), search("Dune"), gives(way, found));
    const book = await ask(server, way, Book, { tools: [find], reask: 1 });
    expect(book).toEqual(found);
    expect(searched).toEqual(["Momo", "Dune"]);
    expect(responseOf(book).steps).toHaveLength(4);
  });

  test("the cost is that of all steps", async () => {
    server.reply(search("Momo"), gives(way, { title: "Momo" }), gives(way, found));
    const { cost, steps } = responseOf(await ask(server, way, Book, { tools: [find], reask: 1 }));
    const { cost: first } = steps[0]!;
    expect(first).toBeGreaterThan(0);
    expect(steps).toHaveLength(3);
    expect(cost).toBeCloseTo(3 * first!, 12);
  });

  test("a stream runs the tools as well, and shows how the value behind them grows", async () => {
    const grown = gives(way, ['{"title": "Momo", ', '"shelf": "East', 'ern wall"}']);
    server.reply(search("Momo", 'Let me look for {"title": "Momo"}.'), grown);
    const stream = await askStreamed(server, way, Book, { tools: [find] });
    const items: unknown[] = [];
    for await (const item of stream) items.push(structuredClone(item));
    expect(items.at(-1)).toEqual({ title: "Momo", shelf: "Eastern wall" });
    expect(items).toContainEqual({ title: "Momo", shelf: expect.stringMatching(/^East?$/) });
    expect(searched).toEqual(["Momo"]);
    expect((await stream.response()).steps).toHaveLength(2);
  });

  test("in a stream, too many steps are the same error", async () => {
    server.reply(search("Momo"));
    const stream = await askStreamed(server, way, Book, { tools: [find], maxSteps: 2 });
    expect(await errorOf(stream.output())).toMatchObject({ name: "ToolLoopError" });
  });
});

describe.each(ways.filter(([, { mode }]) => mode === "tool"))("%s", (_, way) => {
  test("with tools, the model must call one of them or the one for the answer, in each step", async () => {
    server.reply(search("Momo"), gives(way, found));
    await ask(server, way, Book, { tools: [find] });
    const forced = way.provider === "openai" ? "required" : "any";
    expect(server.requests.map((request) => wanted(request).forced)).toEqual([forced, forced]);
  });

  test("an answer beside calls of tools counts, and those are not run", async () => {
    server.reply({ toolCalls: [...search("Momo").toolCalls, { name: "answer", args: found }] });
    expect(await ask(server, way, Book, { tools: [find] })).toEqual(found);
    expect([searched, server.requests.length]).toEqual([[], 1]);
  });

  test("the call for the answer is no tool of the response", async () => {
    server.reply(gives(way, found));
    const { tools, tool, toolErrors, toolCalls } = responseOf(await ask(server, way, Book, { tools: [find] }));
    expect([tools, tool, toolErrors, toolCalls.length]).toEqual([[], undefined, [], 1]);
  });

  test("a tool of one's own cannot have its name", async () => {
    const own = tool({ name: "answer", description: "Answers the door" })(() => "Who is there?");
    const error = await errorOf(ask(server, way, Book, { tools: [own] }));
    expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining("answer") });
    expect(server.requests).toEqual([]);
  });
});
