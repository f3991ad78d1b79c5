import { isBytes } from "../realm.js";
import type { WireReply } from "./reply.js";
import { answerOf, type RequestBody, type Wire, wholeText } from "./wires/wire.js";

export type Chunk = string | Uint8Array;
export type Content = Chunk | Iterable<Chunk> | AsyncIterable<Chunk>;

/** What is sent: a whole body, or the chunks of a stream. */
export async function bodyOf(
  reply: WireReply,
  wire: Wire,
  request: unknown,
  requestId: string,
  streamed = asksForStream(request),
): Promise<{ readonly type: string; readonly content: Content }> {
  const { status = 200, text, raw, json, chunks } = reply;
  const body = typeof request === "object" && request !== null ? (request as RequestBody) : {};

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

export const eventStream = "text/event-stream; charset=utf-8";

async function* eventsOf(chunks: NonNullable<WireReply["chunks"]>, wire: Wire): AsyncGenerator<Chunk> {
  for await (const chunk of chunks) {
    yield typeof chunk === "string" || isBytes(chunk) ? chunk : wire.event(chunk);
  }
}

export function isChunk(content: Content): content is Chunk {
  return typeof content === "string" || isBytes(content);
}

export function asksForStream(request: unknown): boolean {
  return typeof request === "object" && request !== null && "stream" in request && request.stream === true;
}
