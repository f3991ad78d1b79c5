import type { FinishReason } from "../model.js";

/** How the wire server answers one request. What is given first in this list wins: `drop`, `tcp`, `raw`, `json`, `chunks`, an error status, a model's answer. */
export interface WireReply {
  /**
   * The HTTP status. From 400 on, and without a body of its own, the reply is an error in the wire's format.
   *
   * @default 200
   */
  readonly status?: number;
  /** Further headers of the response; they win over the server's own. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Milliseconds before the headers; `Infinity` never answers.
   *
   * @default 0
   */
  readonly delayMs?: number;
  /** Closes the connection instead of answering, after `delayMs`: by a TCP reset, or by a plain end. */
  readonly drop?: "reset" | "end";

  /**
   * What the model says; encoded for whichever wire asks, plain or streamed. In a stream each element is one chunk;
   * an async iterable decides when each is sent. With an error status it is the error's message.
   *
   * @default "Hello from the wire server.", or no text where there are tool calls
   */
  readonly text?: string | readonly string[] | AsyncIterable<string>;
  /** The tools that the model asks for. */
  readonly toolCalls?: readonly WireToolCall[];
  /**
   * The tokens that the answer reports; `null` reports none, as some compatible servers do.
   *
   * @default { input: 10, output: 5 }
   */
  readonly usage?: WireUsage | null;
  /**
   * Why the model stopped, in the library's words.
   *
   * @default "tool-calls" where there are tool calls, else "stop"
   */
  readonly finishReason?: Exclude<FinishReason, "pause" | "unknown">;

  /** A JSON body as it stands, instead of a model's answer. */
  readonly json?: unknown;
  /** A body as it stands, instead. Its type is `text/event-stream` when the request asked for a stream, else `application/json`, unless `headers` say otherwise. */
  readonly raw?: string | Uint8Array;
  /**
   * The chunks of a stream, instead: an object is sent as an event of the wire, a string or bytes as they stand
   * (`": ping\n\n"`, `"data: [DONE]\n\n"`). No terminator is added. An async iterable decides when each is sent.
   */
  readonly chunks?: Iterable<object | string> | AsyncIterable<object | string>;

  /**
   * Milliseconds between two chunks.
   *
   * @default 0
   */
  readonly gapMs?: number;
  /** Destroys the connection after so many chunks of the body. A whole body is one chunk, unless `splitAt` divides it. */
  readonly cutAfter?: number;
  /** Ends the body after so many chunks as if it were complete, without what would follow. */
  readonly endAfter?: number;
  /** Sends an overload as the wire's error event after so many chunks, then ends the body. */
  readonly errorAfter?: number;
  /** Sends nothing more after so many chunks and leaves the connection open; `Infinity` sends all and does not end. */
  readonly hangAfter?: number;
  /** Where the bytes of the body are divided into separate TCP writes, counted from its start. Replaces the division into chunks. */
  readonly splitAt?: "every-byte" | readonly number[];

  /**
   * Writes the answer to the TCP connection itself, below HTTP, one step after the other; it is given what the server
   * would have sent. When its steps are used up, the body is ended as HTTP wants it and the connection is closed.
   * `gapMs`, `cutAfter`, `endAfter`, `errorAfter`, `hangAfter` and `splitAt` do not apply, and a `text` that is a string
   * is streamed word by word. `faults` are made of this.
   */
  readonly tcp?: (answer: WireAnswer) => Iterable<TcpStep> | AsyncIterable<TcpStep>;
}

/** What the server would have sent, for `tcp` to change. */
export interface WireAnswer {
  readonly wire: WireName;
  /** Whether the request asked for a stream. */
  readonly streamed: boolean;
  /** The events of the stream, or the whole body as one chunk; by `streamed`, also of the kind that was not asked for. */
  body(streamed?: boolean): AsyncIterable<WireChunk>;
}

export interface WireChunk {
  readonly text: string;
  /** Whether it brings a piece of the text or of a tool's arguments. The body of a plain answer does. */
  readonly isDelta: boolean;
}

/** What `tcp` does next. */
export type TcpStep =
  /** These bytes, as they stand. */
  | string
  | Uint8Array
  /** The status line and the headers, with changes: names in lower case, `null` leaves one out. */
  | { readonly head: Readonly<Record<string, string | null>>; readonly status?: number }
  /** A chunk of the body, framed as the headers said. */
  | { readonly chunk: string | Uint8Array }
  /** Nothing for so many milliseconds; `Infinity` until the client leaves. */
  | { readonly waitMs: number }
  /** The end of the connection, whatever is still missing: by FIN or by RST. */
  | { readonly close: "end" | "reset" };

export interface WireToolCall {
  readonly name: string;
  /** Sent as JSON. A string is sent as it stands, for arguments that are broken JSON. */
  readonly args: unknown;
  /** @default a new id in the style of the provider */
  readonly id?: string;
}

/** Tokens. `input` counts all input, also what was read from or written to a cache; `output` includes reasoning. */
export interface WireUsage {
  readonly input: number;
  readonly output: number;
  readonly cachedInput?: number;
  readonly cacheWrite?: number;
  readonly reasoning?: number;
}

export type WireName = "openai" | "openai-responses" | "anthropic";

/** A request as the server saw it. */
export interface WireRequest {
  /** Which API was asked; for an unknown path, the one that it looks most like. */
  readonly wire: WireName;
  readonly method: string;
  /** The path as it was sent, with its query. */
  readonly path: string;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed body; the text where it is not JSON, undefined where it is empty. */
  readonly body: any;
  /** Why the server refused it, in the words of the API; undefined if it took it. See `strict`. */
  readonly refused: string | undefined;
  /** Milliseconds of `performance.now()`. */
  readonly arrivedAt: number;
  /** When the answer was sent or the connection was gone, in milliseconds of `performance.now()`. */
  readonly finishedAt: number | undefined;
  /** Whether the client closed the connection before the answer had ended. */
  readonly aborted: boolean;
  /** How many chunks of the answer were handed to the socket. */
  readonly chunksSent: number;
  /** Resolves when the answer was sent or the connection is gone; `finishedAt` and `aborted` are final then. */
  readonly closed: Promise<void>;
}

/** A reply, or what makes one from the request. What it throws becomes the answer: a status of 500 that is not worth a retry. */
export type WireReplyMaker = WireReply | ((request: WireRequest) => WireReply | Promise<WireReply>);
