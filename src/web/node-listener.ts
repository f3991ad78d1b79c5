import { checkMilliseconds } from "../numbers.js";
import { own } from "../own.js";
import { takeTurn } from "./connection-turns.js";
import { defaultDrainMs } from "./event-body.js";
import { parseHost } from "./host.js";
import { setLocalAddress } from "./local-address.js";
import { makeResponse } from "./make-response.js";
import { bodyOf, type NodeBody, type ParsedRequest } from "./node-body.js";
import { type NodeResponse, sendResponse } from "./node-response.js";

/** What is needed of `http.IncomingMessage`, so that nothing of Node is imported. */
export interface NodeRequest extends NodeBody {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly rawHeaders: readonly string[];
  /** Whether the whole request was received. */
  readonly complete: boolean;
  readonly socket: {
    readonly encrypted?: boolean;
    readonly localAddress?: string | undefined;
    readonly destroyed?: boolean;
    destroy(): unknown;
    on?(event: "close", listener: () => void): unknown;
    off?(event: "close", listener: () => void): unknown;
  };
}

/** Fastify's request, whose parsed body is not on Node's own. */
export interface WrappedNodeRequest extends ParsedRequest {
  readonly raw: NodeRequest;
}

/** Fastify's reply. */
export interface WrappedNodeResponse {
  readonly raw: NodeResponse;
  /** Tells Fastify that the reply is sent by somebody else. */
  hijack?(): unknown;
}

export interface NodeListenerOptions {
  /**
   * How long a client may take to accept what was written before its connection is closed, in milliseconds.
   *
   * @default 60_000
   */
  readonly drainTimeoutMs?: number | undefined;
}

/** Serves `node:http` and Express, and as a handler also Fastify. */
export type NodeListener = (
  incoming: NodeRequest | WrappedNodeRequest,
  outgoing: NodeResponse | WrappedNodeResponse,
) => Promise<void>;

/** How long a client whose body is not read may go on sending it, so that it sees the answer, in milliseconds. */
const lingerMs = 2_000;

/**
 * Lets `node:http` serve a handler: `createServer(toNodeListener(handler(…)))`. Also a route handler of Express and
 * Fastify, behind their body parsers too: what a parser left on the request is used.
 *
 * The request's signal aborts when the client leaves, and `handler` learns whether the request came to an address of this
 * machine alone. Requests that are pipelined on one connection are answered one after the other.
 *
 * @throws ConfigurationError if an option is out of range.
 */
export function toNodeListener(
  handle: (request: Request) => Promise<Response>,
  options: NodeListenerOptions = {},
): NodeListener {
  const { drainTimeoutMs = defaultDrainMs } = own(options);
  checkMilliseconds({ drainTimeoutMs });

  return async (given, reply) => {
    const incoming = isWrapped(given) ? given.raw : given;
    const outgoing = isWrapped(reply) ? reply.raw : reply;
    if (isWrapped(reply)) reply.hijack?.();
    const { socket } = incoming;
    // Streams of HTTP/2 share a connection, and are answered side by side.
    const turn = incoming.httpVersionMajor === 2 ? () => {} : takeTurn(socket);
    if (!turn) return void socket.destroy();
    const isPipelined = typeof turn !== "function";
    const endTurn = isPipelined ? await turn : turn;
    const left = new AbortController();
    let finished = false;
    const onClose = () => {
      if (!finished) left.abort(new Error("The client left."));
      endTurn();
    };
    outgoing.on("close", onClose);
    // Until the answer before it is sent, Node has not connected this one, and would not tell it of the end.
    if (isPipelined) socket.on?.("close", onClose);
    try {
      // The client may have left while other middleware was at work, or other requests.
      if (socket.destroyed) return;
      const request = toRequest(incoming, given, left.signal);
      const { localAddress } = socket;
      if (request && localAddress !== undefined) setLocalAddress(request, localAddress);
      const response = request ? await handle(request) : makeResponse(null, 400);
      await sendResponse(response, outgoing, drainTimeoutMs);
      finished = true;
      if (!incoming.complete) lingerThenClose(incoming);
    } catch {
      // The handler itself failed, or its body in the middle: an answer that is cut off must not look complete.
      if (!outgoing.headersSent) await sendResponse(makeResponse(null, 500), outgoing, drainTimeoutMs);
      else socket.destroy();
    } finally {
      if (isPipelined) socket.off?.("close", onClose);
      endTurn();
    }
  };
}

function isWrapped<Wrapped extends { readonly raw: unknown }>(given: object): given is Wrapped {
  return Object.hasOwn(given, "raw");
}

/** Headers that speak of the bytes as they came over the wire. */
const headersOfBytes = ["content-length", "content-encoding", "transfer-encoding"];

/** Undefined if the request has no valid host, or a method that a Request does not support. */
function toRequest(incoming: NodeRequest, parsed: ParsedRequest, signal: AbortSignal): Request | undefined {
  const { method = "GET", url = "/", rawHeaders, socket } = incoming;
  // HTTP/2 has its own name for it.
  const host = String(incoming.headers.host || incoming.headers[":authority"] || "");
  // The host becomes a part of the address, and must not bring a path along.
  if (!parseHost(host)) return undefined;
  try {
    const origin = `http${socket.encrypted ? "s" : ""}://${host}`;
    // Proxies send the whole address; which way it came is known better here.
    const { pathname, search } = url.startsWith("/") ? { pathname: url, search: "" } : new URL(url);
    const body = method === "GET" || method === "HEAD" ? null : bodyOf(incoming, parsed);
    const headers = headersOf(rawHeaders);
    headers.set("host", host);
    if (body instanceof Uint8Array) {
      for (const name of headersOfBytes) headers.delete(name);
      headers.set("content-length", String(body.byteLength));
    }
    const init = { method, headers, signal, body, ...(body && { duplex: "half" }) };
    return new Request(`${origin}${pathname}${search}`, own(init) as RequestInit);
  } catch {
    return undefined;
  }
}

function headersOf(rawHeaders: readonly string[]): Headers {
  const headers = new Headers();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name = "", value = ""] = [rawHeaders[index], rawHeaders[index + 1]];
    if (!name.startsWith(":")) headers.append(name, value);
  }
  return headers;
}

/** A connection that closes while the client still sends takes the answer with it. What still comes is thrown away. */
function lingerThenClose(incoming: NodeRequest): void {
  const timer = setTimeout(() => incoming.socket.destroy(), lingerMs);
  const stop = () => clearTimeout(timer);
  incoming.on("end", stop);
  incoming.on("close", stop);
  incoming.resume();
}
