import { AbortedError } from "./errors.js";
import { isError } from "./realm.js";

/** What an aborted signal becomes. */
export function abortedBy(reason: unknown): AbortedError {
  const cause = isError(reason) ? reason : undefined;
  return new AbortedError(`The call was aborted${cause?.message ? `: ${cause.message}` : "."}`, {
    reason,
    ...(cause && { cause }),
  });
}

/** What waits for each signal. */
const hubs = new WeakMap<AbortSignal, { readonly acts: Set<() => void>; readonly listener: () => void }>();

/**
 * Calls `act` when the signal aborts, unless it is taken back by the returned function.
 *
 * However many wait for one signal, it bears one listener, since Node warns of a leak where there are more than ten;
 * and none when nobody waits any more.
 */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  const hub = hubs.get(signal) ?? openHub(signal);
  hub.acts.add(act);
  return () => {
    hub.acts.delete(act);
    if (hub.acts.size > 0 || hubs.get(signal) !== hub) return;
    hubs.delete(signal);
    signal.removeEventListener("abort", hub.listener);
  };
}

function openHub(signal: AbortSignal) {
  const acts = new Set<() => void>();
  const listener = () => {
    hubs.delete(signal);
    for (const act of acts) act();
  };
  const hub = { acts, listener };
  hubs.set(signal, hub);
  signal.addEventListener("abort", listener, { once: true });
  return hub;
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
      unlink?.();
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, longestTimer));
    const unlink =
      signal &&
      onAbort(signal, () => {
        clearTimeout(timer);
        reject(abortedBy(signal.reason));
      });
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
    if (!signal.aborted) return onAbort(signal, abort);
    abort();
    return () => {};
  });
  return { controller, unlink: () => stops.forEach((stop) => void stop()) };
}
