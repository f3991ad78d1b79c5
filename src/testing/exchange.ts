import { isUtf8 } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { now } from "../wait.js";
import type { WireRequest } from "./reply.js";
import type { Arrived } from "./strict/check.js";
import { anthropicWire } from "./wires/anthropic.js";
import { mistralWire } from "./wires/mistral.js";
import { openaiWire } from "./wires/openai.js";
import { openaiResponsesWire } from "./wires/openai-responses.js";
import type { Wire } from "./wires/wire.js";

/** One request and the response to it, while they last. */
export interface Exchange {
  readonly wire: Wire;
  /** Whether the path is one of the wire's own. */
  readonly known: boolean;
  readonly request: Recorded;
  readonly response: ServerResponse;
  /** Aborts when the connection is gone before the answer had ended. */
  readonly gone: AbortSignal;
  /** Closes the connection on the server's own account, so that the request does not count as aborted. */
  hangUp(how?: "end" | "reset"): void;
}

type Recorded = { -readonly [Member in keyof WireRequest]: WireRequest[Member] };

export function openExchange(incoming: IncomingMessage, response: ServerResponse): Exchange {
  const { method = "", url = "/", headers } = incoming;
  const { wire, known } = route(method, url.split("?", 1)[0] ?? url, "anthropic-version" in headers);
  const gone = new AbortController();
  let hungUp = false;
  let close = () => {};
  const request: Recorded = {
    wire: wire.name,
    method,
    path: url,
    headers: headers as Record<string, string>,
    body: undefined,
    refused: undefined,
    arrivedAt: now(),
    finishedAt: undefined,
    aborted: false,
    chunksSent: 0,
    closed: new Promise((resolve) => {
      close = resolve;
    }),
  };

  const { socket } = incoming;
  const over = () => {
    response.off("close", over);
    socket.off("close", over);
    const ended = response.writableFinished;
    request.finishedAt = now();
    request.aborted = !ended && !hungUp;
    if (!ended) gone.abort();
    close();
  };
  response.once("close", over);
  // A response that still waits for another one on its connection never hears that the connection is gone.
  socket.once("close", over);

  return {
    wire,
    known,
    request,
    response,
    gone: gone.signal,
    hangUp(how = "end") {
      hungUp = true;
      if (how === "reset") response.socket?.resetAndDestroy();
      else response.socket?.destroy();
    },
  };
}

/**
 * Reads the body into the record, and returns it as it came.
 *
 * @throws Error when the client leaves before it is complete.
 */
export async function readBody(incoming: IncomingMessage, request: Recorded): Promise<Arrived> {
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    const pieces: Buffer[] = [];
    incoming.on("data", (piece: Buffer) => pieces.push(piece));
    incoming.on("end", () => resolve(Buffer.concat(pieces)));
    incoming.on("error", reject);
  });
  const text = bytes.toString();
  try {
    request.body = text === "" ? undefined : JSON.parse(text);
  } catch {
    request.body = text;
  }
  return { body: request.body, text, isUtf8: isUtf8(bytes), headers: request.headers };
}

function route(method: string, path: string, anthropic: boolean): Pick<Exchange, "wire" | "known"> {
  const [, wire] = endings.find(([ending]) => path.endsWith(ending)) ?? [];
  return { wire: wire ?? (anthropic ? anthropicWire : openaiWire), known: wire !== undefined && method === "POST" };
}

const endings: readonly (readonly [ending: string, wire: Wire])[] = [
  ["/mistral/v1/chat/completions", mistralWire],
  ["/chat/completions", openaiWire],
  ["/responses", openaiResponsesWire],
  ["/v1/messages", anthropicWire],
];
