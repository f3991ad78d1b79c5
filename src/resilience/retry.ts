import { CallwrightError, ConfigurationError, ProviderError } from "../errors.js";
import { isOutput, type Middleware, type Model, type ModelEvent, type ModelRequest } from "../model.js";
import { now, wait } from "../wait.js";

export interface RetryOptions {
  /**
   * How often to try again after the first failure.
   *
   * @default 2
   */
  readonly retries?: number | undefined;
  /**
   * Milliseconds before the next try, where the provider asks for none; the first retry is attempt 1.
   *
   * @default a random share of 500 ms that doubles with each attempt, up to 8 s
   */
  readonly delayMs?: ((attempt: number) => number) | undefined;
  /**
   * A provider that asks for a longer pause fails the call at once.
   *
   * @default 60_000
   */
  readonly maxRetryAfterMs?: number | undefined;
  /**
   * Which errors are tried again.
   *
   * @default those of callwright whose `retryable` is true
   */
  readonly on?: ((error: unknown) => boolean) | undefined;
}

type Policy = { readonly [Name in keyof RetryOptions]-?: NonNullable<RetryOptions[Name]> };

const baseMs = 500;
const ceilingMs = 8000;

/**
 * Tries a model again when it fails before its first output. Every call has one; where several are stacked, the
 * outermost owns the request and the others step aside.
 *
 * @throws What the last try threw.
 */
export function retry(options: RetryOptions = {}): Middleware {
  const policy: Policy = {
    retries: checkedCount(options.retries ?? 2),
    delayMs: options.delayMs ?? ((attempt) => Math.random() * Math.min(ceilingMs, baseMs * 2 ** (attempt - 1))),
    maxRetryAfterMs: options.maxRetryAfterMs ?? 60_000,
    on: options.on ?? ((error) => CallwrightError.isInstance(error) && error.retryable),
  };
  const owner = Symbol("retry");

  return (model) => ({
    id: model.id,
    run(request) {
      if (request.context?.retriedBy) return model.run(request);
      const owned = { ...request, context: { ...request.context, retriedBy: owner } };
      return { [Symbol.asyncIterator]: () => new Retrying(model, owned, policy) };
    },
  });
}

/** Hands the promises of the model through once there was output, so that a stream pays nothing for it. */
class Retrying implements AsyncIterator<ModelEvent> {
  readonly #model: Model;
  readonly #request: ModelRequest;
  readonly #policy: Policy;
  #events: AsyncIterator<ModelEvent>;
  #attempt = 1;
  #settled = false;

  constructor(model: Model, request: ModelRequest, policy: Policy) {
    this.#model = model;
    this.#request = request;
    this.#policy = policy;
    this.#events = model.run(request)[Symbol.asyncIterator]();
  }

  next(): Promise<IteratorResult<ModelEvent>> {
    return this.#settled ? this.#events.next() : this.#nextOrRetry();
  }

  async return(): Promise<IteratorResult<ModelEvent>> {
    this.#settled = true;
    await this.#events.return?.();
    return { value: undefined, done: true };
  }

  async #nextOrRetry(): Promise<IteratorResult<ModelEvent>> {
    for (;;) {
      try {
        const result = await this.#events.next();
        this.#settled = result.done === true || isOutput(result.value);
        return result;
      } catch (error) {
        // Nobody reads on.
        if (this.#settled) throw error;
        await this.#waitFor(error);
        if (this.#settled) throw error;
        this.#attempt++;
        this.#events = this.#model.run(this.#request)[Symbol.asyncIterator]();
      }
    }
  }

  /** Waits until the next try; throws the error where there is none. */
  async #waitFor(error: unknown): Promise<void> {
    const { retries, on, delayMs, maxRetryAfterMs } = this.#policy;
    if (this.#attempt > retries || !on(error)) throw error;
    const asked = error instanceof ProviderError ? error.retryAfterMs : undefined;
    // A little more than told, so that callers who were told the same do not come back together. "0" tells nothing.
    const pause = asked === undefined ? delayMs(this.#attempt) : (asked || baseMs) * (1 + Math.random() / 10);
    const { signal, context } = this.#request;
    const tooLate = context?.deadline !== undefined && now() + pause >= context.deadline;
    if ((asked ?? 0) > maxRetryAfterMs || tooLate) throw error;
    await wait(pause, signal);
  }
}

function checkedCount(retries: number): number {
  if (Number.isInteger(retries) && retries >= 0) return retries;
  throw new ConfigurationError(`retries must be a whole number of at least 0, not ${String(retries)}.`);
}
