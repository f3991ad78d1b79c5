import Anthropic from "@anthropic-ai/sdk";
import { BadRequestError, call, type ModelRef, prompt, tool } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { ask, type Path } from "./asked.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const chat = { model: "gpt-4o-mini", messages: [{ role: "user" as const, content: "Hello?" }] };

describe("a request that is refused", () => {
  test("uses up no reply, and is recorded with the reason", async () => {
    server.reply({ text: "one" }, { text: "two" });
    const path = "/v1/chat/completions";
    expect((await ask(server, path, { ...chat, messages: [] })).status).toBe(400);
    expect((await ask(server, path, chat)).body.choices[0].message.content).toBe("one");
    expect((await ask(server, path, chat)).body.choices[0].message.content).toBe("two");
    expect(server.requests.map(({ refused, body }) => [refused, body.messages.length])).toEqual([
      [expect.stringContaining("Invalid 'messages': empty array."), 0],
      [undefined, 1],
      [undefined, 1],
    ]);
    await expect(server.arrived(1)).resolves.toMatchObject({ refused: expect.any(String) });
  });

  test("is refused as JSON also if it asks for a stream, and has a request id", async () => {
    const response = await fetch(`${server.openai.baseURL}/chat/completions`, {
      method: "POST",
      body: JSON.stringify({ ...chat, stream: true, messages: [] }),
    });
    expect([response.status, response.headers.get("content-type")]).toEqual([400, "application/json"]);
    expect(response.headers.get("x-request-id")).toMatch(/^req_/);
    expect(response.headers.get("x-should-retry")).toBeNull();
    expect((await response.json()).error.code).toBe("empty_array");
  });

  test("is answered with strict: false", async () => {
    await using lax = await wireServer({ strict: false });
    expect((await ask(lax, "/v1/messages", { messages: 7, top_k: "x" })).status).toBe(200);
    expect(lax.requests[0]?.refused).toBeUndefined();
  });

  test("on a path that is not known is a 404, and not looked at", async () => {
    const response = await fetch(`${server.openai.baseURL}/models`, { method: "POST", body: "{}" });
    expect(response.status).toBe(404);
    expect(server.requests[0]?.refused).toBeUndefined();
  });
});

describe("the vendors' clients", () => {
  test("throw their own errors", async () => {
    const anthropic = new Anthropic({ ...server.anthropic, maxRetries: 2 });
    const refused = anthropic.messages.create({ model: "claude-haiku-4-5", max_tokens: -1, messages: [] });
    await expect(refused).rejects.toThrow(Anthropic.BadRequestError);
    await expect(refused).rejects.toMatchObject({ type: "invalid_request_error" });

    const openai = new OpenAI({ ...server.openai, maxRetries: 2 });
    const failed = openai.chat.completions.create({ ...chat, n: 0 });
    await expect(failed).rejects.toThrow(OpenAI.BadRequestError);
    await expect(failed).rejects.toMatchObject({ code: "integer_below_min_value", param: "n" });
    // A 400 is not worth a retry.
    expect(server.requests).toHaveLength(2);
  });

  test("go on after a tool call on Mistral, whose ids have nine letters and digits", async () => {
    server.reply({ toolCalls: [{ name: "find", args: {} }] }, { text: "E4" });
    const mistral = new OpenAI({ ...server.mistral, maxRetries: 0 });
    const { choices } = await mistral.chat.completions.create({ ...chat, model: "mistral-small-latest" });
    const { role, content, tool_calls } = choices[0]!.message;
    expect(tool_calls?.[0]?.id).toMatch(/^[a-zA-Z0-9]{9}$/);
    const result = { role: "tool" as const, tool_call_id: tool_calls![0]!.id, content: "E4" };
    await mistral.chat.completions.create({
      model: "mistral-small-latest",
      messages: [...chat.messages, { role, content, tool_calls: tool_calls! }, result],
    });
    expect(server.requests.map(({ refused }) => refused)).toEqual([undefined, undefined]);
  });
});

