import { runInScope } from "./scope.js";
import { outOfRange } from "./settings.js";
import { abortedBy, linkSignals } from "./wait.js";

export interface ParallelOptions {
  /** How many run at the same time. @default all */
  concurrency?: number | undefined;
  /** Aborts those that run, and starts no more. */
  signal?: AbortSignal | undefined;
}

export type Outcome<R> = { readonly ok: true; readonly value: R } | { readonly ok: false; readonly error: unknown };

type Work<I, R> = (item: I, context: { signal: AbortSignal; index: number }) => Promise<R>;

/**
 * Runs `fn` for each item, several at the same time, and gives the results in the order of the items. Calls that `fn`
 * makes are aborted with it. The items may come one by one; no more are taken than run.
 *
 * @param options.settle Gives every outcome instead of throwing the first failure. @default false
 * @throws The first failure, and aborts the others; AbortedError where `signal` aborts.
 */
export function parallel<I, R>(
  items: Iterable<I> | AsyncIterable<I>,
  fn: Work<I, R>,
  options: ParallelOptions & { settle: true },
): Promise<Outcome<R>[]>;
export function parallel<I, R>(
  items: Iterable<I> | AsyncIterable<I>,
  fn: Work<I, R>,
  options?: ParallelOptions & { settle?: false | undefined },
): Promise<R[]>;
export async function parallel<I, R>(
  items: Iterable<I> | AsyncIterable<I>,
  fn: Work<I, R>,
  options: ParallelOptions & { settle?: boolean | undefined } = {},
): Promise<unknown[]> {
  const { concurrency = Number.POSITIVE_INFINITY, settle = false, signal: caller } = options;
  if (!(concurrency >= 1)) throw outOfRange("concurrency", "at least 1", concurrency);
  const { controller, unlink } = linkSignals(caller ? [caller] : []);
  const { signal } = controller;
  const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  const results: unknown[] = [];
  const running = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;

  const start = (item: I, index: number) => {
    const work = runInScope({ signal }, async () => fn(item, { signal, index }));
    const tracked = work
      .then(
        (value) => {
          results[index] = settle ? { ok: true, value } : value;
        },
        (error) => {
          results[index] = { ok: false, error };
          if (settle || signal.aborted) return;
          failure = { error };
          controller.abort(new Error("Another item failed.", { cause: error }));
        },
      )
      .finally(() => running.delete(tracked));
    running.add(tracked);
  };

  const source = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  try {
    for (let index = 0; !signal.aborted; index++) {
      const step = await Promise.race([source.next(), aborted]);
      if (!step || step.done) break;
      start(step.value, index);
      while (running.size >= concurrency && !signal.aborted) await Promise.race([...running, aborted]);
    }
    // Whoever does not listen to the signal is not waited for.
    await Promise.race([Promise.all(running), aborted]);
    if (failure) throw failure.error;
    if (caller?.aborted) throw abortedBy(caller.reason);
    return results;
  } finally {
    unlink();
    if (signal.aborted) void source.return?.();
  }
}
