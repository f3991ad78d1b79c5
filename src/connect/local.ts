import { ConfigurationError } from "../errors.js";
import type { Model, ModelRef } from "../model.js";
import { own } from "../own.js";
import type { SimBackend } from "./backend.js";
import { judgeBy } from "./judge.js";
import { LocalRun, messageOf } from "./local-run.js";
import { nothing } from "./meter.js";
import type { ConversationResult } from "./result.js";
import type { Judge, Scenario } from "./scenario.js";
import type { Summary } from "./tally.js";

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
  const run = new LocalRun({ scenarios, player, judge: decide, onResult });

  return {
    pending: (signal, concurrency = defaultConcurrency) => run.next(signal, concurrency),
    async deliver(request, { response }, measure = nothing) {
      const conversation = run.waitingFor(request);
      if (!conversation) return;
      await conversation.add({ agent: response, measure });
      await run.goOn(conversation);
    },
    async fail(request, error, measure = nothing) {
      const conversation = run.waitingFor(request);
      if (!conversation) return;
      await conversation.add({ error: messageOf(error), measure });
      await run.finish(conversation, messageOf(error));
    },
    get exhausted() {
      return run.isOver;
    },
    get summary() {
      return run.tally.summary;
    },
    close: () => run.stop(),
  };
}
