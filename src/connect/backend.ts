import type { SimReply } from "./agent.js";
import type { Measure } from "./meter.js";
import type { SimRequest } from "./request.js";

/**
 * Where tests come from and answers go to. `connect` always says what an answer took; a backend around another may leave
 * that out.
 */
export interface SimBackend {
  /**
   * The tests that wait for an answer. One that was listed before may be listed again; it is run once.
   *
   * @param concurrency How many tests run at the same time. A backend around another passes it on.
   */
  pending(signal: AbortSignal, concurrency?: number): Promise<readonly SimRequest[]>;
  /** Takes an answer. Where it throws, it is called again with the same one, unless the error is not `retryable`. */
  deliver(request: SimRequest, reply: SimReply, measure?: Measure): Promise<void>;
  /** Hears that the agent gave no answer; called again like `deliver`. */
  fail(request: SimRequest, error: unknown, measure?: Measure): Promise<void>;
  /** Says that the agent is there, or why it is not. Called after the first poll and from time to time. */
  heartbeat?(agent: Heartbeat): Promise<void>;
  /** Whether nothing will ever be pending again; `connect` then ends. @default false */
  readonly exhausted?: boolean | undefined;
  close(): Promise<void>;
}

/** How the agent answered a greeting. */
export type Heartbeat =
  | { readonly ok: true; readonly prompt: string; readonly response: string }
  | { readonly ok: false; readonly prompt: string; readonly error: unknown };
