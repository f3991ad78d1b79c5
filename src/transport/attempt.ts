import { TimeoutError } from "../errors.js";
import { type CallContext, isOutput, type ModelEvent, type ModelRequest, type Timeouts } from "../model.js";
import { abortedBy, after, now, onAbort } from "../wait.js";

/** The key under which an attempt reaches the transport, through the `fetchOptions` that both SDKs pass on. */
export const attemptKey = Symbol.for("callwright.attempt");

/** A header of responses that come from a recording: the pause that they ask for has long passed. */
export const replayedHeader = "x-callwright-replayed";

export const defaultTimeouts = { connectMs: 10_000, firstEventMs: 300_000, idleMs: 300_000, totalMs: 600_000 };

/**
 * One try of one request: its own signal, its time limits, and the first thing that went wrong.
 *
 * The vendor SDKs see this signal and never the caller's, since they leave listeners on it; and what went wrong is
 * kept here, since both rewrite errors that pass through them.
 */
export class Attempt {
  /** Made only for a client or a fetch of the user's own. */
  #controller: AbortController | undefined;
  #disconnect: (() => void) | undefined;
  #unlink: (() => void) | undefined;
  readonly #timeouts: Timeouts;
  #cancelTotal: (() => void) | undefined;
  #cancelQuiet: (() => void) | undefined;
  #quietLimit: { readonly phase: "first-event" | "idle"; readonly ms: number };
  /** Milliseconds that the consumer has waited for the next output, without the wait that is going on. */
  #waited = 0;
  /** When the wait that is going on began; undefined while the consumer has enough. */
  #waitingSince: number | undefined;
  /** Gives what no error of this attempt may show. */
  secrets: (() => readonly string[]) | undefined;
  /** Milliseconds until our transport had sent the request on a connection. */
  queuedMs: number | undefined;
  /** Whether the SDK has handed the request to our transport; undefined for a client of the caller's own, which has another. */
  wasHandedOver: boolean | undefined;
  /** The body of an answer with an error's status, as text. */
  errorText: string | undefined;
  /** Whose answer is awaited, for errors. */
  readonly provider: string;
  #isStream = false;
  #isPaused = false;
  readonly #onProgress: CallContext["onProgress"];
  #failure: unknown;
  #reject: ((error: unknown) => void) | undefined;

  constructor(request: ModelRequest, provider = "the model") {
    this.provider = provider;
    this.#timeouts = request.context?.timeouts ?? {};
    this.#onProgress = request.context?.onProgress;
    this.#quietLimit = { phase: "first-event", ms: this.#timeouts.firstEventMs ?? defaultTimeouts.firstEventMs };
    const { signal: caller } = request;
    if (caller?.aborted) {
      this.fail(abortedBy(caller.reason));
      return;
    }
    if (caller) this.#unlink = onAbort(caller, () => this.fail(abortedBy(caller.reason)));
    const totalMs = this.#timeouts.totalMs ?? defaultTimeouts.totalMs;
    const left = request.context?.deadline === undefined ? totalMs : request.context.deadline - now();
    this.#cancelTotal = after(left, () => this.fail(timedOut("total", totalMs)));
    this.#isStream = request.stream;
  }

