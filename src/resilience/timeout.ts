import { boundedRun, markBounded } from "../foreign-model.js";
import type { Middleware, ModelRequest, Timeouts } from "../model.js";
import { own } from "../own.js";
import { timeoutsOf } from "../settings.js";
import { now } from "../wait.js";

/**
 * Limits how long a model may take: in all, until its first output and between outputs (streams only). It holds for any
 * model, also one that does not listen to its signal.
 *
 * @throws TimeoutError with its `phase`; ConfigurationError at once where a limit is no number above 0.
 */
export function timeout(limits: Timeouts): Middleware {
  const timeouts = own(limits);
  timeoutsOf({ timeouts });

  const limit = (request: ModelRequest): ModelRequest => {
    const { context = {} } = request;
    const total = timeouts.totalMs === undefined ? undefined : now() + timeouts.totalMs;
    const deadline = Math.min(total ?? Number.POSITIVE_INFINITY, context.deadline ?? Number.POSITIVE_INFINITY);
    return {
      ...request,
      context: {
        ...context,
        timeouts: { ...context.timeouts, ...timeouts },
        ...(Number.isFinite(deadline) && { deadline }),
      },
    };
  };

  return (model) =>
    markBounded({
      id: model.id,
      run: (request) => boundedRun(model, request, { limit, limitsSilence: true }),
    });
}
