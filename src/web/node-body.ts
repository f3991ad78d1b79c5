import { own } from "../own.js";
import { isBytes } from "../realm.js";
import { RequestError } from "./public-error.js";

/** What a body parser leaves on a request, and what shows that it was at work. */
export interface ParsedRequest {
  /** What a parser made of the body: an object or list of `json()`, a string of `text()`, bytes of `raw()`. */
  readonly body?: unknown;
  /** The bytes as they came, which cloud functions and NestJS keep beside `body`. */
  readonly rawBody?: unknown;
}

/** What is read of an `http.IncomingMessage`. */
export interface NodeBody extends ParsedRequest {
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined };
  readonly httpVersionMajor?: number;
  /** Whether data was read from the body. */
  readonly readableDidRead?: boolean;
  /** Whether the body was read to its end. */
  readonly readableEnded?: boolean;
  readonly destroyed?: boolean;
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  on(event: "end" | "error" | "close", listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

/**
 * The body of a request: received as it is wanted, or what is left of it if a parser has read it before. A parser that
 * skips a request, because of its type for example, may set `body` all the same, so `body` counts only if the request
 * was read.
 *
 * @param parsed What the parser left.
 */
export function bodyOf(incoming: NodeBody, parsed: ParsedRequest): ReadableStream<Uint8Array> | Uint8Array {
  if (!incoming.readableDidRead && !incoming.readableEnded) return receivedBody(incoming);
  const { "content-length": length, "transfer-encoding": coding } = incoming.headers;
  const isEmpty = length === "0" || (incoming.httpVersionMajor === 1 && length === undefined && coding === undefined);
  if (isEmpty) return new Uint8Array();
  const body = leftOn(parsed, "body");
  const bytes = bytesOf(leftOn(parsed, "rawBody")) ?? bytesOf(body);
  if (bytes) return bytes;
  return body === undefined ? failed(alreadyRead()) : new TextEncoder().encode(JSON.stringify(body));
}

/** A member of the request itself, or of its class; not what another package put on the prototype of all objects. */
function leftOn(parsed: ParsedRequest, name: keyof ParsedRequest): unknown {
  const value = parsed[name];
  return value === (Object.prototype as ParsedRequest)[name] ? undefined : value;
}

function alreadyRead(): RequestError {
  return new RequestError(
    500,
    "body_already_read",
    "A body parser, such as express.json() or Fastify's own, has read this request before callwright's handler and left no body on it. Mount the handler before the parser, or set request.body to what the parser made.",
  );
}

function failed(error: Error): ReadableStream<Uint8Array> {
  return new ReadableStream(own({ start: (controller: ReadableStreamDefaultController) => controller.error(error) }));
}

function bytesOf(body: unknown): Uint8Array | undefined {
  if (typeof body === "string") return new TextEncoder().encode(body);
  return isBytes(body) ? body : undefined;
}

/** Nothing is received before it is wanted. Cancelled, it stops; the connection stays, so that it can carry the answer. */
function receivedBody(incoming: NodeBody): ReadableStream<Uint8Array> {
  if (incoming.destroyed) return failed(new Error("The request broke off."));
  let over = false;
  const source: UnderlyingDefaultSource<Uint8Array> = {
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
  };
  return new ReadableStream(own(source), own({ highWaterMark: 0 }));
}
