import { closeQuietly } from "../close-quietly.js";
import { AbortedError, StreamInterruptedError } from "../errors.js";
import type { Model, ModelEvent, ModelRequest } from "../model.js";
import { memberOf } from "../own.js";
import { abortedBy, after, onAbort } from "../wait.js";

/** What happens around one run of a model, in this order. */
export interface Watcher {
  /** Waits until the model may be asked, or throws; gives the request that is sent. */
  begin(): ModelRequest | Promise<ModelRequest>;
  /** What the consumer gets, once, if `begin` takes longer than this many milliseconds. */
  readonly ifSlow?: { readonly afterMs: number; readonly event: () => ModelEvent } | undefined;
  /** Sees each event before the consumer does. */
  see(event: ModelEvent): void;
  /** Once, where the run began: without an error at its finish, with an AbortedError where it was aborted or left. */
  end(error: unknown): void;
}

/** Runs a model under a watcher, who hears of the end in every case: also of a stream that was dropped, by its signal. */
export function watch(model: Model, request: ModelRequest, watcher: Watcher): AsyncIterable<ModelEvent> {
  return { [Symbol.asyncIterator]: () => new Watched(model, request, watcher) };
}

const done: IteratorResult<ModelEvent> = { value: undefined, done: true };

/** Hands the promises of the model through, so that the consumer of a stream does not wait for those who look on. */
class Watched implements AsyncIterator<ModelEvent> {
  readonly #model: Model;
  readonly #request: ModelRequest;
  readonly #watcher: Watcher;
  #events: AsyncIterator<ModelEvent> | undefined;
  #state: "new" | "begun" | "over" = "new";
  #unlink: (() => void) | undefined;
  #beginning: Promise<void> | undefined;
  #saidSlow = false;
  /** What the watcher threw. The consumer gets it instead of the next event. */
  #broken: { readonly error: unknown } | undefined;

  constructor(model: Model, request: ModelRequest, watcher: Watcher) {
    this.#model = model;
    this.#request = request;
    this.#watcher = watcher;
  }

  next(): Promise<IteratorResult<ModelEvent>> {
    if (!this.#events) return this.#first();
    if (this.#broken) return this.#break(this.#broken.error);
    const step = this.#events.next();
    if (this.#state !== "over") step.then(this.#see, this.#end);
    return step;
  }

  async return(): Promise<IteratorResult<ModelEvent>> {
    this.#end(left());
    await this.#events?.return?.();
    return done;
  }

  async #first(): Promise<IteratorResult<ModelEvent>> {
    if (this.#state === "over") return done;
    this.#beginning ??= this.#begin();
    const ifSlow = memberOf(this.#watcher, "ifSlow");
    if (ifSlow && !this.#saidSlow && (await isSlower(this.#beginning, ifSlow.afterMs))) {
      this.#saidSlow = true;
      return { value: ifSlow.event(), done: false };
    }
    await this.#beginning;
    return this.next();
  }

  async #break(error: unknown): Promise<never> {
    await closeQuietly(this.#events);
    throw error;
  }

  async #begin(): Promise<void> {
    const request = await this.#watcher.begin();
    // Read anew: it may have been left while it waited.
    const wasLeft = (this.#state as string) === "over";
    this.#state = "begun";
    try {
      const { signal } = this.#request;
      if (wasLeft) throw left();
      if (signal?.aborted) throw abortedBy(signal.reason);
      this.#unlink = signal && onAbort(signal, () => this.#end(abortedBy(signal.reason)));
      this.#events = this.#model.run(request)[Symbol.asyncIterator]();
    } catch (error) {
      this.#end(error);
      throw error;
    }
  }

  // Nobody waits for what these two return, so an error that they let out would end the process.
  readonly #see = ({ value, done }: IteratorResult<ModelEvent>): void => {
    if (this.#state === "over") return;
    if (done) return this.#end(new StreamInterruptedError(`The model ${this.#model.id} ended without a finish.`));
    try {
      this.#watcher.see(value);
    } catch (error) {
      this.#broken ??= { error };
      return this.#end(error);
    }
    if (value.type === "finish") this.#end(undefined);
  };

  readonly #end = (error: unknown): void => {
    const begun = this.#state === "begun";
    this.#state = "over";
    this.#unlink?.();
    if (!begun) return;
    try {
      this.#watcher.end(error);
    } catch (thrown) {
      this.#broken ??= { error: thrown };
    }
  };
}

/** Whether a promise is still pending after `ms` milliseconds. */
function isSlower(pending: Promise<unknown>, ms: number): Promise<boolean> {
  return new Promise((resolve) => {
    const cancel = after(ms, () => resolve(true));
    const settle = () => {
      cancel();
      resolve(false);
    };
    // Its error is thrown by whoever waits for it next.
    pending.then(settle, settle);
  });
}

function left(): AbortedError {
  return new AbortedError("The answer was not read to its end.", { reason: undefined });
}
