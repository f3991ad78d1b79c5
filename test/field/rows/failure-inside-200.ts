import { fallback } from "callwright";
import { script } from "callwright/testing";
import { expect } from "vitest";
import { z } from "zod";
import { chat } from "../../streams/wire-chunks.js";
import type { Cell, Outcome, Section } from "../row.js";
import { begun } from "./begun.js";

type Failure = readonly [body: object, code: string, words: string];

/** Sends each body as a whole answer, or as the first event and after half of an answer. */
async function expectFailures(cell: Cell, failures: readonly Failure[]): Promise<void> {
  for (const [body, code, words] of failures) {
    const expected = { code, message: expect.stringContaining(words), body };
    if (!cell.streamed) {
      cell.reply({ json: body });
      expect((await cell.ask()).error, JSON.stringify(body)).toMatchObject(expected);
      continue;
    }
    cell.reply({ chunks: [`data: ${JSON.stringify(body)}\n\n`] });
    expect((await cell.ask()).error, JSON.stringify(body)).toMatchObject(expected);
    cell.reply({ chunks: [...begun(cell, "Half"), `data: ${JSON.stringify(body)}\n\n`] });
    const { error, shown } = await cell.ask();
    expect(error, JSON.stringify(body)).toMatchObject({ ...expected, partial: { content: "Half" } });
    expect(shown).toBe("Half");
  }
}

const everywhere = ["openai", "responses", "anthropic"] as const;

const withoutAnswer: readonly Failure[] = [
  [{ code: 429, message: "exhausted" }, "rate_limit", "exhausted"],
  [{ code: "500", msg: "404 NOT_FOUND", success: false }, "server", "404 NOT_FOUND"],
  [{ detail: "Not authenticated" }, "server", "Not authenticated"],
  [
    { detail: [{ type: "missing", loc: ["body", "model"], msg: "Field required" }] },
    "bad_request",
    "body.model: Field required",
  ],
  [{ status: 401, title: "Unauthorized", detail: "Check the key" }, "authentication", "Check the key"],
  [
    { object: "error", message: "No such model", type: "NotFoundError", param: null, code: 404 },
    "not_found",
    "No such model",
  ],
  [
    { success: false, errors: [{ code: 10000, message: "Authentication error" }], result: null },
    "server",
    "Authentication error",
  ],
  [{ errors: ["one", "two"] }, "server", "one; two"],
  [{ base_resp: { status_code: 1002, status_msg: "rate limit" } }, "rate_limit", "rate limit"],
  [{ base_resp: { status_code: 1004, status_msg: "not authorized" } }, "authentication", "not authorized"],
  [
    { base_resp: { status_code: 1008, status_msg: "insufficient balance" }, choices: null },
    "quota",
    "insufficient balance",
  ],
  [{ error_code: 18, error_msg: "Open api qps request limit reached" }, "server", "qps request limit"],
  [{ message: "Internal server error" }, "server", "Internal server error"],
  [{ error: "model 'x' not found" }, "server", "model 'x' not found"],
  [{ error: { message: { text: "no" }, type: "overloaded_error" } }, "overloaded", "no"],
  [{ error: true, message: "It broke" }, "server", "It broke"],
];

const codes: readonly Failure[] = [
  [{ error: { code: "429", message: "Slow" } }, "rate_limit", "Slow"],
  [{ error: { status: 429, message: "Slow" } }, "rate_limit", "Slow"],
  [{ error: { http_code: "503", message: "Busy" } }, "overloaded", "Busy"],
  [{ error: { statusCode: 401, message: "Who?" } }, "authentication", "Who?"],
  [{ error: { status: "RESOURCE_EXHAUSTED", message: "Slow" } }, "rate_limit", "Slow"],
  [{ error: { status: "UNAVAILABLE", message: "Later" } }, "overloaded", "Later"],
  [{ error: { status: "UNAUTHENTICATED", message: "Who?" } }, "authentication", "Who?"],
  [{ error: { status: "PERMISSION_DENIED", message: "No" } }, "authentication", "No"],
  [{ error: { status: "NOT_FOUND", message: "No" } }, "not_found", "No"],
  [{ error: { status: "INVALID_ARGUMENT", message: "No" } }, "bad_request", "No"],
  [{ error: { status: "DEADLINE_EXCEEDED", message: "Late" } }, "server", "Late"],
  [{ error: { __type: "com.amazon.coral.service#ThrottlingException", message: "Slow" } }, "rate_limit", "Slow"],
  [{ error: { code: "invalid_api_key", type: "invalid_request_error", message: "Key" } }, "authentication", "Key"],
  [{ error: { code: "model_not_found", message: "Model" } }, "not_found", "Model"],
  [{ error: { code: "context_length_exceeded", message: "Long" } }, "bad_request", "Long"],
  [{ error: { code: "insufficient_quota", message: "Pay" } }, "quota", "Pay"],
  [{ error: { code: "constructor", type: "__proto__", message: "Odd" } }, "server", "Odd"],
  [{ error: { code: "toString", message: "Odd" } }, "server", "Odd"],
];