describe("callwright", () => {
  const targets: [ModelRef, "openai" | "anthropic" | "mistral", object, string][] = [
    ["openai/gpt-4o-mini", "openai", {}, "Unrecognized request argument supplied: nonsense"],
    ["openai/gpt-5", "openai", { api: "responses" }, "Unknown parameter: 'nonsense'."],
    ["anthropic/claude-haiku-4-5", "anthropic", {}, "nonsense: Extra inputs are not permitted"],
    ["mistral/mistral-small-latest", "mistral", {}, "Extra inputs are not permitted"],
  ];

  test.each(targets)(
    "rejects with the words of the API, after one request: %s %s",
    async (ref, access, more, words) => {
      for (const stream of [false, true]) {
        const options = { ...server[access], ...more, stream, extraBody: { nonsense: 1 } } as object;
        const asked = (async () => {
          const answer: any = await call(ref, options)(() => prompt`Hello?`)();
          if (stream) await answer.response();
        })();
        await expect(asked).rejects.toThrow(BadRequestError);
        await expect(asked).rejects.toThrow(words);
      }
      expect(server.requests).toHaveLength(2);
    },
  );

  const find = tool({ name: "find", description: "Finds a book", input: z.object({ title: z.string() }) })(() => "E4");

  test.each(targets)("is taken with tools, a strict value and a further turn: %s %s", async (ref, access, more) => {
    server.reply(
      {
        text: "Let me see.",
        toolCalls: [
          { name: "find", args: { title: "Momo" } },
          { name: "find", args: {} },
        ],
      },
      { text: '{"shelf":"E4","note":null}' },
    );
    const Shelf = z.object({ shelf: z.string().regex(/^[A-Z]/), note: z.string().optional() });
    const options = { ...server[access], ...more, tools: [find], responseModel: Shelf, maxSteps: 3 } as object;
    await call(ref, options)(() => prompt`Where is Momo?`)();
    expect(server.requests.map(({ refused }) => refused)).toEqual([undefined, undefined]);
  });
});

describe("bodies that are no JSON", () => {
  const paths: [Path, RegExp][] = [
    ["/v1/chat/completions", /^We could not parse the JSON body of your request/],
    ["/v1/responses", /^We could not parse the JSON body of your request/],
    ["/v1/messages", /^The request body is not valid JSON: /],
    ["/mistral/v1/chat/completions", /^body: JSON decode error: /],
  ];
  const text = (content: string) => JSON.stringify({ ...chat, max_tokens: 1, messages: [{ role: "user", content }] });

  test.each(paths)("are refused: %s", async (path, words) => {
    const bodies = [
      "",
      "{oops",
      "[]",
      text("half \ud83d of a pair"),
      text("the other half \ude00"),
      text("\ud83d\ud83d\ude00"),
      '{"\\ud83d":1}',
      '{"a":"\\\\\\ud83d"}',
      Buffer.from('{"a":"\xff"}', "latin1"),
    ];
    for (const body of bodies) await ask(server, path, body);
    expect(server.requests.map(({ refused }) => refused)).toEqual(bodies.map(() => expect.stringMatching(words)));
  });

  test("are looked at in linear time, however deep a schema is", async () => {
    const deep = `${'{"type":"array","items":'.repeat(30_000)}{"type":"string"}${"}".repeat(30_000)}`;
    const schema = `{"type":"object","properties":{"a":${deep}},"required":["a"],"additionalProperties":false}`;
    const tool = '"name":"f","strict":true';
    const hello = '"messages":[{"role":"user","content":"Hi"}]';
    const bodies: [Path, string][] = [
      [
        "/v1/chat/completions",
        `{"model":"m",${hello},"tools":[{"type":"function","function":{${tool},"parameters":${schema}}}]}`,
      ],
      ["/v1/responses", `{"input":"Hi","tools":[{"type":"function",${tool},"parameters":${schema}}]}`],
      ["/v1/messages", `{"model":"m","max_tokens":9,${hello},"tools":[{${tool},"input_schema":${schema}}]}`],
    ];
    for (const [path, body] of bodies) expect([path, (await ask(server, path, body)).status]).toEqual([path, 200]);
  });

  test("a whole pair, and an escape of an escape, are text", async () => {
    const bodies = ["a whole 😀", "\\ud83d", "\\\\ud83d", "\ud83d\ude00\ud83d\ude00"].map(text);
    for (const body of [...bodies, text("x").replace("x", "\\uD83D\\uDE00")]) {
      expect((await ask(server, "/v1/messages", body)).status).toBe(200);
    }
  });

  test("Anthropic says where the half stands", async () => {
    const body = text("a\ud83d");
    const at = body.indexOf("\\ud83d");
    const { body: refusal } = await ask(server, "/v1/messages", body);
    expect(refusal.error.message).toBe(
      `The request body is not valid JSON: no low surrogate in string: line 1 column ${at + 1} (char ${at})`,
    );
  });
});
