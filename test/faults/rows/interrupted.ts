import { call, fallback, model } from "callwright";
import { faults } from "callwright/testing";
import { expect } from "vitest";
import { begun, chat, messages, type Provider, providerOf, references } from "../../streams/wire-chunks.js";
import { answers, type Cell, fails, type Outcome, type Row } from "../row.js";
import { good, inTime, retriesFor } from "../run.js";

const text = ["one ", "two ", "three"];
const came = "one two ";

/** What the wire says of an error, alone or inside a stream. */
function errorOf(provider: Provider, type: string): object {
  const error = { type, message: "Not now." };
  return provider === "openai" ? { error } : { type: "error", error };
}

/** The error alone, or after so many pieces of text. */
const answeredBy = (type: string, texts: readonly string[]) => (cell: Cell) => [
  cell.streamed
    ? { chunks: [...(texts.length > 0 ? begun(cell.provider, texts) : []), errorOf(cell.provider, type)] }
    : { json: errorOf(cell.provider, type) },
];

/** The answer breaks before it is over. */
export const interrupted: readonly Row[] = [
  ...(["OverloadedError", "ServerError"] as const).flatMap((name): Row[] => {
    const type = name === "OverloadedError" ? "overloaded_error" : "server_error";
    return [
      {
        id: "F14",
        fault: `\`${type}\` under 200, as the first event`,
        replies: answeredBy(type, []),
        plain: fails(name, 3),
        streamed: fails(name, 3),
        also: ({ error }) => expect(error).toMatchObject({ type, status: undefined }),
      },
      {
        id: "F15",
        fault: `\`${type}\` under 200, after some text`,
        replies: answeredBy(type, ["one ", "two "]),
        plain: fails(name, 3),
        streamed: fails(name, 1, came),
        also: ({ error }) => expect(error.message).toContain("Not now."),
      },
    ];
  }),
  {
    id: "F15",
    fault: "an overload after some text, with a `fallback`",
    run: withFallback,
    plain: answers(4),
    streamed: answers(2),
  },
  {
    id: "F16",
    fault: "the body ends in order, after some text and without its terminator",
    replies: () => [{ ...faults.truncate({ after: 2 }), text }],
    plain: fails("ConnectionError", 3),
    streamed: fails("StreamInterruptedError", 1, came),
  },
  {
    id: "F16",
    fault: "the body ends in order, before any text",
    replies: ({ provider }) => [
      { chunks: [provider === "openai" ? chat.delta({ role: "assistant" }) : messages.start()] },
    ],
    streamed: fails("StreamInterruptedError", 3),
  },
  ...(["line", "character"] as const).map(
    (at): Row => ({
      id: "F17",
      fault: `the body ends in the middle of a ${at}`,
      replies: () => [{ ...faults.truncate({ after: 2, at }), text }],
      plain: fails("ConnectionError", 3),
      // No half of the third event is handed out.
      streamed: fails("StreamInterruptedError", 1, came),
    }),
  ),
  ...(["reset", "end"] as const).map(
    (how): Row => ({
      id: "F18",
      fault: `${how === "reset" ? "a reset (RST)" : "an end (FIN)"} after some text`,
      // A connection that was not to be kept would let undici take its end for the body's.
      replies: () => [{ ...faults.cut({ after: 2, how }), text, headers: { connection: "keep-alive" } }],
      plain: fails("ConnectionError", 3),
      streamed: fails("StreamInterruptedError", 1, came),
      also: ({ error }) => expect(error.cause.code).toMatch(/^(ECONNRESET|UND_ERR_SOCKET)$/),
    }),
  ),
  {
    id: "F19",
    fault: "chunked encoding: a size that is no number, after some text",
    replies: () => [{ ...faults.badChunkSize({ after: 2 }), text }],
    plain: fails("ConnectionError", 3),
    streamed: fails("StreamInterruptedError", 1, came),
    also: ({ error }) => expect(error.cause).toBeInstanceOf(Error),
  },
  {
    id: "F19",
    fault: "chunked encoding: all of the answer, and no last chunk",
    replies: () => [{ ...faults.missingLastChunk(), text }],
    plain: fails("ConnectionError", 3),
    // Its own terminator came, so nothing is missing.
    streamed: answers(),
    also: ({ answer }, { streamed }) => expect(answer).toBe(streamed ? "one two three" : undefined),
  },
  {
    id: "F19",
    fault: "chunked encoding: more bytes after the end",
    replies: () => [{ ...faults.extraBytes(), text }],
    plain: answers(),
    streamed: answers(),
    also: ({ answer }) => expect(answer).toBe("one two three"),
  },
];

/** The other provider takes over, and says that what came before is void. */
async function withFallback(cell: Cell): Promise<Outcome> {
  const { reference, provider, streamed, server } = cell;
  const other = references.find((each) => each !== reference) as (typeof references)[number];
  const broken = answeredBy("overloaded_error", ["one ", "two "])(cell)[0] ?? {};
  server.reply(({ wire }) => (wire === provider ? broken : {}));
  const second = model(other, server[providerOf(other)]);
  const use = [fallback(second), ...retriesFor(cell)];
  const ask = async (): Promise<Outcome> => {
    const options = { ...server[provider], use };
    if (!streamed) return { answer: (await call(reference, options)(() => "Hi")()).content, shown: "", requests: 0 };
    const stream = await call(reference, { ...options, stream: true })(() => "Hi")();
    const texts: string[] = [];
    for await (const [chunk] of stream) {
      if (chunk.restarted) texts.push("restarted");
      if (chunk.content) texts.push(chunk.content);
    }
    expect(texts).toEqual(["one ", "two ", "restarted", good]);
    return { answer: stream.content, shown: stream.content, requests: 0 };
  };
  const outcome = await inTime(cell, ask());
  expect(outcome.answer).toBe(good);
  return { ...outcome, requests: server.requests.length };
}
