import { AbortedError, RateLimitError, TimeoutError } from "../errors.js";
import { boundedMiddleware } from "../foreign-model.js";
import {
  isAmount,
  isFromCache,
  isOutput,
  type Middleware,
  type ModelEvent,
  type ModelRequest,
  providerOf,
} from "../model.js";
import { checkCounts } from "../numbers.js";
import { own } from "../own.js";
import { estimateInput } from "../tokens.js";
import { defaultTimeouts, timedOut } from "../transport/attempt.js";
import { now } from "../wait.js";
import { type Need, RequestLimits } from "./request-limits.js";
import { slotWarning } from "./slot-warning.js";
import { watch } from "./watch.js";

export interface RateLimitOptions {
  /** The most requests that begin in any 60 seconds, retries included. @default no limit */
  readonly requestsPerMinute?: number | undefined;
  /**
   * The most tokens in any 60 seconds: when a request begins, an estimate of its input and its `maxTokens`; when it is
   * done, what it used. A request that is larger than the limit goes alone. @default no limit
   */
  readonly tokensPerMinute?: number | undefined;
  /**
   * The most calls that are under way at the same time. A stream is under way until it was read to its end, aborted or left.
   *
   * @default no limit
   */
  readonly concurrency?: number | undefined;
  /** The most calls that wait for their turn; one more gets a RateLimitError at once. @default no limit */
  readonly maxWaiting?: number | undefined;
}

/**
 * Lets calls wait until they are within the limits, first come, first served. All models around which one such value
 * stands share it. It waits, too, where a provider says in its headers that its own limit is used up.
 *
 * A call that waits 30 seconds for one of `concurrency` has a `warning`, since a stream that nobody reads keeps its slot.
 *
 * @throws RateLimitError with `retryAfterMs`, at once, where the call's deadline comes before its turn; TimeoutError of
 * the total where the deadline comes while others are under way; AbortedError; ConfigurationError at once where a limit
 * is no whole number above 0.
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const { requestsPerMinute, tokensPerMinute, concurrency, maxWaiting } = own(options);
  checkCounts({ requestsPerMinute, tokensPerMinute, concurrency, maxWaiting });
  const limits = new RequestLimits(requestsPerMinute, tokensPerMinute, concurrency);

  async function enter(modelId: string, request: ModelRequest, isRetry: boolean): Promise<Need> {
    const { context } = request;
    const tokens = estimateInput(request) + (request.params?.maxTokens ?? 0);
    const need: Need = { modelId, tokens, isRetry };
    // A retry has its slot already, and what it waits for frees slots of others.
    if (maxWaiting !== undefined && !isRetry && limits.waiting >= maxWaiting) throw tooMany(modelId, maxWaiting);
    const wait = limits.waitFor(need);
    if (context?.deadline !== undefined && now() + wait > context.deadline)
      throw tooLate(modelId, wait, context.deadline);
    const totalMs = context?.timeouts?.totalMs ?? defaultTimeouts.totalMs;
    await limits.enter(need, request, () => (limits.isFull ? noSlot(totalMs) : timedOut("total", totalMs)));
    return need;
  }

  function heedRefusal(modelId: string, error: unknown): void {
    if (error instanceof RateLimitError && error.status === 429 && error.retryAfterMs)
      limits.hold(modelId, error.retryAfterMs);
  }

  return boundedMiddleware((model) => ({
    id: model.id,
    run(request) {
      let need: Need;
      let begun = false;
      let used: number | undefined;
      return watch(model, request, {
        ifSlow: concurrency === undefined ? undefined : { afterMs: slowMs, event: () => slowWarning(concurrency) },
        async begin() {
          need = await enter(model.id, request, false);
          // By the signal of the one who retries: a time limit further in ends its wait here, too.
          const onRetry = (error: unknown) => {
            request.context?.onRetry?.(error);
            heedRefusal(model.id, error);
          };
          const beforeRetry = async (signal: AbortSignal | undefined) => {
            await request.context?.beforeRetry?.(signal);
            limits.settle(need, 0);
            need = await enter(model.id, { ...request, signal }, true);
          };
          return { ...request, context: { ...request.context, onRetry, beforeRetry } };
        },
        see(event) {
          begun ||= isOutput(event);
          if (event.type === "open") limits.heed(model.id, event.headers);
          const total: unknown = event.type === "finish" ? event.usage?.totalTokens : undefined;
          if (isFromCache(event)) used = 0;
          else if (isAmount(total)) used = total;
        },
        end(error) {
          heedRefusal(model.id, error);
          // What broke before any output cost nothing; what was left in the middle, nobody knows.
          const nothing = error !== undefined && !begun && !(error instanceof AbortedError);
          limits.settle(need, nothing ? 0 : (used ?? need.tokens));
          limits.leave();
        },
      });
    },
  }));
}

const slowMs = 30_000;
const keepsSlot = "A stream keeps its slot until it is read to its end, aborted or left.";

function slowWarning(concurrency: number): ModelEvent {
  return {
    type: "warning",
    code: slotWarning,
    message: `The call waited longer than ${slowMs / 1000} s in rateLimit() for one of ${concurrency} slots (concurrency). ${keepsSlot}`,
  };
}

function noSlot(totalMs: number): TimeoutError {
  return new TimeoutError(
    `No complete answer within ${totalMs} ms (timeouts.totalMs): the call waited for a slot of rateLimit() (concurrency). ${keepsSlot}`,
    { phase: "total" },
  );
}

function tooMany(modelId: string, maxWaiting: number): RateLimitError {
  return new RateLimitError(
    `${modelId}: ${maxWaiting} calls wait for their turn in rateLimit() already (maxWaiting). Send fewer at once, or raise the limit.`,
    { provider: providerOf({ id: modelId }), shouldRetry: false },
  );
}

function tooLate(modelId: string, wait: number, deadline: number): RateLimitError {
  const left = Math.max(Math.round(deadline - now()), 0);
  return new RateLimitError(
    `${modelId}: by the rate limit, this call's turn is in ${Math.round(wait)} ms, and its time ends in ${left} ms (timeouts.totalMs).`,
    // Its deadline stays what it is; and a breaker before the limit need not take the model for broken.
    { provider: providerOf({ id: modelId }), retryAfterMs: wait, shouldRetry: false },
  );
}
