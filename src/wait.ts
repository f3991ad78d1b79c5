import { AbortedError } from "./errors.js";

/** What an aborted signal becomes. */
export function abortedBy(reason: unknown): AbortedError {
  const cause = reason instanceof Error ? reason : undefined;
  return new AbortedError(`The call was aborted${cause?.message ? `: ${cause.message}` : "."}`, {
    reason,
    ...(cause && { cause }),
  });
}

/** `setTimeout` fires at once above this number of milliseconds. */
export const longestTimer = 2 ** 31 - 1;

/**
 * Resolves after `ms` milliseconds and leaves no listener behind.
 *
 * @throws AbortedError as soon as the signal aborts.
 */
export function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortedBy(signal.reason));
    const done = () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    };
    const stop = () => {
      clearTimeout(timer);
      reject(abortedBy(signal?.reason));
    };
    const timer = setTimeout(done, Math.min(ms, longestTimer));
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Calls `act` after `ms` milliseconds, unless it is cancelled by the returned function; the timer alone keeps no process alive. */
export function after(ms: number, act: () => void): () => void {
  const timer = setTimeout(act, Math.min(Math.max(ms, 0), longestTimer)) as ReturnType<typeof setTimeout> & {
    unref?: () => void;
  };
  timer.unref?.();
  return () => clearTimeout(timer);
}

/** Milliseconds of a clock that is never set back. */
export function now(): number {
  return performance.now();
}

/** One signal for several, linked by hand: `AbortSignal.any` leaks on Node 20. Call `unlink` when nobody needs it any more. */
export function linkSignals(signals: readonly AbortSignal[]): {
  readonly controller: AbortController;
  readonly unlink: () => void;
} {
  const controller = new AbortController();
  const stops = signals.map((signal) => {
    const abort = () => controller.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    return () => signal.removeEventListener("abort", abort);
  });
  return { controller, unlink: () => stops.forEach((stop) => void stop()) };
}