  /**
   * The request is on its way: from here on, silence counts. What was loaded before it, such as the vendor's SDK, is no
   * silence of the provider.
   */
  startWatching(): void {
    this.#isPaused = false;
    if (!this.#isStream || this.#cancelQuiet || this.#failure !== undefined) return;
    if (this.#waitingSince !== undefined) this.#waitingSince = now();
    this.#watch(Math.max(this.#quietLimit.ms - this.#waited, 1));
  }

  /** Until `startWatching`, silence does not count: what is loaded in the meantime is not the provider's silence. */
  pauseWatching(): void {
    if (!this.#cancelQuiet || this.#quietLimit.phase !== "first-event") return;
    this.#waited = this.#waitedSoFar();
    this.#isPaused = true;
    this.stopWatching();
  }

  /** The request is handed to what carries it, with everything loaded. */
  handOver(): void {
    this.startWatching();
    this.#onProgress?.("sent");
  }

  /** For a client or a fetch of the user's own; our own transport does with `onFailure`, which costs next to nothing. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#failure !== undefined) this.#controller.abort();
    return this.#controller.signal;
  }

  /** Says how the connection is closed. One attempt has one connection, so the latest word counts. */
  onFailure(disconnect: () => void): void {
    this.#disconnect = disconnect;
  }

  /** The first error of this attempt; it decides over whatever the SDK makes of it. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Ends the attempt: the connection closes, and whoever waits gets the first such error. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.close();
    this.#disconnect?.();
    this.#controller?.abort();
    this.#reject?.(error);
  }

  /** Waits for the network, and rejects as soon as the attempt fails, even where the network never answers. */
  race<T>(pending: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#reject = reject;
      this.#waitingSince ??= now();
      const settle = () => {
        this.#waited = this.#waitedSoFar();
        this.#waitingSince = undefined;
      };
      pending.then(
        (value) => {
          settle();
          resolve(value);
        },
        (error) => reject(this.#failure ?? error),
      );
      if (this.#failure !== undefined) reject(this.#failure);
    });
  }

  /** Tells the attempt what came. Pings and empty chunks are no sign of life; output is. */
  note(event: ModelEvent): void {
    if (!isOutput(event)) return;
    this.#waited = 0;
    if (this.#quietLimit.phase === "idle" || !this.#cancelQuiet) return;
    this.#cancelQuiet();
    this.#quietLimit = this.#idleLimit;
    this.#watch(this.#quietLimit.ms);
  }

  /**
   * The headers of a plain answer are here, so the model has done its work: from now on the silence of the body counts as
   * idle. That of a stream is watched from the hand-over on.
   */
  watchBody(): void {
    if (this.#isStream || this.#cancelQuiet || this.#failure !== undefined) return;
    this.#quietLimit = this.#idleLimit;
    this.noteBytes();
    this.#watch(this.#quietLimit.ms);
  }

  /** Some of a plain body came. */
  noteBytes(): void {
    this.#waited = 0;
    if (this.#waitingSince !== undefined) this.#waitingSince = now();
  }

  /** All output is here, so silence means nothing any more. */
  stopWatching(): void {
    this.#cancelQuiet?.();
    // What comes later must not begin the watch anew.
    this.#cancelQuiet = undefined;
  }

  /** What looked complete was not. */
  resumeWatching(): void {
    if (!this.#cancelQuiet && this.#failure === undefined) this.#watch(this.#quietLimit.ms);
  }

  /** Takes back every timer and listener. */
  close(): void {
    this.#unlink?.();
    this.#cancelTotal?.();
    this.stopWatching();
  }

  // One timer for the whole stream, looked at when it fires, instead of one that is set again with every chunk.
  #watch(ms: number): void {
    this.#cancelQuiet = after(ms, () => {
      const { phase, ms: limit } = this.#quietLimit;
      const left = limit - this.#waitedSoFar();
      // Timers may fire a fraction of a millisecond early.
      if (left <= 1 && this.#waitingSince !== undefined) this.fail(timedOut(phase, limit));
      else this.#watch(Math.max(left, limit / 10));
    });
  }

  get #idleLimit() {
    return { phase: "idle", ms: this.#timeouts.idleMs ?? defaultTimeouts.idleMs } as const;
  }

  #waitedSoFar(): number {
    return this.#waited + (this.#isPaused || this.#waitingSince === undefined ? 0 : now() - this.#waitingSince);
  }
}

const waitedFor = {
  connect: "No connection",
  "first-event": "No output",
  idle: "No further output",
  total: "No complete answer",
};
const optionOf = { connect: "connectMs", "first-event": "firstEventMs", idle: "idleMs", total: "totalMs" };

export function timedOut(phase: TimeoutError["phase"], ms: number, cause?: unknown): TimeoutError {
  return new TimeoutError(`${waitedFor[phase]} within ${ms} ms (timeouts.${optionOf[phase]}).`, {
    phase,
    ...(cause !== undefined && { cause }),
  });
}
