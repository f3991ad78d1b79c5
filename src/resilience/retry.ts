import { dropPromise } from "../drop-promise.js";
import { CallwrightError, ConfigurationError, TimeoutError } from "../errors.js";
import { boundedMiddleware } from "../foreign-model.js";
import type { Middleware, ModelRequest } from "../model.js";
import { checkCounts, checkPauses } from "../numbers.js";
import { own } from "../own.js";
import { isCallOver, Retrying, type RetryPolicy } from "./retrying.js";

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
   * @default those of callwright whose `retryable` is true, and the time limit that a `timeout` behind the retry sets for one try
   */
  readonly on?: ((error: unknown) => boolean) | undefined;
}

const baseMs = 500;
const ceilingMs = 8000;

/**
 * Tries a model again when it fails before its first output. Every call has one; where several are stacked, the
 * outermost owns the request and the others step aside.
 *
 * All calls of an endpoint share a budget of 100 retries, which successes fill up again, so that an outage is met by
 * little more than one request a call.
 *
 * @throws What the last try threw; ConfigurationError at once where an option is out of range.
 */
export function retry(given: RetryOptions = {}): Middleware {
  const options = own(given);
  const { retries = 2, maxRetryAfterMs = 60_000 } = options;
  checkCounts({ retries }, 0);
  checkPauses({ maxRetryAfterMs });
  const policy: RetryPolicy = {
    retries,
    maxRetryAfterMs,
    delayMs(attempt) {
      const delayMs = dropPromise((options.delayMs ?? jitter)(attempt));
      // What gives nothing is no delay either.
      checkPauses({ delayMs: delayMs ?? Number.NaN });
      return delayMs;
    },
    on: (error, request) => {
      if (!options.on) return isWorthAnotherTry(error, request);
      const isWorthIt: unknown = dropPromise(options.on(error));
      // A promise would count as true.
      if (typeof isWorthIt === "object" && isWorthIt !== null)
        throw new ConfigurationError("retry's `on` must return true or false at once, not a promise.", {
          cause: error,
        });
      return Boolean(isWorthIt);
    },
  };
  const owner = Symbol("retry");

  return boundedMiddleware((model) => ({
    id: model.id,
    run(request) {
      if (request.context?.retriedBy) return model.run(request);
      return { [Symbol.asyncIterator]: () => new Retrying(model, request, policy, owner) };
    },
  }));
}

function isWorthAnotherTry(error: unknown, request: ModelRequest): boolean {
  if (error instanceof TimeoutError) return !isCallOver(error, request);
  return CallwrightError.isInstance(error) && error.retryable;
}

function jitter(attempt: number): number {
  return Math.random() * Math.min(ceilingMs, baseMs * 2 ** (attempt - 1));
}
