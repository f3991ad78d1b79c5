import { ConfigurationError } from "../errors.js";
import { assistant, user } from "../message.js";
import type { Model, ModelRef } from "../model.js";
import { onAbort } from "../wait.js";
import { LocalConversation } from "./conversation.js";
import { ScenarioError } from "./errors.js";
import { FieldProblem, pathText, readScenario } from "./read-scenario.js";
import { Recent } from "./recent.js";
import { type SimRequest, simRequest } from "./request.js";
import type { ConversationResult } from "./result.js";
import type { Judge, Scenario } from "./scenario.js";
import { Tally } from "./tally.js";

/** Scenarios may come without end, so the check for ids that are there twice goes only this far back. */
const idsKept = 100_000;

export interface LocalRunOptions {
  readonly scenarios: Iterable<Scenario>;
  readonly player: ModelRef | Model;
  /** Undefined leaves criteria in words unjudged. */
  readonly judge: Judge | undefined;
  readonly onResult: ((result: ConversationResult) => void | Promise<void>) | undefined;
}

/** The conversations of a run: a new one begins when one is over. */
export class LocalRun {
  readonly tally = new Tally();
  readonly #options: LocalRunOptions;
  readonly #source: Iterator<Scenario>;
  readonly #live = new Map<string, LocalConversation>();
  readonly #ids = new Recent(idsKept);
  #ready: SimRequest[] = [];
  #hasAny = false;
  #isTaken = false;
  #broken: ConfigurationError | undefined;
  #wake = () => {};

  constructor(options: LocalRunOptions) {
    this.#options = options;
    this.#source = options.scenarios[Symbol.iterator]();
  }

  get isOver(): boolean {
    return this.#isTaken && this.#live.size === 0;
  }

  /** The conversation whose turn this is, if its answer is waited for. */
  waitingFor({ conversationId, testId }: SimRequest): LocalConversation | undefined {
    const conversation = this.#live.get(conversationId);
    return conversation?.answered(testId) ? conversation : undefined;
  }

  /**
   * What users said meanwhile; waits for it.
   *
   * @param most How many conversations are open. Each has one request under way: its user's, its agent's or its judge's.
   * @throws ScenarioError; ConfigurationError if a result could not be handed on.
   */
  async next(signal: AbortSignal, most: number): Promise<readonly SimRequest[]> {
    this.#take(most);
    while (this.#ready.length === 0 && this.#live.size > 0 && !signal.aborted && !this.#broken) {
      await new Promise<void>((resolve) => {
        const unlink = onAbort(signal, resolve);
        this.#wake = () => {
          unlink();
          resolve();
        };
      });
      this.#take(most);
    }
    if (this.#broken) throw this.#broken;
    const requests = this.#ready;
    this.#ready = [];
    return requests;
  }

  /** Never rejects, whatever a model did: an answer that was taken must not be delivered again. */
  async goOn(conversation: LocalConversation): Promise<void> {
    try {
      const said = await conversation.next();
      if (said === undefined) return await this.finish(conversation);
      this.#ready.push(requestOf(conversation, said));
      this.#wake();
    } catch (error) {
      await this.finish(conversation, `The user's side failed: ${messageOf(error)}`);
    }
  }

  async finish(conversation: LocalConversation, error?: string): Promise<void> {
    if (conversation.isOver) return;
    conversation.isOver = true;
    try {
      const result = await conversation.end(error);
      this.tally.add(result);
      await this.#options.onResult?.(result);
    } catch (cause) {
      this.#broken = new ConfigurationError(
        `The result of ${conversation.scenario.id} could not be handed on: ${messageOf(cause)}`,
        { cause },
      );
    }
    this.#live.delete(conversation.scenario.id);
    this.#wake();
  }

  /** Ends what is open, and counts what was not begun, if it can be told: a generator may go on for ever. */
  async stop(): Promise<void> {
    for (const conversation of [...this.#live.values()]) await this.#stopOne(conversation);
    while (!this.#isTaken && !this.#broken && Array.isArray(this.#options.scenarios)) {
      const { value, done } = this.#source.next();
      this.#isTaken = done === true;
      if (!this.#isTaken && isScenario(value)) await this.#stopOne(this.#open(value));
    }
  }

  async #stopOne(conversation: LocalConversation): Promise<void> {
    conversation.stop();
    await this.finish(conversation);
  }

  #take(most: number): void {
    while (!this.#isTaken && this.#live.size < most) {
      const { value, done } = this.#source.next();
      this.#isTaken = done === true;
      if (this.#isTaken && !this.#hasAny)
        throw new ScenarioError("there is none, so nothing would be tested.", { source: "scenarios" });
      if (this.#isTaken) return;
      this.#hasAny = true;
      // Not one after the other: a user whom a model plays takes a while to begin.
      void this.goOn(this.#open(this.#read(value)));
    }
  }

  #open(scenario: Scenario): LocalConversation {
    const conversation = new LocalConversation(scenario, this.#options.player, this.#options.judge);
    this.#live.set(scenario.id, conversation);
    return conversation;
  }

  #read(value: Scenario): Scenario {
    try {
      const scenario = readScenario(value, [], new Map());
      if (this.#ids.has(scenario.id))
        throw new FieldProblem(["id"], `is ${JSON.stringify(scenario.id)} once more. Ids are unique.`);
      this.#ids.add(scenario.id);
      return scenario;
    } catch (error) {
      if (!(error instanceof FieldProblem)) throw error;
      const field = pathText(error.path) || undefined;
      this.#broken = new ScenarioError(error.message, { source: "scenarios", field });
      throw this.#broken;
    }
  }
}

function requestOf(conversation: LocalConversation, said: string): SimRequest {
  const { scenario, turns } = conversation;
  const before = turns.flatMap((turn) => [user(turn.user), assistant(turn.agent ?? "")]);
  return simRequest({
    messages: [...before, user(said)],
    testId: conversation.turnId,
    conversationId: scenario.id,
  });
}

function isScenario(value: unknown): value is Scenario {
  try {
    return Boolean(readScenario(value, [], new Map()));
  } catch {
    return false;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
