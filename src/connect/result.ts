import type { Measure } from "./meter.js";

export interface CheckResult {
  /** What was asked, such as `contains "Momo"`. */
  readonly check: string;
  /** Undefined where nobody judged it. */
  readonly passed?: boolean | undefined;
  readonly reason?: string | undefined;
}

export interface TurnResult {
  readonly user: string;
  /** Undefined where the agent gave no answer. */
  readonly agent?: string | undefined;
  readonly error?: string | undefined;
  readonly checks: readonly CheckResult[];
  /** What the agent's answer took. */
  readonly measure: Measure;
}

/**
 * - passed: every check holds
 * - failed: one does not
 * - unjudged: nobody judged one, and the others hold
 * - unfinished: no check fails, but the played user ran out of turns before it had what it wanted, or gave up
 * - error: the agent gave no answer, the model that plays the user failed, or there was no turn
 * - stopped: the run was ended before it
 */
export type Outcome = "passed" | "failed" | "unjudged" | "unfinished" | "error" | "stopped";

/** One conversation that is over; plain data, a line of the transcript. */
export interface ConversationResult {
  readonly id: string;
  readonly persona?: string | undefined;
  readonly goal?: string | undefined;
  readonly outcome: Outcome;
  /** Why, where the outcome is an error. */
  readonly error?: string | undefined;
  readonly turns: readonly TurnResult[];
  readonly checks: readonly CheckResult[];
  /** What the agent took, all turns together. */
  readonly measure: Measure;
  /** What the played user and the judge took. */
  readonly simulation: Measure;
}

/** The first thing that went wrong, in one line; undefined where nothing did. */
export function reasonOf({ outcome, error, turns, checks }: ConversationResult): string | undefined {
  if (outcome === "error") return error ?? "The agent gave no answer.";
  if (outcome === "unfinished") return `The user would have gone on after ${turns.length} turns.`;
  const wrong = [...turns.flatMap((turn) => turn.checks), ...checks].find(({ passed }) => passed === false);
  return wrong && [wrong.check, wrong.reason].filter((part) => part !== undefined).join(" — ");
}
