import type { Model, ModelRef } from "../model.js";
import { redact } from "../redact.js";
import { runCheck } from "./check.js";
import { type Measure, measured, nothing, plus } from "./meter.js";
import type { CheckResult, ConversationResult, Outcome, TurnResult } from "./result.js";
import type { Check, Conversation, Judge, Scenario } from "./scenario.js";
import { type Saying, type UserSide, userSide } from "./user-side.js";

/** One scenario while it is talked through. */
export class LocalConversation {
  readonly scenario: Scenario;
  readonly turns: TurnResult[] = [];
  /** Set by whoever ends it, so that it ends once. */
  isOver = false;
  readonly #user: UserSide;
  readonly #judge: Judge | undefined;
  #saying: Saying | undefined;
  #answered = true;
  #stopped = false;
  #simulation = nothing;

  constructor(scenario: Scenario, player: ModelRef | Model, judge: Judge | undefined) {
    this.scenario = scenario;
    this.#user = userSide(scenario, player);
    this.#judge = judge;
  }

  /** The id of the turn that is open. */
  get turnId(): string {
    return `${this.scenario.id}#${this.turns.length + 1}`;
  }

  /** What the user says next; undefined where the user has nothing more to say. */
  async next(): Promise<string | undefined> {
    this.#saying = await this.#simulated(() => this.#user(this.#said()));
    this.#answered = this.#saying === undefined;
    return this.#saying?.say;
  }

  /** Whether this is the answer that is waited for; a second one to the same turn is not. */
  answered(turnId: string): boolean {
    if (this.#answered || turnId !== this.turnId) return false;
    this.#answered = true;
    return true;
  }

  /** Ends the turn with what the agent said, and asks its checks. */
  async add(answer: { readonly agent?: string; readonly error?: string; readonly measure: Measure }): Promise<void> {
    const { say, checks } = this.#saying as Saying;
    const { agent, error, measure } = answer;
    const shared = { user: say, measure, ...(error !== undefined && { error: redact(error) }) };
    if (agent === undefined) return void this.turns.push({ ...shared, checks: [] });
    const said = [...this.#said(), { user: say, agent }];
    this.turns.push({ ...shared, agent, checks: await this.#ask(checks, said, [agent]) });
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Asks the checks of the whole, unless it broke off, and tells how it went. */
  async end(error?: string): Promise<ConversationResult> {
    const { id, persona, user, checks = [] } = this.scenario;
    const said = this.#said();
    const whole = error === undefined && !this.#stopped;
    const results = whole
      ? await this.#ask(
          checks,
          said,
          said.map(({ agent }) => agent),
        )
      : [];
    const all = [...results, ...this.turns.flatMap((turn) => turn.checks)];
    const outcome = error !== undefined ? "error" : outcomeOf(all, this.#stopped);
    return {
      id,
      ...(persona && { persona: persona.name }),
      ...(user && { goal: user.goal }),
      outcome,
      ...(error !== undefined && { error: redact(error) }),
      turns: this.turns,
      checks: results,
      measure: this.turns.reduce((sum, { measure }) => plus(sum, measure), nothing),
      simulation: this.#simulation,
    };
  }

  async #ask(
    checks: readonly Check[],
    turns: Conversation["turns"],
    answers: readonly string[],
  ): Promise<CheckResult[]> {
    const { id, persona, user } = this.scenario;
    const who = persona && `${persona.name}${persona.description ? `: ${persona.description}` : ""}`;
    const conversation: Conversation = { id, persona: who, goal: user?.goal, turns };
    const ask = (check: Check) => this.#simulated(() => runCheck(check, conversation, answers, this.#judge));
    return Promise.all(checks.map(ask));
  }

  #said(): { user: string; agent: string }[] {
    return this.turns.map(({ user, agent = "" }) => ({ user, agent }));
  }

  async #simulated<T>(act: () => Promise<T>): Promise<T> {
    const outcome = await measured(act);
    this.#simulation = plus(this.#simulation, outcome.measure);
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }
}

function outcomeOf(checks: readonly CheckResult[], stopped: boolean): Outcome {
  if (checks.some(({ passed }) => passed === false)) return "failed";
  if (stopped) return "stopped";
  return checks.some(({ passed }) => passed === undefined) ? "unjudged" : "passed";
}
