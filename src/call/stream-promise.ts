import type { CallChunk } from "../chunk.js";
import type { CallStream } from "../stream.js";

type Tuple<T> = [chunk: CallChunk, tool: T | undefined];

/** A stream that may be awaited, or iterated at once. */
export interface StreamPromise<T = never> extends Promise<CallStream<T>>, AsyncIterable<Tuple<T>> {
  /** Closes the connection, also before the provider has answered; whoever waits or reads gets an AbortedError. */
  abort(reason?: unknown): void;
}

/**
 * The request is sent now. Whoever iterates without awaiting gets its error in the loop.
 *
 * @param open Begins the stream, which ends when the signal aborts.
 */
export function streamPromise<T>(open: (signal: AbortSignal) => Promise<CallStream<T>>): StreamPromise<T> {
  const controller = new AbortController();
  const opening = open(controller.signal);
  // Until somebody awaits or iterates, a failure is nobody's yet.
  opening.catch(() => {});
  return Object.assign(opening, {
    async *[Symbol.asyncIterator](): AsyncGenerator<Tuple<T>, void> {
      yield* await opening;
    },
    abort: (reason?: unknown) => controller.abort(reason),
  });
}
