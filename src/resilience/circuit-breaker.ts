import { BoundedMap } from "../bounded-map.js";
import { AbortedError, CallwrightError, CircuitOpenError, ConnectionError, TimeoutError } from "../errors.js";
import { boundedMiddleware } from "../foreign-model.js";
import { isOutput, type Middleware, type ModelRequest } from "../model.js";
import { checkCounts, checkMilliseconds } from "../numbers.js";
import { own } from "../own.js";
import { now } from "../wait.js";
import { watch } from "./watch.js";

/** More models than this are ids that change; the circuit that was unused the longest goes. */
const maxCircuits = 1000;

export interface CircuitBreakerOptions {
  /** How many failures in a row open the circuit. @default 5 */
  readonly failures?: number | undefined;
  /** Milliseconds within which they must fall. @default 60_000 */
  readonly windowMs?: number | undefined;
  /** Milliseconds for which an open circuit refuses all calls, before it lets one through. @default 1000 */
  readonly cooldownMs?: number | undefined;
}

/** What is known of one model. */
interface Circuit {
  failedAt: number[];
  /** Undefined while the circuit is closed. */
  openUntil: number | undefined;
  probing: boolean;
  /** Grows with each change, so that calls from before it do not count after it. */
  round: number;
}

/**
 * Refuses calls for a while after failures in a row, so that a model that is down is not asked by everyone, and a
 * `fallback` around it takes over at once. Then one call is let through, with one try: an answer closes the circuit,
 * a failure opens it again.
 *
 * Failures are errors worth a retry, broken connections and time limits; not refusals such as 400 or 401, which are
 * answers, nor aborts. Each model has a circuit of its own, by its id.
 *
 * @throws CircuitOpenError with `retryAfterMs`; ConfigurationError at once where an option is out of range.
 */
export function circuitBreaker(options: CircuitBreakerOptions = {}): Middleware {
  const { failures = 5, windowMs = 60_000, cooldownMs = 1000 } = own(options);
  checkCounts({ failures });
  checkMilliseconds({ windowMs, cooldownMs });
  const circuits = new BoundedMap<string, Circuit>(maxCircuits);

  function circuitOf(id: string): Circuit {
    const known = circuits.get(id);
    if (known) return known;
    const circuit = { failedAt: [], openUntil: undefined, probing: false, round: 0 };
    circuits.set(id, circuit);
    return circuit;
  }

  function change(circuit: Circuit, openUntil: number | undefined): void {
    Object.assign(circuit, { failedAt: [], openUntil, probing: false, round: circuit.round + 1 });
  }

  function countFailure(circuit: Circuit): void {
    circuit.failedAt = [...circuit.failedAt.filter((at) => at > now() - windowMs), now()];
    if (circuit.failedAt.length >= failures) change(circuit, now() + cooldownMs);
  }

  return boundedMiddleware((model) => ({
    id: model.id,
    run(request) {
      const circuit = circuitOf(model.id);
      let isProbe = false;
      let round = 0;
      return watch(model, request, {
        begin() {
          const left = Math.max((circuit.openUntil ?? 0) - now(), 0);
          if (left > 0 || circuit.probing) throw refusal(model.id, left || cooldownMs);
          isProbe = circuit.openUntil !== undefined;
          circuit.probing = isProbe;
          round = circuit.round;
          return isProbe ? once(request) : request;
        },
        see(event) {
          if (!isProbe || !isOutput(event)) return;
          isProbe = false;
          change(circuit, undefined);
          round = circuit.round;
        },
        end(error) {
          if (round !== circuit.round) return;
          if (error instanceof AbortedError) circuit.probing = false;
          else if (isProbe) change(circuit, isFailure(error) ? now() + cooldownMs : undefined);
          else if (isFailure(error)) countFailure(circuit);
          else if (error === undefined) circuit.failedAt = [];
        },
      });
    },
  }));
}

function isFailure(error: unknown): boolean {
  if (error instanceof ConnectionError || error instanceof TimeoutError) return true;
  return CallwrightError.isInstance(error) && error.retryable;
}

/** A retry behind the breaker would make more of one probe. */
function once(request: ModelRequest): ModelRequest {
  return { ...request, context: { ...request.context, retriedBy: request.context?.retriedBy ?? Symbol("probe") } };
}

function refusal(id: string, retryAfterMs: number): CircuitOpenError {
  const ms = Math.ceil(retryAfterMs);
  return new CircuitOpenError(`${id} has failed too often in a row; it is asked again in ${ms} ms at the earliest.`, {
    retryAfterMs: ms,
  });
}
