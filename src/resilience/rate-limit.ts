import { AbortedError, RateLimitError } from "../errors.js";
import { boundedMiddleware } from "../foreign-model.js";
import { isOutput, type Middleware, type ModelRequest, providerOf } from "../model.js";
import { checkCounts } from "../numbers.js";
import { own } from "../own.js";
import { estimateInput } from "../tokens.js";
import { defaultTimeouts, timedOut } from "../transport/attempt.js";
import { now } from "../wait.js";
import { type Need, RequestLimits } from "./request-limits.js";
import { watch } from "./watch.js";

export interface RateLimitOptions {
  /** The most requests that begin in any 60 seconds, retries included. @default no limit */
  readonly requestsPerMinute?: number | undefined;
  /**
   * The most tokens in any 60 seconds: when a request begins, an estimate of its input and its `maxTokens`; when it is
   * done, what it used. A request that is larger than the limit goes alone. @default no limit
   */
  readonly tokensPerMinute?: number | undefined;
  /** The most calls that are under way at the same time. @default no limit */
  readonly concurrency?: number | undefined;
}

/**
 * Lets calls wait until they are within the limits, first come, first served. All models around which one such value
 * stands share it. It waits, too, where a provider says in its headers that its own limit is used up.
 *
 * @throws RateLimitError with `retryAfterMs`, at once, where the call's deadline comes before its turn; TimeoutError of
 * the total where the deadline comes while others are under way; AbortedError; ConfigurationError at once where a limit
 * is no whole number above 0.
 */
export function rateLimit(options: RateLimitOptions): Middleware {
  const { requestsPerMinute, tokensPerMinute, concurrency } = own(options);
  checkCounts({ requestsPerMinute, tokensPerMinute, concurrency });
  const limits = new RequestLimits(requestsPerMinute, tokensPerMinute, concurrency);

  async function enter(modelId: string, request: ModelRequest, isRetry: boolean): Promise<Need> {
    const { context } = request;
    const tokens = estimateInput(request) + (request.params?.maxTokens ?? 0);
    const need: Need = { modelId, tokens, isRetry };
    const wait = limits.waitFor(need);
    if (context?.deadline !== undefined && now() + wait > context.deadline)
      throw tooLate(modelId, wait, context.deadline);
    const totalMs = context?.timeouts?.totalMs ?? defaultTimeouts.totalMs;
    await limits.enter(need, request, () => timedOut("total", totalMs));
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
          if (event.type === "finish") used = event.usage?.totalTokens;
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

function tooLate(modelId: string, wait: number, deadline: number): RateLimitError {
  const left = Math.max(Math.round(deadline - now()), 0);
  return new RateLimitError(
    `${modelId}: by the rate limit, this call's turn is in ${Math.round(wait)} ms, and its time ends in ${left} ms (timeouts.totalMs).`,
    // Its deadline stays what it is; and a breaker before the limit need not take the model for broken.
    { provider: providerOf({ id: modelId }), retryAfterMs: wait, shouldRetry: false },
  );
}
