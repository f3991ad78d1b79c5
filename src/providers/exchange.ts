import type { EventSourceMessage } from "eventsource-parser";
import {
  AbortedError,
  attachRequestId,
  CallwrightError,
  ConnectionError,
  type ProviderError,
  StreamInterruptedError,
  type UnexpectedResponseError,
} from "../errors.js";
import type { ModelEvent, ModelRequest } from "../model.js";
import { redactError } from "../redact.js";
import { Attempt } from "../transport/attempt.js";
import { type ByteSource, bytesOf, readText } from "../transport/body.js";
import { limitsFor, longestText, overLimit } from "../transport/limits.js";
import { after, now } from "../wait.js";
import { type EventReader, eventReader } from "./event-reader.js";
import { failureInText } from "./failure/failure-in.js";
import { bodyOf, unexpected } from "./failure/unexpected.js";
import { wholeCharacters } from "./whole-characters.js";

export type Emit = (event: ModelEvent) => void;

/** What one provider's wire format is, for one request. */
export interface Wire {
  /** The provider's name, for errors and the `open` event. */
  readonly provider: string;
  /** The response header that names the request. */
  readonly requestIdHeader: string;
  /** Sends the request through the vendor's SDK; its errors come as ours. What the wire cannot say, it warns of. */
  send(attempt: Attempt, warn: Emit): Promise<Response>;
  /** Turns the body of a request without streaming into events. */
  decodeBody(body: unknown, emit: Emit, answer: WholeAnswer): void;
  streamDecoder(emit: Emit, maxToolCalls: number): StreamDecoder;
}

/** What a decoder is told of the whole answer besides its body. */
export interface WholeAnswer {
  readonly maxToolCalls: number;
  /** The error for a body that is JSON, but no answer; `what` goes on after "The answer of …". */
  unexpected(what: string): ProviderError;
}

export interface StreamDecoder {
  decode(event: EventSourceMessage): void;
  /** The terminator was seen. */
  readonly done: boolean;
  /**
   * Since when, in milliseconds of `now()`, the answer seems complete, but for its usage, which some servers never send.
   * Another number starts the wait for it anew; undefined takes the claim back.
   */
  readonly completeSince: number | undefined;
  /** How long such an answer waits. @default 1000 */
  readonly graceMs?: number | undefined;
  /** The body ended, or nobody waits any longer. Throws if that is too early. */
  end(): void;
}

const usageGraceMs = 1000;

/** Runs one request over a wire. The request is sent when the first event is asked for. */
export function exchange(request: ModelRequest, wire: Wire): AsyncIterable<ModelEvent> {
  return { [Symbol.asyncIterator]: () => new Exchange(request, wire) };
}

/**
 * Hands out the events of a network chunk one by one, each with a single promise. A generator would read better,
 * but costs as much per chunk as all the rest together.
 */
class Exchange implements AsyncIterator<ModelEvent, undefined> {
  readonly #request: ModelRequest;
  readonly #wire: Wire;
  readonly #limits: ReturnType<typeof limitsFor>;
  readonly #queue: ModelEvent[] = [];
  #head = 0;
  #attempt: Attempt | undefined;
  #requestId: string | undefined;
  #source: ByteSource | undefined;
  #decoder: StreamDecoder | undefined;
  #events: EventReader | undefined;
  /** What of a stream has come, uncompressed. */
  #bytes = 0;
  #state: "new" | "reading" | "drained" | "closed" = "new";
  /** What broke while earlier events of the same chunk still wait to be handed out. */
  #broken: { readonly error: unknown } | undefined;
  /** `completeSince` of the decoder when it was last looked at, and how long was waited for more since then. */
  #completeSince: number | undefined;
  #silentMs = 0;

  constructor(request: ModelRequest, wire: Wire) {
    this.#request = request;
    this.#wire = wire;
    this.#limits = limitsFor(request);
  }

