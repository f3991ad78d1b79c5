import { closeQuietly } from "../close-quietly.js";
import { dropPromise } from "../drop-promise.js";
import { AbortedError } from "../errors.js";
import type { Middleware, ModelEvent, Timeouts } from "../model.js";
import { own } from "../own.js";
import { timeoutsOf } from "../settings.js";
import { Attempt } from "../transport/attempt.js";
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

  return (model) => ({
    id: model.id,
    async *run(request) {
      const { context = {} } = request;
      const total = timeouts.totalMs === undefined ? undefined : now() + timeouts.totalMs;
      const deadline = Math.min(total ?? Number.POSITIVE_INFINITY, context.deadline ?? Number.POSITIVE_INFINITY);
      const limited = {
        ...request,
        context: {
          ...context,
          timeouts: { ...context.timeouts, ...timeouts },
          ...(Number.isFinite(deadline) && { deadline }),
        },
      };
      const attempt = new Attempt(limited);
      attempt.startWatching();
      let events: AsyncIterator<ModelEvent> | undefined;
      try {
        events = dropPromise(model.run({ ...limited, signal: attempt.signal }))[Symbol.asyncIterator]();
        for (;;) {
          const step = await attempt.race(events.next());
          if (step.done) return;
          attempt.note(step.value);
          yield step.value;
        }
      } finally {
        // Also where the consumer left; the model learns of it by its signal, for its iterator may be busy.
        attempt.fail(new AbortedError("The answer was not read to its end.", { reason: undefined }));
        void closeQuietly(events);
      }
    },
  });
}