async function expectWhole({ response, shown, error }: Outcome, text: string): Promise<void> {
  expect(error).toBeUndefined();
  expect(shown).toBe(text);
  expect(response).toMatchObject({ content: text, finishReason: "stop" });
}

export const failureInside200: Section = {
  title: "A failure inside a 200",
  rows: [
    {
      id: "C1",
      report:
        "A body or event without an answer, with `error`, `errors`, `detail`, `message`, `code`, `base_resp` or `error_msg`",
      outcome: "The error of the class that it names, with its words; a stream keeps what came before as `partial`",
      source: "cherry-studio#11287, opik#1138, vllm#12886, nodetool#5755",
      on: everywhere,
      run: (cell) => expectFailures(cell, withoutAnswer),
    },
    {
      id: "C2",
      report: '`choices[0].error` with `finish_reason: "error"`, or that finish alone (OpenRouter)',
      outcome: "The error of its code, and no answer",
      source: "openrouter.ai/docs/api/reference/errors-and-debugging",
      on: ["openai", "openrouter"],
      async run(cell) {
        const error = { code: 502, message: "Provider disconnected", metadata: { raw: "upstream gone" } };
        for (const [more, message] of [
          [{ error }, "Provider disconnected: upstream gone"],
          [{}, 'finish_reason "error"'],
        ] as const) {
          const choice = { index: 0, finish_reason: "error", ...more };
          cell.reply(
            cell.streamed
              ? {
                  chunks: [
                    chat.text("Half"),
                    { ...chat.delta({}), choices: [{ ...choice, delta: { content: "" } }] },
                    chat.done,
                  ],
                }
              : { json: { id: "x", model: "m", choices: [{ ...choice, message: { content: "Half" } }] } },
          );
          const outcome = await cell.ask();
          expect(outcome.error).toMatchObject({ code: "server", message: expect.stringContaining(message) });
          if (cell.streamed) expect(outcome.error.partial.content).toBe("Half");
        }
      },
    },
    {
      id: "C3",
      report: 'Codes as text or under other names: `"429"`, `status`, gRPC\'s names, streamed `invalid_api_key`',
      outcome: "The class of that status",
      source: "cherry-studio#11287",
      on: everywhere,
      run: (cell) => expectFailures(cell, codes),
    },
    {
      id: "C4",
      report: '`{"error":"…","error_type":"validation"}` (TGI)',
      outcome: "BadRequestError, which is not tried again; `overloaded` is an OverloadedError",
      source: "huggingface_hub#2514",
      on: ["openai"],
      run: (cell) =>
        expectFailures(cell, [
          [{ error: "Input validation error: too long", error_type: "validation" }, "bad_request", "too long"],
          [{ error: "Model is overloaded", error_type: "overloaded" }, "overloaded", "Model is overloaded"],
        ]),
    },
    {
      id: "C5",
      report: "A line `error: {…}` in the stream (llama.cpp), or an event named `error` with plain text",
      outcome: "The class that it names, with its words, at the start and after output",
      source: "llama.cpp#16104",
      on: everywhere,
      ways: ["streamed"],
      async run(cell) {
        const line = 'error: {"code":400,"message":"exceeds the context size","type":"invalid_request_error"}';
        for (const [text, code, words] of [
          [`${line}\n\n`, "bad_request", "exceeds the context size"],
          [`: hi\n\n${line}\n`, "bad_request", "exceeds the context size"],
          ["event: error\ndata: upstream connect error\n\n", "server", "upstream connect error"],
        ] as const) {
          cell.reply({ chunks: [text] });
          expect((await cell.ask()).error).toMatchObject({ code, message: expect.stringContaining(words) });
          cell.reply({ chunks: [...begun(cell, "Half"), text] });
          expect((await cell.ask()).error).toMatchObject({ code, partial: { content: "Half" } });
        }
      },
    },
    {
      id: "C6",
      report: "A JSON error with status 200 in the place of a stream, of any content-type, also in a list",
      outcome: "The class of the error, once",
      source: "lemonade#2826",
      on: everywhere,
      ways: ["streamed"],
      async run(cell) {
        const error = { code: 401, message: `Who are you? ${"x".repeat(1200)}` };
        for (const type of ["application/json", "text/event-stream", "text/plain", "text/html"]) {
          for (const body of [{ error }, [{ error }], { detail: error.message, status: 401 }]) {
            const before = cell.server.requests.length;
            cell.reply({ raw: JSON.stringify(body, null, 2), headers: { "content-type": type } });
            const outcome = await cell.ask("Hello?", { use: [] });
            expect(outcome.error, type).toMatchObject({
              code: "authentication",
              message: expect.stringContaining("Who are you?"),
            });
            expect(cell.server.requests.length - before).toBe(1);
          }
        }
      },
    },
    {
      id: "C7",
      report: "`error.metadata.raw` (OpenRouter), as text or as JSON in a text",
      outcome: "In the message",
      source: "openrouter.ai/docs/api/reference/errors-and-debugging",
      on: ["openai"],
      async run(cell) {
        const failure = (raw: unknown) => ({
          error: { code: 400, message: "Provider returned error", metadata: { provider_name: "X", raw } },
        });
        const said = "Provider returned error: too many images";
        await expectFailures(cell, [
          [failure("too many images"), "bad_request", said],
          [failure('{"error":{"message":"too many images"}}'), "bad_request", said],
          [failure({ detail: "too many images" }), "bad_request", said],
        ]);
      },
    },
    {
      id: "C8",
      report: "`error` of `null`, `{}` or empty members, and `base_resp` of success, beside a good answer",
      outcome: "Ignored",
      source: "opik#1138",
      on: ["openai"],
      async run(cell) {
        for (const extra of [
          { error: null },
          { error: {} },
          { error: { code: null, message: "" } },
          { error: { code: 0, message: "success" } },
          { base_resp: { status_code: 0, status_msg: "" } },
          { code: 200, message: "ok", detail: "fine" },
        ]) {
          const message = { index: 0, message: { role: "assistant", content: "Good." }, finish_reason: "stop" };
          cell.reply(
            cell.streamed
              ? {
                  chunks: [
                    { ...chat.text("Good."), ...extra },
                    { ...chat.finish(), ...extra },
                    { code: 0, message: "success" },
                    { type: "ping", message: "still here" },
                    chat.done,
                  ],
                }
              : { json: { id: "x", model: "m", choices: [message], ...extra } },
          );
          await expectWhole(await cell.ask(), "Good.");
        }
      },
    },
    {
      id: "C9",
      report: "A failure after half an answer, where a value is asked for",
      outcome: "The error, and no value",
      source: "cherry-studio#11287",
      on: everywhere,
      async run(cell) {
        const body = { code: 429, message: "exhausted" };
        cell.reply(cell.streamed ? { chunks: [...begun(cell, '{"n":1}'), body] } : { json: body });
        const outcome = await cell.ask("Hello?", { responseModel: z.object({ n: z.number() }) } as object);
        expect(outcome.value).toBeUndefined();
        expect(outcome.error.code).toBe("rate_limit");
      },
    },
    {
      id: "C10",
      report: "A failure inside a 200, with `fallback`",
      outcome: "The next model answers",
      source: "opik#1138",
      on: everywhere,
      async run(cell) {
        const body = { code: 402, message: "exhausted" };
        cell.reply(cell.streamed ? { chunks: [...begun(cell, "Half"), body] } : { json: body });
        const use = [fallback(script(["Whole."]))];
        const outcome = await cell.ask("Hello?", { use } as object);
        expect(outcome.response?.content).toBe("Whole.");
      },
    },
    {
      id: "C11",
      report: 'Objects where text belongs, such as `{"toString":1}`',
      outcome: "Read as nothing, and no TypeError",
      source: "found by fuzzing",
      on: everywhere,
      async run(cell) {
        const odd = { toString: 1 };
        const bodies = {
          openai: { id: odd, model: odd, choices: [{ message: { content: odd, refusal: odd }, finish_reason: odd }] },
          responses: { id: odd, model: odd, output: [{ type: odd, content: [{ type: "output_text", text: odd }] }] },
          anthropic: { id: odd, model: odd, content: [{ type: "text", text: odd }, { type: odd }], stop_reason: odd },
        };
        const body = bodies[cell.target as keyof typeof bodies];
        const event = `data: ${JSON.stringify({ ...body, type: odd, delta: odd, error: odd })}\n\n`;
        cell.reply(cell.streamed ? { chunks: [event] } : { json: body });
        const { response, error } = await cell.ask();
        if (cell.streamed) expect(error.code).toBe("server");
        else expect(response).toMatchObject({ content: "", id: "" });
      },
    },
  ],
};
