import { closeQuietly } from "./close-quietly.js";
import { checkConcurrency } from "./numbers.js";
import { own } from "./own.js";
import { runInScope } from "./scope.js";
import { abortedBy, linkSignals } from "./wait.js";

export interface ParallelOptions {
  /** How many run at the same time. @default all */
  concurrency?: number | undefined;
  /** Aborts those that run, and starts no more. */
  signal?: AbortSignal | undefined;
}

export type Outcome<R> = { readonly ok: true; readonly value: R } | { readonly ok: false; readonly error: unknown };

type Items<I> = Iterable<I> | AsyncIterable<I>;
type Work<I, R> = (item: I, context: { signal: AbortSignal; index: number }) => Promise<R>;

/**
 * Runs `fn` for each item, several at the same time, and gives the results in the order of the items. Calls that `fn`
 * makes are aborted with it. The items may come one by one; no more are taken than run.
 *
 * @param options.settle Gives every outcome instead of throwing the first failure. @default false
 * @throws The first failure, of `fn` or of the items, and aborts the others; AbortedError where `signal` aborts. It
 * does not wait for functions that do not listen to their signal.
 */
export function parallel<I, R>(
  items: Items<I>,
  fn: Work<I, R>,
  options: ParallelOptions & { settle: true },
): Promise<Outcome<R>[]>;
export function parallel<I, R>(
  items: Items<I>,
  fn: Work<I, R>,
  options?: ParallelOptions & { settle?: false | undefined },
): Promise<R[]>;
export async function parallel<I, R>(
  items: Items<I>,
  fn: Work<I, R>,
  options: ParallelOptions & { settle?: boolean | undefined } = {},
): Promise<unknown[]> {
  const { concurrency = Number.POSITIVE_INFINITY, settle = false, signal: caller } = own(options);
  checkConcurrency({ concurrency });
  const isAsync = typeof (items as AsyncIterable<I>)[Symbol.asyncIterator] === "function";
  const source = isAsync
    ? (items as AsyncIterable<I>)[Symbol.asyncIterator]()
    : (items as Iterable<I>)[Symbol.iterator]();
  const { controller, unlink } = linkSignals(caller ? [caller] : []);
  const { signal } = controller;
  const results: unknown[] = [];
  let running = 0;
  let failure: { readonly error: unknown } | undefined;

  // The loop waits for one thing at a time, or for the abort. A race would leave something behind at each round.
  let stopWaiting = () => {};
  signal.addEventListener("abort", () => stopWaiting());
  const wait = <T>(wanted: Promise<T>) =>
    new Promise<T | undefined>((resolve, reject) => {
      stopWaiting = () => resolve(undefined);
      wanted.then(resolve, reject);
    });
  let oneIsDone = () => {};
  const waitForOne = () =>
    wait(
      new Promise<void>((resolve) => {
        oneIsDone = resolve;
      }),
    );

  const fail = (error: unknown) => {
    if (signal.aborted) return;
    failure = { error };
    controller.abort(new Error("Another item failed.", { cause: error }));
  };

  const start = async (item: I, index: number) => {
    running++;
    try {
      const value = await runInScope({ signal }, () => fn(item, { signal, index }));
      results[index] = settle ? { ok: true, value } : value;
    } catch (error) {
      if (settle) results[index] = { ok: false, error };
      else fail(error);
    }
    running--;
    oneIsDone();
  };

  try {
    for (let index = 0; !signal.aborted; index++) {
      const step = isAsync ? await wait(Promise.resolve(source.next())) : (source.next() as IteratorResult<I>);
      if (!step || step.done) break;
      void start(step.value, index);
      while (running >= concurrency && !signal.aborted) await waitForOne();
    }
    while (running > 0 && !signal.aborted) await waitForOne();
  } catch (error) {
    fail(error);
  } finally {
    unlink();
  }
  if (!signal.aborted) return results;
  void closeQuietly(source);
  throw failure ? failure.error : abortedBy(signal.reason);
}
