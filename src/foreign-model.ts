import { closeQuietly } from "./close-quietly.js";
import { dropPromise } from "./drop-promise.js";
import { AbortedError, ConfigurationError } from "./errors.js";
import { isModel, type Middleware, type Model, type ModelEvent, type ModelRequest } from "./model.js";
import { own } from "./own.js";
import { Attempt } from "./transport/attempt.js";

type Step = IteratorResult<ModelEvent, undefined>;

/** Models that end by themselves when their signal aborts and when their time is over. */
const bounded = new WeakSet<Model>();
/** One guard for each model, since retry budgets are kept by model. */
const guards = new WeakMap<Model, Model>();
const limitedModels = new WeakMap<Model, Model>();

/** Marks a model as one that ends by itself when its signal aborts and when the call's time is over. */
export function markBounded<M extends Model>(model: M): M {
  bounded.add(model);
  return model;
}

/**
 * The model itself if it ends by itself when its signal aborts and its time is over, or else a guard that ends it. Every
 * model that callwright did not make comes in here.
 *
 * @param name What `model` is, for the error.
 * @throws ConfigurationError if `model` is not a model.
 */
export function boundedModel(model: unknown, name: string): Model {
  if (!isModel(model)) {
    throw new ConfigurationError(
      `${name} is not a model. A model is a reference such as "openai/gpt-4o-mini", or an object with an id and run().`,
    );
  }
  if (bounded.has(model)) return model;
  const known = guards.get(model);
  if (known) return known;
  const guard = markBounded({ id: model.id, run: (request: ModelRequest) => boundedRun(model, request) });
  guards.set(model, guard);
  return guard;
}

/**
 * A model of the caller's own, or of a provider that the caller registered, with all time limits of a call.
 *
 * @param name What `model` is, for the error.
 * @throws ConfigurationError if `model` is not a model.
 */
export function foreignModel(model: unknown, name: string): Model {
  if (isModel(model) && !bounded.has(model)) {
    const limited = limitedModels.get(model) ?? markBounded({ id: model.id, run: limitedRun(model) });
    limitedModels.set(model, limited);
    return limited;
  }
  return boundedModel(model, name);
}

function limitedRun(model: Model): Model["run"] {
  return (request) => {
    // It has nothing to load that would be callwright's own.
    request.context?.onProgress?.("sent");
    return boundedRun(model, request, { limitsSilence: true });
  };
}

/** A middleware of callwright: the model behind it is bounded, and so is what it returns. */
export function boundedMiddleware(wrap: Middleware): Middleware {
  return (model) => markBounded(wrap(boundedModel(model, "What a middleware was given")));
}

export interface RunOptions {
  /** Sets limits when the run begins. */
  readonly limit?: ((request: ModelRequest) => ModelRequest) | undefined;
  /** Whether a stream's silence is limited, too, by `firstEventMs` and `idleMs`. @default false */
  readonly limitsSilence?: boolean | undefined;
}

/** Runs a model until its end, its signal's abort or its deadline, whichever comes first. */
export function boundedRun(model: Model, request: ModelRequest, options: RunOptions = {}): AsyncIterable<ModelEvent> {
  return { [Symbol.asyncIterator]: () => new BoundedRun(model, request, options) };
}

/** Not a generator, whose return() would wait for a next() that never settles. */
class BoundedRun implements AsyncIterator<ModelEvent, undefined> {
  readonly #model: Model;
  readonly #asked: ModelRequest;
  readonly #options: RunOptions;
  #run: { readonly attempt: Attempt; readonly request: ModelRequest } | undefined;
  #events: AsyncIterator<ModelEvent> | undefined;
  #isOver = false;

  constructor(model: Model, request: ModelRequest, options: RunOptions) {
    this.#model = model;
    this.#asked = request;
    this.#options = own(options);
  }

  async next(): Promise<Step> {
    if (this.#isOver) return { value: undefined, done: true };
    try {
      this.#run ??= this.#begin();
      const { attempt, request } = this.#run;
      if (attempt.failure !== undefined) throw attempt.failure;
      this.#events ??= eventsOf(this.#model, request);
      // A model may return a plain result, as `for await` allows.
      const { value, done } = await attempt.race(Promise.resolve(this.#events.next()));
      if (done) {
        this.#isOver = true;
        attempt.close();
      }
      if (this.#isOver) return { value: undefined, done: true };
      const event = checkedEvent(this.#model, value);
      attempt.note(event);
      return { value: event, done: false };
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  async return(): Promise<Step> {
    this.#close();
    return { value: undefined, done: true };
  }

  #begin() {
    const { limit, limitsSilence } = this.#options;
    const limited = limit?.(this.#asked) ?? this.#asked;
    const attempt = new Attempt(limited);
    const request = { ...limited, signal: attempt.signal };
    if (!limitsSilence) return { attempt, request };
    attempt.startWatching();
    const { context } = limited;
    const onProgress = (step: "preparing" | "sent") => {
      if (step === "preparing") attempt.pauseWatching();
      else attempt.startWatching();
      context?.onProgress?.(step);
    };
    return { attempt, request: { ...request, context: { ...context, onProgress } } };
  }

  /** The model sees the end by its signal, too, since its iterator may be busy. */
  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#run?.attempt.fail(new AbortedError("The answer was not read to its end.", { reason: undefined }));
    void closeQuietly(this.#events);
  }
}

/** @throws ConfigurationError if `run()` does not return an async iterable; what it throws. */
function eventsOf(model: Model, request: ModelRequest): AsyncIterator<ModelEvent> {
  const events: AsyncIterable<ModelEvent> | undefined = dropPromise(model.run(request));
  if (typeof events?.[Symbol.asyncIterator] === "function") return events[Symbol.asyncIterator]();
  throw new ConfigurationError(
    `The run() of the model ${model.id} did not return an async iterable. Write it as an async generator.`,
  );
}

/** @throws ConfigurationError if what a model yielded is not an event. */
function checkedEvent({ id }: Model, event: ModelEvent): ModelEvent {
  if (typeof event !== "object" || event === null || typeof event.type !== "string") {
    throw new ConfigurationError(`The model ${id} yielded something that is not an event. Yield objects with a type.`);
  }
  // The limits that stand above the model read them.
  const lacksHeaders = event.type === "open" && (typeof event.headers !== "object" || event.headers === null);
  return lacksHeaders ? { ...event, headers: {} } : event;
}
