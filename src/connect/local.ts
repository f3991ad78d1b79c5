import { ConfigurationError } from "../errors.js";
import { assistant, user } from "../message.js";
import type { Model, ModelRef } from "../model.js";
import { own } from "../own.js";
import { onAbort } from "../wait.js";
import type { SimBackend } from "./backend.js";
import { LocalConversation } from "./conversation.js";
import { ScenarioError } from "./errors.js";
import { judgeBy } from "./judge.js";
import { nothing } from "./meter.js";
import { FieldProblem, pathText, readScenario } from "./read-scenario.js";
import { type SimRequest, simRequest } from "./request.js";
import type { ConversationResult } from "./result.js";
import type { Judge, Scenario } from "./scenario.js";
import { type Summary, Tally } from "./tally.js";

export interface LocalOptions {
  /** One after the other; no more are taken than are talked through at the time. */
  readonly scenarios: Iterable<Scenario>;
  /** Plays the users that are not scripted. @default "openai/gpt-4o-mini" */
  readonly user?: ModelRef | Model | undefined;
  /**
   * Decides the checks that are a criterion in words: a model, or a function of your own. `false` leaves them unjudged,
   * which is neither passed nor failed.
   *
   * @default "openai/gpt-4o-mini"
   */
  readonly judge?: Judge | ModelRef | Model | false | undefined;
  /** Gets each conversation when it is over. Nothing of it is kept here. */
  readonly onResult?: ((result: ConversationResult) => void | Promise<void>) | undefined;
}

/** A backend without a network. */
export interface LocalBackend extends SimBackend {
  /** What came out so far. */
  readonly summary: Summary;
}

const defaultModel = "openai/gpt-4o-mini";
const takenAtOnce = 32;

/**
 * Simulates users here: scenarios with turns that are written down, or whose user a model plays, and with checks.
 *
 * @throws ScenarioError from `pending`, and so from `connect`, where a scenario is not of the right form or its id is
 * there twice.
 */
export function local(options: LocalOptions): LocalBackend {
  const { scenarios, user: player = defaultModel, judge = defaultModel, onResult } = own(options);
  if (typeof scenarios?.[Symbol.iterator] !== "function")
    throw new ConfigurationError("local() needs { scenarios }, a list. loadScenarios(file) reads one.");
  const decide = judge === false ? undefined : typeof judge === "function" ? judge : judgeBy(judge);
  const source = scenarios[Symbol.iterator]();
  const live = new Map<string, LocalConversation>();
  const ids = new Set<string>();
  const tally = new Tally();
  let ready: SimRequest[] = [];
  let taken = false;
  let broken: ConfigurationError | undefined;
  let wake = () => {};

  const finish = async (conversation: LocalConversation, error?: string) => {
    if (conversation.isOver) return;
    conversation.isOver = true;
    try {
      const result = await conversation.end(error);
      tally.add(result);
      await onResult?.(result);
    } catch (cause) {
      broken = new ConfigurationError(
        `The result of ${conversation.scenario.id} could not be handed on: ${messageOf(cause)}`,
        { cause },
      );
    }
    live.delete(conversation.scenario.id);
    wake();
  };
  /** Never rejects, whatever a model did: an answer that was taken must not be delivered again. */
  const goOn = async (conversation: LocalConversation) => {
    try {
      const said = await conversation.next();
      if (said === undefined) return await finish(conversation);
      ready.push(requestOf(conversation, said));
      wake();
    } catch (error) {
      await finish(conversation, `The user's side failed: ${messageOf(error)}`);
    }
  };
  const take = () => {
    for (let count = 0; !taken && ready.length === 0 && count < takenAtOnce; count++) {
      const { value, done } = source.next();
      if (done) {
        taken = true;
        return;
      }
      const scenario = checked(value, ids);
      const conversation = new LocalConversation(scenario, player, decide);
      live.set(scenario.id, conversation);
      // Not one after the other: a user whom a model plays takes a while to begin.
      void goOn(conversation);
    }
  };
  const conversationOf = ({ conversationId }: SimRequest) => live.get(conversationId);

  return {
    async pending(signal) {
      take();
      while (ready.length === 0 && live.size > 0 && !signal.aborted && !broken) {
        await new Promise<void>((resolve) => {
          const unlink = onAbort(signal, resolve);
          wake = () => {
            unlink();
            resolve();
          };
        });
        take();
      }
      if (broken) throw broken;
      const requests = ready;
      ready = [];
      return requests;
    },
    async deliver(request, { response }, measure = nothing) {
      const conversation = conversationOf(request);
      if (!conversation?.answered(request.testId)) return;
      await conversation.add({ agent: response, measure });
      await goOn(conversation);
    },
    async fail(request, error, measure = nothing) {
      const conversation = conversationOf(request);
      if (!conversation?.answered(request.testId)) return;
      await conversation.add({ error: messageOf(error), measure });
      await finish(conversation, messageOf(error));
    },
    get exhausted() {
      return taken && live.size === 0;
    },
    get summary() {
      return tally.summary;
    },
    async close() {
      for (const conversation of [...live.values()]) {
        conversation.stop();
        await finish(conversation);
      }
    },
  };
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

function checked(value: Scenario, ids: Set<string>): Scenario {
  const source = "scenarios";
  try {
    const scenario = readScenario(value, [], new Map());
    if (ids.has(scenario.id))
      throw new FieldProblem(["id"], `is ${JSON.stringify(scenario.id)} once more. Ids are unique.`);
    ids.add(scenario.id);
    return scenario;
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
    throw new ScenarioError(error.message, { source, field: pathText(error.path) || undefined });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
