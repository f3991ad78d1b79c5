import { once } from "node:events";
import { STATUS_CODES } from "node:http";
import { setImmediate } from "node:timers/promises";
import { isBytes } from "../realm.js";
import { wait } from "../wait.js";
import { asksForStream, bodyOf, type Chunk, type Content, isChunk } from "./body.js";
import type { Exchange } from "./exchange.js";
import type { TcpStep, WireAnswer, WireChunk, WireReply } from "./reply.js";
import { newId, type Wire } from "./wires/wire.js";

/**
 * Carries out the steps of a reply on the TCP connection, past Node's response.
 *
 * @throws What the steps throw before anything was written, or an abort error when the client leaves meanwhile.
 */
export async function sendRaw(
  exchange: Exchange,
  reply: WireReply,
  steps: NonNullable<WireReply["tcp"]>,
): Promise<void> {
  const { wire, request, response, gone } = exchange;
  const { socket } = response;
  if (!socket) return;
  const { answer, headers } = await answerTo(request.body, reply, wire);
  let begun = false;
  let chunked = false;

  async function write(bytes: Chunk): Promise<void> {
    begun = true;
    if (!socket?.write(bytes)) await once(response.socket ?? response, "drain", { signal: gone });
  }

  async function carryOut(step: Exclude<TcpStep, { readonly close: unknown }>): Promise<void> {
    if (typeof step === "string" || isBytes(step)) return write(step);
    if ("waitMs" in step) return wait(step.waitMs, gone);
    if ("head" in step) {
      const sent = { ...headers, ...step.head };
      chunked = sent["transfer-encoding"] === "chunked";
      return write(headOf(step.status ?? reply.status ?? 200, sent));
    }
    await write(chunked ? framed(step.chunk) : step.chunk);
    // Steps without an end let the loop turn now and then, so that others are served and a client that leaves is seen.
    if (++request.chunksSent % 64 === 0) await setImmediate();
  }

  async function close(how: "end" | "reset"): Promise<void> {
    // The callback of an empty write comes when all before it has left.
    await new Promise((sent) => socket?.write("", sent));
    // A reset takes away what the client has not read yet.
    if (how === "reset") await wait(20, gone);
    exchange.hangUp(how);
  }

  try {
    for await (const step of steps(answer)) {
      if (gone.aborted) return;
      if (typeof step === "object" && "close" in step) return await close(step.close);
      await carryOut(step);
    }
    if (chunked) await write("0\r\n\r\n");
    await close("end");
  } catch (error) {
    if (!begun || gone.aborted) throw error;
    exchange.hangUp();
  }
}

/** What the server would have sent, and the headers before it. */
async function answerTo(request: unknown, reply: WireReply, wire: Wire) {
  const requestId = newId("req_");
  const streamed = asksForStream(request);
  const own = await bodyOf(reply, wire, request, requestId);
  const answer: WireAnswer = {
    wire: wire.name,
    streamed,
    async *body(kind = streamed) {
      yield* chunksOf(kind === streamed ? own : await bodyOf(reply, wire, request, requestId, kind), wire);
    },
  };
  const headers: Readonly<Record<string, string>> = {
    "content-type": own.type,
    [wire.requestIdHeader]: requestId,
    // Node's parser is not told what happens here, so the connection cannot serve another request.
    connection: "close",
    ...(isChunk(own.content)
      ? { "content-length": String(Buffer.byteLength(own.content)) }
      : { "transfer-encoding": "chunked" }),
    ...reply.headers,
  };
  return { answer, headers };
}

async function* chunksOf({ content }: { readonly content: Content }, wire: Wire): AsyncGenerator<WireChunk> {
  if (isChunk(content)) return yield { text: textOf(content), isDelta: true };
  for await (const chunk of content) {
    const text = textOf(chunk);
    yield { text, isDelta: wire.isDelta(text) };
  }
}

function textOf(chunk: Chunk): string {
  return typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
}

function headOf(status: number, headers: Readonly<Record<string, string | null>>): string {
  const lines = Object.entries(headers).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}\r\n`]));
  return `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${lines.join("")}\r\n`;
}

/** In HTTP's chunked encoding. An empty chunk would be the end of the body. */
function framed(chunk: Chunk): Chunk {
  const size = Buffer.byteLength(chunk);
  if (size === 0) return "";
  return Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), Buffer.from(chunk as string), Buffer.from("\r\n")]);
}
