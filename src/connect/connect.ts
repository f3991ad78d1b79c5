import { ConfigurationError } from "../errors.js";
import { checkCounts, checkMilliseconds } from "../numbers.js";
import { memberOf, own } from "../own.js";
import { linkSignals, wait } from "../wait.js";
import type { Agent, SimReply } from "./agent.js";
import { isAgent } from "./agent.js";
import type { SimBackend } from "./backend.js";
import { isFinal, sendUntilTaken } from "./deliver.js";
import { keepBeating } from "./heartbeat.js";
import type { Measure } from "./meter.js";
import type { SimRequest } from "./request.js";
import { askAgent, unlessAborted } from "./turn.js";

export interface ConnectOptions {
  readonly backend: SimBackend;
  /** How many tests run at the same time; a greeting of the agent counts as one. @default 10 */
  readonly concurrency?: number | undefined;
  /** Milliseconds that the agent has for one test. @default 120_000 */
  readonly timeoutMs?: number | undefined;
  /** Ends it gently: no new test is begun, those that run are finished and delivered. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds until the backend is asked again where it had nothing new; the pause doubles up to ten times that.
   *
   * @default 1000
   */
  readonly pollMs?: number | undefined;
  /** Milliseconds between two heartbeats, where the backend wants any. @default 300_000 */
  readonly heartbeatMs?: number | undefined;
  /** Hears what happens. Where it throws, the connection ends with that error, after what runs is delivered. */
  readonly onEvent?: ((event: ConnectEvent) => void) | undefined;
}

export type ConnectEvent =
  | { readonly type: "started"; readonly request: SimRequest }
  | { readonly type: "delivered"; readonly request: SimRequest; readonly reply: SimReply; readonly measure: Measure }
  | { readonly type: "failed"; readonly request: SimRequest; readonly error: unknown; readonly measure: Measure }
  /** The agent's part is done, but the backend did not take the outcome. */
  | { readonly type: "undelivered"; readonly request: SimRequest; readonly error: unknown }
  /** The backend could not be asked; it is asked again. */
  | { readonly type: "problem"; readonly error: unknown };

/**
 * Lets a simulator talk to an agent, until `signal` aborts or the backend is exhausted; then closes the backend.
 *
 * Each test is run once, however often it is listed. An answer that the backend does not take is sent again, without
 * asking the agent again.
 *
 * @returns How many answers were delivered, and how many tests ended without.
 * @throws ConfigurationError for what is no agent, for options that are out of range, and where the backend lists
 * something else than requests; what the backend throws where asking again is no use, such as AuthenticationError. What
 * runs is delivered before.
 */
export async function connect(
  agent: Agent,
  given: ConnectOptions,
): Promise<{ readonly delivered: number; readonly failed: number }> {
  const options = own(given);
  const { backend, concurrency = 10, timeoutMs = 120_000, pollMs = 1000, heartbeatMs = 300_000 } = options;
  checkCounts({ concurrency });
  checkMilliseconds({ timeoutMs, pollMs, heartbeatMs });
  if (!isAgent(agent)) throw new ConfigurationError("connect takes an agent first. Make one with defineAgent().");

  const { controller: stop, unlink } = linkSignals(options.signal ? [options.signal] : []);
  let fatal: { readonly error: unknown } | undefined;
  const end = (error: unknown) => {
    fatal ??= { error };
    stop.abort(error);
  };
  const tell = (event: ConnectEvent) => {
    try {
      // An async listener may reject later.
      void Promise.resolve(options.onEvent?.(event)).catch(end);
    } catch (error) {
      end(error);
    }
  };
  const seen = new Set<string>();
  const waiting: (() => Promise<void>)[] = [];
  let [running, delivered, failed] = [0, 0, 0];
  let oneIsDone = () => {};

  const run = async (request: SimRequest) => {
    tell({ type: "started", request });
    const outcome = await askAgent(agent, request, { timeoutMs });
    const { measure } = outcome;
    try {
      if ("value" in outcome) {
        await sendUntilTaken(() => backend.deliver(request, outcome.value, measure));
        delivered++;
        tell({ type: "delivered", request, reply: outcome.value, measure });
      } else {
        failed++;
        tell({ type: "failed", request, error: outcome.error, measure });
        await sendUntilTaken(() => backend.fail(request, outcome.error, measure));
      }
    } catch (error) {
      if ("value" in outcome) failed++;
      tell({ type: "undelivered", request, error });
    }
  };
  const startSome = () => {
    while (running < concurrency && waiting.length > 0 && !stop.signal.aborted) {
      running++;
      const settle = () => {
        running--;
        startSome();
        oneIsDone();
      };
      void (waiting.shift() as () => Promise<void>)().catch(end).then(settle, settle);
    }
  };
  const nextDone = () =>
    new Promise<void>((resolve) => {
      oneIsDone = resolve;
    });

  const beating = keepBeating(agent, backend, {
    heartbeatMs,
    timeoutMs,
    inTurn(ask) {
      waiting.push(ask);
      startSome();
    },
    onProblem: (error) => tell({ type: "problem", error }),
  });
  try {
    for (let idle = 0; !stop.signal.aborted && !memberOf(backend, "exhausted"); ) {
      if (waiting.length >= concurrency) {
        await nextDone();
        continue;
      }
      const before = seen.size;
      try {
        for (const request of await unlessAborted(pendingOf(backend, stop.signal), stop.signal)) {
          if (seen.has(request.testId)) continue;
          seen.add(request.testId);
          waiting.push(() => run(request));
        }
      } catch (error) {
        if (stop.signal.aborted) break;
        if (isFinal(error)) {
          end(error);
          break;
        }
        tell({ type: "problem", error });
      }
      startSome();
      // Not before: the tests that wait already need not wait for a greeting.
      beating.start();
      idle = seen.size > before ? 0 : idle + 1;
      if (idle > 0 && !memberOf(backend, "exhausted"))
        await wait(Math.min(pollMs * 2 ** (idle - 1), pollMs * 10), stop.signal).catch(() => {});
    }
    void beating.stop();
    while (running > 0) await nextDone();
  } finally {
    unlink();
    await beating.stop();
    await backend.close();
  }
  // Without the cast it would count as never set: the compiler does not follow `end`.
  const thrown = fatal as { readonly error: unknown } | undefined;
  if (thrown) throw thrown.error;
  return { delivered, failed };
}

/** @throws ConfigurationError for something else than a list of requests, which asking again would not change. */
async function pendingOf(backend: SimBackend, signal: AbortSignal): Promise<readonly SimRequest[]> {
  const pending: unknown = await backend.pending(signal);
  const isList = Array.isArray(pending) && pending.every((item) => typeof item?.testId === "string");
  if (!isList && !signal.aborted)
    throw new ConfigurationError("The backend's pending() must give a list of requests. simRequest() makes them.");
  return isList ? pending : [];
}
