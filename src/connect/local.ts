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
import { Recent } from "./recent.js";
import { type SimRequest, simRequest } from "./request.js";
import type { ConversationResult } from "./result.js";
import type { Judge, Scenario } from "./scenario.js";
import { type Summary, Tally } from "./tally.js";

export interface LocalOptions {
  /** Taken one after the other: a new conversation begins when one is over. Those of a list that a stop left are counted. */
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
const defaultConcurrency = 10;
/** Scenarios may come without end, so the check for ids that are there twice goes only this far back. */
const idsKept = 100_000;

/**
 * Simulates users here: scenarios with turns that are written down, or whose user a model plays, and with checks.
 *
 * @throws ScenarioError from `pending`, and so from `connect`, where a scenario is not of the right form, its id is
 * there twice, or there is none.
 */
export function local(options: LocalOptions): LocalBackend {
  const { scenarios, user: player = defaultModel, judge = defaultModel, onResult } = own(options);
  if (typeof scenarios?.[Symbol.iterator] !== "function")
    throw new ConfigurationError("local() needs { scenarios }, a list. loadScenarios(file) reads one.");
  const decide = judge === false ? undefined : typeof judge === "function" ? judge : judgeBy(judge);
  const source = scenarios[Symbol.iterator]();
  const live = new Map<string, LocalConversation>();
  const ids = new Recent(idsKept);
  const tally = new Tally();
  let ready: SimRequest[] = [];
  let taken = false;
  let hasAny = false;
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
  const checked = (value: Scenario): Scenario => {
    try {
      return read(value, ids);
    } catch (error) {
      broken = error as ConfigurationError;
      throw error;
    }
  };
  const open = (scenario: Scenario) => {
    const conversation = new LocalConversation(scenario, player, decide);
    live.set(scenario.id, conversation);
    return conversation;
  };
  /** Each conversation has one request under way: its user's, its agent's or its judge's. */
  const take = (concurrency: number) => {
    while (!taken && live.size < concurrency) {
      const { value, done } = source.next();
      if (done) {
        taken = true;
        if (!hasAny) throw new ScenarioError("there is none, so nothing would be tested.", { source: "scenarios" });
        return;
      }
      hasAny = true;
      // Not one after the other: a user whom a model plays takes a while to begin.
      void goOn(open(checked(value)));
    }
  };
  /** What a stop kept from beginning, if it can be told: a generator may go on for ever. */
  const stopRest = async () => {
    while (!taken && !broken && Array.isArray(scenarios)) {
      const { value, done } = source.next();
      taken = done === true;
      if (taken || !isScenario(value)) continue;
      const conversation = open(value);
      conversation.stop();
      await finish(conversation);
    }
  };
  const conversationOf = ({ conversationId }: SimRequest) => live.get(conversationId);

  return {
    async pending(signal, concurrency = defaultConcurrency) {
      take(concurrency);
      while (ready.length === 0 && live.size > 0 && !signal.aborted && !broken) {
        await new Promise<void>((resolve) => {
          const unlink = onAbort(signal, resolve);
          wake = () => {
            unlink();
            resolve();
          };
        });
        take(concurrency);
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
      await stopRest();
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

function read(value: Scenario, ids: Recent): Scenario {
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

function isScenario(value: unknown): value is Scenario {
  try {
    return Boolean(readScenario(value, [], new Map()));
  } catch {
    return false;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
