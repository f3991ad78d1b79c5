import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { wait } from "../wait.js";
import { bodyOf, type Chunk, type Content, isChunk } from "./body.js";
import type { Exchange } from "./exchange.js";
import type { WireReply } from "./reply.js";
import { sendRaw } from "./send-raw.js";
import { newId } from "./wires/wire.js";

/**
 * Sends a reply, with its faults.
 *
 * @throws What the iterables of the reply throw, or an abort error when the client leaves meanwhile.
 */
export async function send(exchange: Exchange, reply: WireReply): Promise<void> {
  const { wire, request, response, gone } = exchange;
  const { delayMs = 0, splitAt, cutAfter, endAfter, errorAfter, hangAfter } = reply;
  if (delayMs === Number.POSITIVE_INFINITY) return;
  if (delayMs > 0) await wait(delayMs, gone);
  if (reply.drop) return exchange.hangUp(reply.drop);
  if (reply.tcp) return sendRaw(exchange, reply, reply.tcp);

  const requestId = newId("req_");
  const { type, content } = await bodyOf(reply, wire, request.body, requestId);
  response.statusCode = reply.status ?? 200;
  response.setHeader("content-type", type);
  response.setHeader(wire.requestIdHeader, requestId);
  // An ending of its own needs chunked encoding, or the client would wait for the rest of the length, or not at all.
  if (isChunk(content) && endAfter === undefined && errorAfter === undefined && hangAfter === undefined) {
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
  if (limit !== 0) await sendChunks(exchange, reply, content, limit);
  if (!gone.aborted) await end(exchange, reply, requestId);
}

/** Writes the chunks one by one, no more of them than `limit`. */
async function sendChunks(exchange: Exchange, reply: WireReply, content: Content, limit?: number): Promise<void> {
  const { request, response, gone } = exchange;
  const { gapMs = 0, splitAt } = reply;
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

/** What comes after the last chunk. */
async function end(exchange: Exchange, reply: WireReply, requestId: string): Promise<void> {
  const { wire, response } = exchange;
  const { cutAfter, errorAfter, hangAfter } = reply;
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
