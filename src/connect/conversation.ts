import type { Model, ModelRef } from "../model.js";
import { redact } from "../redact.js";
import { runCheck } from "./check.js";
import { type Measure, measured, nothing, plus } from "./meter.js";
import type { CheckResult, ConversationResult, Outcome, TurnResult } from "./result.js";
import { type Check, type Conversation, defaultMaxTurns, type Judge, type Scenario } from "./scenario.js";
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
  #ranOut = false;
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
    const next = await this.#simulated(() => this.#user(this.#said()));
    this.#ranOut = "end" in next && next.end === "out-of-turns";
    this.#saying = "end" in next ? undefined : next;
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
  async end(problem?: string): Promise<ConversationResult> {
    const { id, persona, user, checks = [] } = this.scenario;
    // Checks of nothing would hold, whatever the agent is like.
    const error = problem ?? (this.turns.length > 0 || this.#stopped ? undefined : noTurn);
    const results = error === undefined && !this.#stopped ? await this.#askWhole(checks) : [];
    const all = [...results, ...this.turns.flatMap((turn) => turn.checks)];
    return {
      id,
      ...(persona && { persona: persona.name }),
      ...(user && { goal: user.goal }),
      outcome: error !== undefined ? "error" : outcomeOf(all, { stopped: this.#stopped, ranOut: this.#ranOut }),
      ...(error !== undefined && { error: redact(error) }),
      turns: this.turns,
      checks: results,
      measure: this.turns.reduce((sum, { measure }) => plus(sum, measure), nothing),
      simulation: this.#simulation,
    };
  }

  async #askWhole(checks: readonly Check[]): Promise<CheckResult[]> {
    const said = this.#said();
    const answers = said.map(({ agent }) => agent);
    const results = await this.#ask(checks, said, answers);
    const { user } = this.scenario;
    if (!user?.mustFinish) return results;
    const { maxTurns = defaultMaxTurns } = user;
    const check = `the user finishes within ${maxTurns} turns`;
    const reason = "The user would have gone on.";
    return [...results, { check, passed: !this.#ranOut, ...(this.#ranOut && { reason }) }];
  }

  async #ask(
    checks: readonly Check[],
    turns: Conversation["turns"],
    answers: readonly string[],
  ): Promise<CheckResult[]> {
    const { id, persona, user } = this.scenario;
    const who = persona && `${persona.name}${persona.description ? `: ${persona.description}` : ""}`;
    const conversation: Conversation = { id, persona: who, goal: user?.goal, turns };
    const results: CheckResult[] = [];
    // One after the other, so that no more requests are under way than conversations.
    for (const check of checks)
      results.push(await this.#simulated(() => runCheck(check, conversation, answers, this.#judge)));
    return results;
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

const noTurn = "The conversation ended before its first turn: the user said nothing, so the agent was not asked.";

function outcomeOf(
  checks: readonly CheckResult[],
  { stopped, ranOut }: { readonly stopped: boolean; readonly ranOut: boolean },
): Outcome {
  if (checks.some(({ passed }) => passed === false)) return "failed";
  if (stopped) return "stopped";
  if (ranOut) return "unfinished";
  return checks.some(({ passed }) => passed === undefined) ? "unjudged" : "passed";
}
