import { TimeoutError } from "../errors.js";
import { linkSignals, longestTimer, onAbort } from "../wait.js";
import { type Agent, readReply, type SimReply } from "./agent.js";
import { type Measure, measured } from "./meter.js";
import type { SimRequest } from "./request.js";

export type TurnOutcome = { readonly measure: Measure } & ({ readonly value: SimReply } | { readonly error: unknown });

/**
 * Asks the agent once. An agent that does not listen to its signal is left behind when its time is over.
 *
 * @returns What it said, or why it said nothing; this never rejects.
 */
export async function askAgent(
  agent: Agent,
  request: SimRequest,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<TurnOutcome> {
  const { controller, unlink } = linkSignals(signal ? [signal] : []);
  // It keeps the process alive: an agent that waits for nothing would end it before its time is over.
  const timer = setTimeout(() => controller.abort(lateError(request, timeoutMs)), Math.min(timeoutMs, longestTimer));
  try {
    const ask = async () => readReply(await agent.completion(request, { signal: controller.signal }));
    const asked = measured(() => unlessAborted(ask(), controller.signal), { signal: controller.signal });
    const outcome = await asked;
    // What a call inside made of the abort matters less than why it was aborted.
    return "error" in outcome && controller.signal.aborted
      ? { measure: outcome.measure, error: controller.signal.reason }
      : outcome;
  } finally {
    clearTimeout(timer);
    unlink();
  }
}

function lateError({ testId }: SimRequest, timeoutMs: number): TimeoutError {
  return new TimeoutError(
    `The agent gave no response to test ${testId} within ${timeoutMs} ms. Raise timeoutMs, or look at what it waits for.`,
    { phase: "total" },
  );
}

/** The result, or the reason of the signal as soon as it aborts; what comes later is nobody's. */
export function unlessAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    const unlink = onAbort(signal, () => reject(signal.reason));
    result.then(resolve, reject).finally(unlink);
  });
}
