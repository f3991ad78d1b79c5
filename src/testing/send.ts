import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { wait } from "../wait.js";
import type { Exchange } from "./exchange.js";
import type { WireReply } from "./reply.js";
import { answerOf, newId, type Wire, wholeText } from "./wires/wire.js";

type Chunk = string | Uint8Array;
type Content = Chunk | Iterable<Chunk> | AsyncIterable<Chunk>;

/**
 * Sends a reply, with its faults.
 *
 * @throws What the iterables of the reply throw, or an abort error when the client leaves meanwhile.
 */
export async function send(exchange: Exchange, reply: WireReply): Promise<void> {
  const { wire, request, response, gone } = exchange;
  const { delayMs = 0, gapMs = 0, splitAt, cutAfter, endAfter, errorAfter, hangAfter } = reply;
  if (delayMs === Number.POSITIVE_INFINITY) return;
  if (delayMs > 0) await wait(delayMs, gone);
  if (reply.drop) return exchange.hangUp(reply.drop);

  const requestId = newId("req_");
  const { type, content } = await bodyOf(reply, wire, request.body, requestId);
  response.statusCode = reply.status ?? 200;
  response.setHeader("content-type", type);
  response.setHeader(wire.requestIdHeader, requestId);
  // An ending of its own needs chunked encoding, or the client would wait for the rest of the length.
  if (isChunk(content) && endAfter === undefined && errorAfter === undefined) {
    response.setHeader("content-length", Buffer.byteLength(content));
  }
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);

  const limit = cutAfter ?? endAfter ?? errorAfter ?? hangAfter;
  if (isChunk(content) && splitAt === undefined && limit === undefined) {
    request.chunksSent = 1;
    response.end(content);
    return;
  }

  response.flushHeaders();
  if (splitAt) await turn();
  if (limit !== 0) {
    for await (const chunk of splitAt ? split(content, splitAt) : isChunk(content) ? [content] : content) {
      if (gapMs > 0 && request.chunksSent > 0) await wait(gapMs, gone);
      if (gone.aborted) return;
      const flowing = response.write(chunk);
      // Node gathers what is written in one turn; uncorked, each chunk is a TCP write of its own.
      response.socket?.uncork();
      request.chunksSent++;
      if (!flowing) await once(response, "drain", { signal: gone });
      if (splitAt || request.chunksSent % chunksPerTurn === 0) await turn();
      if (request.chunksSent === limit) break;
    }
  }

  if (gone.aborted) return;
  if (cutAfter !== undefined) {
    // The callback of an empty write comes when all before it has left.
    await new Promise((sent) => response.socket?.write("", sent));
    exchange.hangUp();
  } else if (errorAfter !== undefined) {
    response.end(wire.event(wire.overload(requestId)));
  } else if (hangAfter === undefined) {
    response.end();
  }
}

// Long streams let the loop turn now and then, so that others are served and a client that leaves is seen.
const chunksPerTurn = 64;

/** Lets the event loop look at its sockets. A single immediate may still run in the turn that asked for it. */
async function turn(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

/** What is sent: a whole body, or the chunks of a stream. */
async function bodyOf(
  reply: WireReply,
  wire: Wire,
  request: unknown,
  requestId: string,
): Promise<{ readonly type: string; readonly content: Content }> {
  const { status = 200, text, raw, json, chunks } = reply;
  const body =
    typeof request === "object" && request !== null ? (request as { model?: unknown; stream?: unknown }) : {};
  const streamed = body.stream === true;

  if (raw !== undefined)
    return streamed ? { type: eventStream, content: [raw] } : { type: "application/json", content: raw };
  if (json !== undefined) return { type: "application/json", content: JSON.stringify(json) };
  if (chunks !== undefined) return { type: eventStream, content: eventsOf(chunks, wire) };
  if (status >= 400) {
    const message = typeof text === "string" ? text : undefined;
    return { type: "application/json", content: JSON.stringify(wire.error(status, message, requestId)) };
  }
  if (status >= 300 || status === 204) return { type: "application/json", content: "" };
  const answer = answerOf(reply);
  if (streamed) return { type: eventStream, content: wire.stream(answer, body) };
  return { type: "application/json", content: JSON.stringify(wire.plain(answer, await wholeText(answer.text), body)) };
}

const eventStream = "text/event-stream; charset=utf-8";

async function* eventsOf(chunks: NonNullable<WireReply["chunks"]>, wire: Wire): AsyncGenerator<Chunk> {
  for await (const chunk of chunks) {
    yield typeof chunk === "string" || chunk instanceof Uint8Array ? chunk : wire.event(chunk);
  }
}

async function* split(content: Content, splitAt: "every-byte" | readonly number[]): AsyncGenerator<Chunk> {
  const pieces: Buffer[] = [];
  for await (const chunk of isChunk(content) ? [content] : content) pieces.push(Buffer.from(chunk as string));
  const bytes = Buffer.concat(pieces);

  const cuts =
    splitAt === "every-byte" ? bytes.keys() : splitAt.filter((cut) => cut < bytes.length).sort((a, b) => a - b);
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    if (end > start) yield bytes.subarray(start, end);
    start = end;
  }
}

function isChunk(content: Content): content is Chunk {
  return typeof content === "string" || content instanceof Uint8Array;
}