  next(): Promise<IteratorResult<ModelEvent, undefined>> {
    const event = this.#queue.at(this.#head);
    if (event === undefined || this.#attempt?.failure !== undefined) return this.#pull();
    this.#head++;
    return Promise.resolve({ value: event, done: false });
  }

  async return(): Promise<IteratorResult<ModelEvent, undefined>> {
    // Where all has come, the connection is not to blame for what nobody reads.
    this.#close(this.#state !== "drained");
    return { value: undefined, done: true };
  }

  async #pull(): Promise<IteratorResult<ModelEvent, undefined>> {
    try {
      for (;;) {
        if (this.#state === "closed") return { value: undefined, done: true };
        const failure = this.#attempt?.failure;
        // The caller wants nothing more. After any other failure, what came before it is still handed out.
        if (failure instanceof AbortedError) throw failure;
        const event = this.#queue.at(this.#head);
        if (event !== undefined) {
          this.#head++;
          return { value: event, done: false };
        }
        if (failure !== undefined) throw failure;
        this.#queue.length = this.#head = 0;
        if (this.#broken) throw this.#broken.error;
        if (this.#state === "drained") this.#close(false);
        else if (this.#state === "new") await this.#open();
        else await this.#read();
      }
    } catch (error) {
      this.#close(true);
      attachRequestId(error, this.#requestId);
      this.#redact(error);
      throw error;
    }
  }

  /** Here pass all errors of a provider, whoever made them. */
  #redact(error: unknown): void {
    // What a caller aborts with is the caller's.
    if (error instanceof AbortedError) return;
    const secrets = this.#attempt?.secrets?.() ?? [];
    // Servers of one's own are given their own name for a key, which every message says.
    redactError(
      error,
      secrets.filter((secret) => secret !== this.#wire.provider),
    );
  }

  readonly #emit: Emit = (event) => {
    this.#attempt?.note(event);
    this.#queue.push(event);
  };

  async #open(): Promise<void> {
    this.#state = "reading";
    const attempt = new Attempt(this.#request, this.#wire.provider);
    this.#attempt = attempt;
    if (attempt.failure !== undefined) throw attempt.failure;
    const warnings: ModelEvent[] = [];
    const sending = this.#wire.send(attempt, (warning) => warnings.push(warning));
    const response = await attempt.race(sending).catch((error) => {
      // A fetch that ignores its signal may still get an answer, whose connection nobody would close.
      sending.then(({ body }) => bytesOf(body).destroy()).catch(() => {});
      throw error;
    });
    const { provider, requestIdHeader } = this.#wire;
    const requestId = response.headers.get(requestIdHeader) ?? undefined;
    this.#requestId = requestId;
    this.#source = bytesOf(response.body);
    this.#emit({
      type: "open",
      provider,
      requestId,
      // Few look at them, and each call would pay for the copy.
      get headers() {
        return Object.fromEntries(response.headers);
      },
      queuedMs: attempt.queuedMs,
    });
    warnings.forEach(this.#emit);
    await this.#decode(response, attempt);
  }

  /** A stream is decoded as it comes; anything else is read at once. */
  async #decode(response: Response, attempt: Attempt): Promise<void> {
    const { provider } = this.#wire;
    const { maxResponseBytes, maxEventChars, maxToolCalls } = this.#limits;
    const requestId = this.#requestId;
    const contentType = response.headers.get("content-type") ?? "";
    const refuse = (text: string, what: string) =>
      (this.#request.stream ? failureInText(provider, text) : undefined) ??
      unexpected(provider, requestId, contentType, text, what);
    const emit = wholeCharacters(this.#emit);
    if (this.#request.stream) {
      this.#decoder = this.#wire.streamDecoder(emit, maxToolCalls);
      this.#events = eventReader(provider, this.#decoder, maxEventChars, refuse);
      // Looked at here, so that an error in the place of the stream is thrown by the call, not by its loop.
      if (/\b(json|html)\b/i.test(contentType)) await this.#readBeginning(this.#events);
      return;
    }
    const source = this.#source as ByteSource;
    // For a client of the caller's own, which has a transport of its own.
    attempt.watchBody();
    const reading = readText(source, Math.min(maxResponseBytes, longestText), () => attempt.noteBytes());
    const text = await attempt.race(reading).catch((cause) => {
      throw attempt.failure ?? new ConnectionError("The connection broke in the middle of the answer.", { cause });
    });
    attempt.stopWatching();
    if (text === undefined) throw this.#tooLong();
    const body = bodyOf(provider, requestId, contentType, text);
    this.#wire.decodeBody(body, emit, { maxToolCalls, unexpected: (what) => refuse(text, what) });
    this.#state = "drained";
  }

  /** Reads until it is known whether the body is an event stream, whatever its content-type is. */
  async #readBeginning(events: EventReader): Promise<void> {
    while (this.#state === "reading" && !events.isStream) await this.#read();
    if (this.#broken && !events.isStream) throw this.#broken.error;
  }

  async #read(): Promise<void> {
    const decoder = this.#decoder as StreamDecoder;
    const chunk = await (this.#attempt as Attempt).race(this.#readInTime(decoder)).catch((cause) => {
      throw CallwrightError.isInstance(cause) ? cause : interrupted(cause);
    });
    try {
      if (chunk) {
        this.#bytes += chunk.byteLength;
        if (this.#bytes > this.#limits.maxResponseBytes) throw this.#tooLong();
        this.#events?.read(chunk);
      } else {
        this.#events?.end();
        decoder.end();
      }
    } catch (error) {
      this.#broken = { error };
    }
    if (chunk && !decoder.done && !this.#broken) {
      // Silence after a complete answer is not a stall.
      if (decoder.completeSince === undefined) this.#attempt?.resumeWatching();
      else this.#attempt?.stopWatching();
      return;
    }
    this.#attempt?.stopWatching();
    this.#state = "drained";
    if (this.#broken) this.#source?.destroy();
    else this.#source?.release();
  }

  #tooLong(): UnexpectedResponseError {
    const what = `more than ${this.#limits.maxResponseBytes} bytes in one answer`;
    return overLimit(this.#wire.provider, what, "maxResponseBytes");
  }

  /** The next chunk; undefined at the end of the body, or when a complete answer waited long enough for more. */
  #readInTime(decoder: StreamDecoder): Promise<Uint8Array | undefined> {
    const reading = (this.#source as ByteSource).read();
    if (decoder.completeSince === undefined) return reading;
    if (decoder.completeSince !== this.#completeSince) this.#silentMs = 0;
    this.#completeSince = decoder.completeSince;
    // Only the time counts in which somebody waits; a consumer may be slow.
    const began = now();
    const left = (decoder.graceMs ?? usageGraceMs) - this.#silentMs;
    return new Promise((resolve, reject) => {
      const cancel = after(left, () => resolve(undefined));
      const settle = (chunk: Uint8Array | undefined) => {
        this.#silentMs += now() - began;
        resolve(chunk);
      };
      // Nothing was lost: the answer is complete, whatever the connection does now.
      reading
        .then(settle, () => settle(undefined))
        .finally(cancel)
        .catch(reject);
    });
  }

  #close(early: boolean): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    if (early) {
      this.#attempt?.fail(new StreamInterruptedError("The answer was not read to its end."));
      this.#source?.destroy();
    } else this.#attempt?.close();
  }
}

export function interrupted(cause?: unknown): StreamInterruptedError {
  return new StreamInterruptedError(
    cause === undefined
      ? "The stream ended before the provider said that the answer is complete."
      : "The connection broke in the middle of the stream.",
    cause === undefined ? {} : { cause },
  );
}
