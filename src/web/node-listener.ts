import { setLocalAddress } from "./local-address.js";
import { type NodeResponse, sendResponse } from "./node-response.js";

/** What is needed of `http.IncomingMessage`, so that nothing of Node is imported. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly rawHeaders: readonly string[];
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
  /** Whether the whole request was received. */
  readonly complete: boolean;
  readonly socket: { readonly encrypted?: boolean; readonly localAddress?: string | undefined; destroy(): unknown };
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  on(event: "end" | "error" | "close", listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

/** How long a client whose body is not read may go on sending it, so that it sees the answer, in milliseconds. */
const lingerMs = 2_000;

/**
 * Lets `node:http` serve a handler: `createServer(toNodeListener(handler(…)))`. The request's signal aborts when the
 * client leaves, and `handler` learns whether the request came to an address of this machine alone.
 */
export function toNodeListener(
  handle: (request: Request) => Promise<Response>,
): (incoming: NodeRequest, outgoing: NodeResponse) => Promise<void> {
  return async (incoming, outgoing) => {
    const left = new AbortController();
    let finished = false;
    outgoing.on("close", () => {
      if (!finished) left.abort(new Error("The client left."));
    });
    try {
      const request = toRequest(incoming, left.signal);
      const { localAddress } = incoming.socket;
      if (request && localAddress !== undefined) setLocalAddress(request, localAddress);
      const response = request ? await handle(request) : new Response(null, { status: 400 });
      await sendResponse(response, outgoing);
      finished = true;
      if (!incoming.complete) lingerThenClose(incoming);
    } catch {
      // The handler itself failed, or its body in the middle: an answer that is cut off must not look complete.
      if (!outgoing.headersSent) await sendResponse(new Response(null, { status: 500 }), outgoing);
      else incoming.socket.destroy();
    }
  };
}

/** Undefined where the request has no host, or a method that no Request takes. */
function toRequest(incoming: NodeRequest, signal: AbortSignal): Request | undefined {
  const { method = "GET", url = "/", rawHeaders, socket } = incoming;
  // HTTP/2 has its own name for it.
  const host = incoming.headers.host || incoming.headers[":authority"];
  if (!host) return undefined;
  try {
    const origin = `http${socket.encrypted ? "s" : ""}://${host}`;
    // Proxies send the whole address; which way it came is known better here.
    const { pathname, search } = url.startsWith("/") ? { pathname: url, search: "" } : new URL(url);
    const headers = new Headers();
    for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
      const [name = "", value = ""] = [rawHeaders[index], rawHeaders[index + 1]];
      if (!name.startsWith(":")) headers.append(name, value);
    }
    headers.set("host", String(host));
    const body = method === "GET" || method === "HEAD" ? null : bodyOf(incoming);
    return new Request(`${origin}${pathname}${search}`, {
      method,
      headers,
      signal,
      body,
      ...(body && { duplex: "half" }),
    } as RequestInit);
  } catch {
    return undefined;
  }
}

/** Nothing is received before it is wanted. Cancelled, it stops; the connection stays, so that it can carry the answer. */
function bodyOf(incoming: NodeRequest): ReadableStream<Uint8Array> {
  let over = false;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const end = (act: () => void) => () => {
          if (!over) act();
          over = true;
        };
        incoming.on("data", (chunk) => {
          if (over) return;
          controller.enqueue(new Uint8Array(chunk));
          incoming.pause();
        });
        incoming.on(
          "end",
          end(() => controller.close()),
        );
        const broken = () => controller.error(new Error("The request broke off."));
        incoming.on("error", end(broken));
        incoming.on("close", end(broken));
        incoming.pause();
      },
      pull: () => void incoming.resume(),
      cancel() {
        over = true;
        incoming.pause();
      },
    },
    { highWaterMark: 0 },
  );
}

/** A connection that closes while the client still sends takes the answer with it. What still comes is thrown away. */
function lingerThenClose(incoming: NodeRequest): void {
  const timer = setTimeout(() => incoming.socket.destroy(), lingerMs);
  const stop = () => clearTimeout(timer);
  incoming.on("end", stop);
  incoming.on("close", stop);
  incoming.resume();
}
