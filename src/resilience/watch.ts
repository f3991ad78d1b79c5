import { AbortedError, StreamInterruptedError } from "../errors.js";
import type { Model, ModelEvent, ModelRequest } from "../model.js";
import { abortedBy, onAbort } from "../wait.js";

/** What happens around one run of a model, in this order. */
export interface Watcher {
  /** Waits until the model may be asked, or throws; gives the request that is sent. */
  begin(): ModelRequest | Promise<ModelRequest>;
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

  constructor(model: Model, request: ModelRequest, watcher: Watcher) {
    this.#model = model;
    this.#request = request;
    this.#watcher = watcher;
  }

  next(): Promise<IteratorResult<ModelEvent>> {
    if (!this.#events) return this.#begin();
    const step = this.#events.next();
    if (this.#state !== "over") step.then(this.#see, this.#end);
    return step;
  }

  async return(): Promise<IteratorResult<ModelEvent>> {
    this.#end(left());
    await this.#events?.return?.();
    return done;
  }

  async #begin(): Promise<IteratorResult<ModelEvent>> {
    if (this.#state === "over") return done;
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
    return this.next();
  }

  readonly #see = ({ value, done }: IteratorResult<ModelEvent>): void => {
    if (this.#state === "over") return;
    if (done) return this.#end(new StreamInterruptedError(`The model ${this.#model.id} ended without a finish.`));
    this.#watcher.see(value);
    if (value.type === "finish") this.#end(undefined);
  };

  readonly #end = (error: unknown): void => {
    const begun = this.#state === "begun";
    this.#state = "over";
    this.#unlink?.();
    if (begun) this.#watcher.end(error);
  };
}

function left(): AbortedError {
  return new AbortedError("The answer was not read to its end.", { reason: undefined });
}
