import { brotliCompressSync, gzipSync } from "node:zlib";
import { expect } from "vitest";
import { eventText, spoken } from "../../streams/wire-chunks.js";
import { answers, type Cell, fails, type Row } from "../row.js";

const body =
  (raw: string | Uint8Array, type = "application/json"): NonNullable<Row["replies"]> =>
  () => [{ raw, headers: { "content-type": type } }];

/** A good answer, as it stands on the wire. */
function answer({ provider, streamed }: Cell): string {
  if (streamed) return eventText(spoken(provider, ["Hel", "lo"]));
  if (provider === "openai")
    return JSON.stringify({
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1,
      model: "gpt-4o-mini",
      choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
    });
  return JSON.stringify({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-haiku-4-5",
    content: [{ type: "text", text: "Hello" }],
    stop_reason: "end_turn",
    usage: { input_tokens: 1, output_tokens: 1 },
  });
}

const encoded =
  (encoding: string, encode: (text: string) => Uint8Array): NonNullable<Row["replies"]> =>
  (cell) => [
    {
      raw: encode(answer(cell)),
      headers: {
        "content-encoding": encoding,
        "content-type": cell.streamed ? "text/event-stream" : "application/json",
      },
    },
  ];
const reads = ({ answer: text }: { readonly answer?: string | undefined }) => expect(text).toBe("Hello");

/** 200, but not what a model answers. */
export const shapes: readonly Row[] = [
  {
    id: "F34",
    fault: "200 with a page of HTML",
    replies: body("<html>Log in</html>", "text/html"),
    plain: fails("UnexpectedResponseError", 1),
    streamed: fails("UnexpectedResponseError", 1),
    also: ({ error }) => expect(error.message).toMatch(/text\/html.*Log in/s),
  },
  {
    id: "F34",
    fault: "200 with nothing",
    replies: body(""),
    plain: fails("UnexpectedResponseError", 3),
    streamed: fails("UnexpectedResponseError", 3),
  },
  {
    id: "F34",
    fault: "200 with half a JSON text",
    replies: body('{"id": "1", "choi'),
    plain: fails("UnexpectedResponseError", 3),
    streamed: fails("UnexpectedResponseError", 3),
  },
  ...["null", "{}", "[]"].map(
    (json): Row => ({
      id: "F34",
      fault: `200 with \`${json}\``,
      replies: body(json),
      plain: fails("UnexpectedResponseError", 3),
      streamed: fails("UnexpectedResponseError", 3),
    }),
  ),
  {
    id: "F34",
    fault: "a whole answer for a stream, a stream for a whole answer",
    replies: (cell) => [
      {
        raw: answer({ ...cell, streamed: !cell.streamed }),
        headers: { "content-type": cell.streamed ? "application/json" : "text/event-stream" },
      },
    ],
    plain: fails("UnexpectedResponseError", 3),
    streamed: fails("UnexpectedResponseError", 3),
  },
  {
    id: "F35",
    fault: "gzip, unasked",
    replies: encoded("gzip", gzipSync),
    plain: answers(),
    streamed: answers(),
    also: reads,
  },
  {
    id: "F35",
    fault: "brotli, unasked",
    replies: encoded("br", brotliCompressSync),
    plain: answers(),
    streamed: answers(),
    also: reads,
  },
  {
    id: "F35",
    fault: "gzip that is none",
    replies: encoded("gzip", (text) => Buffer.from(text)),
    plain: fails("ConnectionError", 3),
    streamed: fails("StreamInterruptedError", 3),
  },
  {
    id: "F35",
    fault: "`content-encoding: x`",
    replies: encoded("x", (text) => Buffer.from(text)),
    plain: fails("UnexpectedResponseError", 1),
    streamed: fails("UnexpectedResponseError", 1),
  },
];
