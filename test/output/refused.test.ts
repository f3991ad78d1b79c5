import { RefusalError, ResponseValidationError, responseOf } from "callwright";
import { type WireReply, type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { errorOf } from "../calls/wires.js";
import { ask, askStreamed, gives, type Way, ways } from "./ways.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const Book = z.object({ title: z.string() });
const good = { title: "Momo" };

/** What each provider says when its model refuses, plain and streamed. */
const refusals: Readonly<Record<Way["provider"], { readonly plain: WireReply; readonly streamed: WireReply }>> = {
  openai: {
    plain: {
      json: {
        id: "1",
        model: "m",
        choices: [{ index: 0, message: { content: null, refusal: "I will not." }, finish_reason: "stop" }],
      },
    },
    streamed: {
      chunks: [
        { id: "1", model: "m", choices: [{ index: 0, delta: { role: "assistant", refusal: "I will" } }] },
        { choices: [{ index: 0, delta: { refusal: " not." } }] },
        { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
        "data: [DONE]\n\n",
      ],
    },
  },
  anthropic: {
    plain: {
      json: { id: "1", model: "m", content: [], stop_reason: "refusal", stop_details: { explanation: "I will not." } },
    },
    streamed: {
      chunks: [
        { type: "message_start", message: { id: "1", model: "m", content: [] } },
        {
          type: "message_delta",
          delta: { stop_reason: "refusal", stop_details: { explanation: "I will not." } },
        },
        { type: "message_stop" },
      ],
    },
  },
};

describe.each(ways)("%s", (_, way) => {
  test("a refusal is an error with the response, and is not asked about again", async () => {
    server.reply(refusals[way.provider].plain);
    const error = await errorOf(ask(server, way, Book, { reask: 2 }));
    expect(error).toBeInstanceOf(RefusalError);
    expect(error).toMatchObject({ code: "refusal", response: { refusal: "I will not.", content: "" } });
    expect(error.message).toContain("error.response.refusal");
    expect(server.requests).toHaveLength(1);
  });

  test("a refusal in a stream is the same error, in the loop and from output()", async () => {
    server.reply(refusals[way.provider].streamed);
    const stream = await askStreamed(server, way, Book);
    const items: unknown[] = [];
    const error = await errorOf(async () => {
      for await (const item of stream) items.push(item);
    });
    expect(error).toMatchObject({ name: "RefusalError", response: { refusal: "I will not." } });
    expect(items).toEqual([]);
    expect(await errorOf(stream.output())).toBe(error);
  });

  test.each([false, true])("a value that came with a content filter is no value (streamed: %s)", async (stream) => {
    server.reply({ ...gives(way, good), finishReason: "content-filter" });
    const asked = async () =>
      stream ? (await askStreamed(server, way, Book)).output() : ask(server, way, Book, { reask: 1 });
    expect(await errorOf(asked)).toBeInstanceOf(RefusalError);
    expect(server.requests).toHaveLength(1);
  });

  test.each([false, true])(
    "a value that was cut at the token limit is no value, however whole it looks (streamed: %s)",
    async (stream) => {
      server.reply({ ...gives(way, good), finishReason: "length" });
      const asked = async () => (stream ? (await askStreamed(server, way, Book)).output() : ask(server, way, Book));
      const error = await errorOf(asked);
      expect(error).toBeInstanceOf(ResponseValidationError);
      expect(error.message).toContain("maxTokens");
      expect(error.response.finishReason).toBe("length");
    },
  );

  const verdicts = z.strictObject({ title: z.string(), year: z.int() });
  test.each<readonly [string, string]>([
    ["a key that is missing", '{"title": "Momo"}'],
    ["a key too many", '{"title": "Momo", "year": 1973, "isbn": 1}'],
    ["digits in a string for a number", '{"title": "Momo", "year": "1973"}'],
    ["null for a number", '{"title": "Momo", "year": null}'],
    ["a number with a fraction for a whole one", '{"title": "Momo", "year": 1973.5}'],
    ["an integer that no number holds exactly", '{"title": "Momo", "year": 9007199254740993}'],
    ["a number beyond all numbers", '{"title": "Momo", "year": 1e400}'],
    ["a list for an object", '[{"title": "Momo", "year": 1973}]'],
  ])("the schema's verdict stands, and nothing is bent to fit: %s", async (_, json) => {
    server.reply(gives(way, json));
    const error = await errorOf(ask(server, way, verdicts));
    expect(error).toBeInstanceOf(ResponseValidationError);
    expect(error.issues.length).toBeGreaterThan(0);
  });

  test("where the schema itself bends values, they are bent", async () => {
    server.reply(gives(way, { year: "1973" }));
    expect(await ask(server, way, z.object({ year: z.coerce.number() }))).toEqual({ year: 1973 });
  });

  test("the last of two equal keys counts, and a key __proto__ pollutes nothing", async () => {
    server.reply(gives(way, '{"title": "Dune", "title": "Momo", "__proto__": {"isAdmin": true}}'));
    const book = await ask(server, way, z.looseObject({ title: z.string() }));
    expect(book.title).toBe("Momo");
    expect((book as any).isAdmin).toBeUndefined();
    expect(({} as any).isAdmin).toBeUndefined();
  });

  test.each([
    ["open brackets", (size: number) => "[".repeat(size)],
    ["open objects", (size: number) => '{"a":'.repeat(size)],
    ["brackets that are closed again", () => `{"title": ${"[".repeat(1000)}${"]".repeat(1000)}}`],
  ])("a bomb of %s is refused by its depth, plain and streamed", async (_, bomb) => {
    server.reply(gives(way, bomb(1e6)), gives(way, bomb(1e4)));
    // Where arguments are a part of the whole body, it is the body that is refused.
    const { code } = await errorOf(ask(server, way, Book));
    expect(["response_validation", "unexpected_response"]).toContain(code);
    const stream = await askStreamed(server, way, Book);
    expect(await errorOf(stream.output())).toBeInstanceOf(ResponseValidationError);
  });
});

describe.each(ways.filter(([, { mode }]) => mode !== "native"))("%s", (_, way) => {
  test("an object of a hundred thousand keys is read", async () => {
    const keys = Array.from({ length: 1e5 }, (_, index) => `"key_${index}":${index}`);
    server.reply(gives(way, `{${keys}}`));
    const value = await ask(server, way, z.record(z.string(), z.number()));
    expect([Object.keys(value).length, value.key_99999]).toEqual([1e5, 99999]);
  });
});

const proses: Readonly<Record<string, readonly [text: string, isValue: boolean]>> = {
  "JSON alone": ['{"title": "Momo"}', true],
  "JSON with space around it": ['\n {"title": "Momo"} \n', true],
  "JSON at the end of prose": ['It is this one: {"title": "Momo"}', true],
  "JSON in a fence": ['```json\n{"title": "Momo"}\n```', true],
  "JSON in a fence without a language": ['```\n{"title": "Momo"}\n```', true],
  "JSON in a fence with prose around it": ['Here:\n```json\n{"title": "Momo"}\n```\nHope that helps!', true],
  "prose with brackets that hold no JSON": ['The [first] one {maybe}: {"title": "Momo"}', true],
  "text behind JSON": ['{"title": "Momo"} is it.', false],
  "two values": ['{"title": "Momo"} {"title": "Dune"}', false],
  "two fences": ['```json\n{"title": "Momo"}\n```\nor\n```json\n{"title": "Dune"}\n```', false],
  "a value that is never closed": ['It is {"title": "Momo"', false],
  "prose alone": ["It is Momo.", false],
  nothing: ["", false],
};

describe.each(ways.filter(([, { mode }]) => mode !== "tool"))("%s", (_, way) => {
  test.each(Object.entries(proses))("%s", async (kind, [text, isValue]) => {
    server.reply({ text });
    // Native mode is strict: the provider holds the model to JSON, so that anything else is a fault.
    const reads = way.mode === "text" ? isValue : /^JSON (alone|with space)/.test(kind);
    const value = await ask(server, way, Book).catch((error: unknown) => error);
    if (reads) {
      expect(value).toEqual(good);
      // What was left out is not lost without a word.
      const { warnings } = responseOf(value as object);
      const from = kind.includes("fence") ? "a code fence" : "the end of the answer";
      const isAlone = /^JSON (alone|with space)/.test(kind);
      const told = { code: "json_extracted", message: expect.stringContaining(from) };
      expect(warnings).toEqual(isAlone ? [] : [told]);
    } else expect(value).toMatchObject({ name: "ResponseValidationError", response: { content: text } });
  });
});
