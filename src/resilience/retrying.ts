import { AbortedError, FallbackError, ProviderError, TimeoutError } from "../errors.js";
import { isOutput, type Model, type ModelEvent, type ModelRequest } from "../model.js";
import { replayedHeader } from "../transport/attempt.js";
import { now, wait } from "../wait.js";
import { type Loan, type RetryBudget, retryBudgetOf } from "./retry-budget.js";

/** What a retry was told, all of it. */
export interface RetryPolicy {
  readonly retries: number;
  /** Milliseconds before the next try, checked. */
  readonly delayMs: (attempt: number) => number;
  readonly maxRetryAfterMs: number;
  readonly on: (error: unknown, request: ModelRequest) => boolean;
}

/** What is waited where a provider asks for a pause of 0 milliseconds. */
const leastMs = 500;

/** Hands the promises of the model through once there was output, so that a stream pays nothing for it. */
export class Retrying implements AsyncIterator<ModelEvent> {
  readonly #model: Model;
  readonly #request: ModelRequest;
  readonly #policy: RetryPolicy;
  readonly #loan: Loan = { tokens: 0, trying: false, returned: false };
  #endpoint: string | undefined;
  /** Undefined until the model is first asked. */
  #events: AsyncIterator<ModelEvent> | undefined;
  #attempt = 1;
  #settled = false;

  constructor(model: Model, request: ModelRequest, policy: RetryPolicy, owner: symbol) {
    this.#model = model;
    this.#policy = policy;
    const onEndpoint = (endpoint: string) => {
      this.#endpoint ??= endpoint;
    };
    this.#request = { ...request, context: { ...request.context, retriedBy: owner, onEndpoint } };
  }

  next(): Promise<IteratorResult<ModelEvent>> {
    return this.#settled && this.#events ? this.#events.next() : this.#nextOrRetry();
  }

  async return(): Promise<IteratorResult<ModelEvent>> {
    if (!this.#settled) this.#budget.giveBack(this.#loan);
    this.#settled = true;
    await this.#events?.return?.();
    return { value: undefined, done: true };
  }

  get #budget(): RetryBudget {
    return retryBudgetOf(this.#endpoint ?? this.#model);
  }

  async #nextOrRetry(): Promise<IteratorResult<ModelEvent>> {
    for (;;) {
      try {
        // Here, since a model may throw before it gives anything to iterate.
        this.#events ??= this.#model.run(this.#request)[Symbol.asyncIterator]();
        const result = await this.#events.next();
        if (!this.#settled) this.#note(result);
        return result;
      } catch (error) {
        // Nobody reads on.
        if (this.#settled) throw error;
        await this.#waitFor(error);
        if (this.#settled) throw error;
        this.#attempt++;
        this.#events = undefined;
      }
    }
  }

  #note({ done, value }: IteratorResult<ModelEvent>): void {
    if (done || isOutput(value)) {
      this.#settled = true;
      this.#budget.succeed(this.#loan);
    } else if (value.type === "open" && this.#loan.tokens > 0) this.#budget.open(this.#loan);
  }

  /** Waits until the next try; throws the error where there is none. */
  async #waitFor(error: unknown): Promise<void> {
    const { signal, context } = this.#request;
    let isWorthIt = false;
    try {
      isWorthIt = this.#policy.on(error, this.#request);
      const retries = this.#policy.retries - this.#attempt + 1;
      if (!isWorthIt || retries === 0) throw error;
      const pause = this.#pauseAfter(error);
      context?.onRetry?.(error);
      await this.#budget.take({ loan: this.#loan, retries, refusal: error }, this.#request);
      if (context?.deadline !== undefined && now() + pause >= context.deadline) throw error;
      await wait(wasReplayed(error) ? 0 : pause, signal);
      // Where no turn comes in time, what went wrong is still the first.
      await context
        ?.beforeRetry?.(signal)
        .catch((reason) => Promise.reject(reason instanceof AbortedError ? reason : error));
    } catch (reason) {
      if (isWorthIt && reason === error) this.#budget.lose(this.#loan);
      else this.#budget.giveBack(this.#loan);
      // Whoever closes what has failed gives nothing back.
      this.#settled = true;
      throw reason;
    }
  }

  /** Milliseconds before the next try; throws the error where they are too many. */
  #pauseAfter(error: unknown): number {
    const { delayMs, maxRetryAfterMs } = this.#policy;
    const asked = askedPause(error);
    // A little more than told, so that callers who were told the same do not come back together. "0" tells nothing.
    const pause = asked === undefined ? delayMs(this.#attempt) : (asked || leastMs) * (1 + Math.random() / 10);
    const { deadline = Number.POSITIVE_INFINITY } = this.#request.context ?? {};
    if ((asked ?? 0) > maxRetryAfterMs || now() + pause >= deadline) throw error;
    return pause;
  }
}

/** Milliseconds that a provider asks to wait; of several, the longest. */
function askedPause(error: unknown): number | undefined {
  const failures = error instanceof FallbackError ? error.errors : [error];
  const asked = failures.flatMap((each) => (each instanceof ProviderError ? (each.retryAfterMs ?? []) : []));
  return asked.length > 0 ? Math.max(...asked) : undefined;
}

function wasReplayed(error: unknown): boolean {
  const { headers } = ((error as Error | undefined)?.cause ?? {}) as { headers?: unknown };
  return headers instanceof Headers && headers.has(replayedHeader);
}

/** Whether the time of the whole call ran out, and not that of one model or one try, which leaves time for another. */
export function isCallOver(error: unknown, { context }: ModelRequest): boolean {
  // Timers may fire a fraction of a millisecond early.
  const isOver = context?.deadline !== undefined && now() + 1 >= context.deadline;
  return error instanceof TimeoutError && error.phase === "total" && isOver;
}
