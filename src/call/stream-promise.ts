import type { CallChunk } from "../chunk.js";
import type { CallStream } from "../stream.js";

type Tuple<T> = [chunk: CallChunk, tool: T | undefined];

/** A stream that may be awaited, or iterated at once. */
export interface StreamPromise<T = never> extends Promise<CallStream<T>>, AsyncIterable<Tuple<T>> {}

/** The request is sent now. Whoever iterates without awaiting gets its error in the loop. */
export function streamPromise<T>(open: () => Promise<CallStream<T>>): StreamPromise<T> {
  const opening = open();
  // Until somebody awaits or iterates, a failure is nobody's yet.
  opening.catch(() => {});
  return Object.assign(opening, {
    async *[Symbol.asyncIterator](): AsyncGenerator<Tuple<T>, void> {
      yield* await opening;
    },
  });
}
