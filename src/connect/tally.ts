import { type Measure, nothing, plus } from "./meter.js";
import type { ConversationResult, Outcome } from "./result.js";

/** What came out of a run, in numbers. */
export interface Summary extends Readonly<Record<Outcome, number>> {
  readonly conversations: number;
  readonly turns: number;
  readonly checks: { readonly passed: number; readonly failed: number; readonly unjudged: number };
  /** What the agent took; its latency is the sum of all turns. */
  readonly agent: Measure;
  /** What played users and judges took. */
  readonly simulation: Measure;
  /** Milliseconds in which half of the answers came, and 95 of 100. */
  readonly latency: { readonly p50: number; readonly p95: number };
}

/** Adds up, keeping one number of each turn. */
export class Tally {
  readonly #outcomes: Record<Outcome, number> = {
    passed: 0,
    failed: 0,
    unjudged: 0,
    unfinished: 0,
    error: 0,
    stopped: 0,
  };
  readonly #latencies: number[] = [];
  readonly #checks = { passed: 0, failed: 0, unjudged: 0 };
  #agent = nothing;
  #simulation = nothing;

  add(result: ConversationResult): void {
    this.#outcomes[result.outcome]++;
    this.#agent = plus(this.#agent, result.measure);
    this.#simulation = plus(this.#simulation, result.simulation);
    for (const { measure } of result.turns) this.#latencies.push(measure.latencyMs);
    for (const { passed } of [...result.checks, ...result.turns.flatMap(({ checks }) => checks)])
      this.#checks[passed === undefined ? "unjudged" : passed ? "passed" : "failed"]++;
  }

  get summary(): Summary {
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    const at = (share: number) => sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)] ?? 0;
    return {
      ...this.#outcomes,
      conversations: Object.values(this.#outcomes).reduce((sum, count) => sum + count, 0),
      turns: sorted.length,
      checks: { ...this.#checks },
      agent: this.#agent,
      simulation: this.#simulation,
      latency: { p50: at(0.5), p95: at(0.95) },
    };
  }
}
