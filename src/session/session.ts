import type { Warning } from "../answer.js";
import { brand } from "../brand.js";
import { converse, converseStreamed, type Lead } from "../call/conversation.js";
import { type Setup, setupFor, toSetup } from "../call/setup.js";
import { type StreamPromise, streamPromise } from "../call/stream-promise.js";
import { ConfigurationError } from "../errors.js";
import { asMade, type Input, isMessage, type Message, messagesOf, system } from "../message.js";
import type { Model, ModelRef } from "../model.js";
import { checkCounts } from "../numbers.js";
import { own } from "../own.js";
import { aboutRequest } from "../providers/encoding.js";
import { addWarning, type CallResponse } from "../response.js";
import { type CallSettings, overlay } from "../settings.js";
import type { ToolLike } from "../tool/function-tool.js";
import { placementProblem } from "../tool-use.js";
import { fromData, toData } from "./data.js";
import { History, type Limits } from "./history.js";
import { continueTurn, warningOf } from "./open-calls.js";
import { isInsideTurnOf, markOf, type OwnTurn, runInTurn } from "./own-turn.js";
import { TurnQueue } from "./turn-queue.js";

export interface SessionOptions extends Limits {
  model: ModelRef | Model;
  /** The first message of the history. */
  system?: string | undefined;
  /** They are run, and the model is asked again, until none is wanted. */
  tools?: readonly ToolLike[] | undefined;
  /** How many answers at most in one turn. With 1, tools are yours to run. @default 10 */
  maxSteps?: number | undefined;
}

/** What one turn sends, and how it enters the history. */
interface Turn {
  readonly setup: Setup;
  readonly messages: readonly Message[];
  commit(response: CallResponse<unknown>): void;
}

const known = brand<Session>("session");

const waitsForItself =
  "This turn was begun inside a turn of the same session, such as by one of its tools, and would wait for it for ever. Use session.add() to add to the conversation, or a session of its own for what the tool asks.";

/**
 * A conversation that remembers. A turn enters the history whole, with its tool calls and results, or not at all; turns
 * of one session run one after the other.
 */
export class Session {
  static {
    known.mark(Session.prototype);
  }

  /** Recognises instances of any copy of the package, where `instanceof` sees only its own. */
  static isInstance(value: unknown): value is Session {
    return known.marks(value);
  }

  /** Who answers; it can be changed between turns. */
  model: ModelRef | Model;
  readonly #options: SessionOptions;
  readonly #lead: Lead;
  readonly #queue = new TurnQueue();
  #history: History;
  /** What was added while a turn ran; it stands behind that turn. */
  #added: Message[] = [];
  /** What was changed in the history since the last answer. */
  #warnings: Warning[] = [];
  #running = false;
  #setup: { readonly model: ModelRef | Model; readonly setup: Setup } | undefined;

  /** @throws ConfigurationError where an option is out of range, and UnsupportedProviderError. */
  constructor(given: SessionOptions) {
    const options = own(given);
    const { maxSteps = 10, maxMessages, maxTokens } = options;
    checkCounts({ maxSteps, maxMessages, maxTokens });
    this.model = options.model;
    this.#options = options;
    this.#lead = { maxSteps };
    this.#history = new History(options.system ? [system(options.system)] : [], options);
    this.#setupNow();
  }

  /** All that was said, the system message first; a copy. */
  get history(): readonly Message[] {
    return asMade([...this.#history.leading, ...this.#history.said, ...this.#added]);
  }

  /**
   * Adds a message without asking. While a turn runs, it is added behind that turn. Tool calls that still wait for their
   * results get an error result if the message is another one.
   *
   * @throws ConfigurationError if it is not a message, holds a part that its role cannot hold, or is the result of a tool call
   * that nobody made. Such a result that is added while a turn runs is left out instead, with a warning on the next response.
   */
  add(message: Message): void {
    if (!isMessage(message))
      throw new ConfigurationError("session.add() takes a message, made with user(), assistant() or system().");
    const problem = placementProblem([message]);
    if (problem) throw new ConfigurationError(`This message cannot be added. ${problem}`);
    if (this.#running) this.#added.push(message);
    else
      this.#append(message, (why) => {
        throw new ConfigurationError(`This message cannot be added. ${why}`);
      });
  }

  /** Adds a message behind the last turn. Any but a result leaves the calls that are open there without one. */
  #append(message: Message, refuse: (why: string) => void): void {
    const { lastTurn } = this.#history;
    const { problem } = continueTurn(lastTurn, [message]);
    if (problem) return refuse(problem);
    if (message.role !== "tool") {
      const { messages, notRun } = continueTurn(lastTurn, []);
      this.#history.add(messages);
      this.#warnings.push(...notRun.map(warningOf));
    }
    this.#history.add([message]);
  }

  /**
   * Says something and waits for the answer. Without input, the model goes on from the history. A tool call of the last
   * answer that the input does not answer gets an error result, with a warning on the response.
   *
   * @param settings For this turn only.
   * @throws ConfigurationError, before any request, for a system message in the input (text from outside must not become
   * one; use `settings.system`), for the result of a tool call that nobody made, and inside a turn of this session, such as
   * in its tools, which wait for each other otherwise; what the call throws. The history is then
   * as it was.
   */
  async send(input?: Input, settings?: CallSettings): Promise<CallResponse> {
    const { turn, end } = await this.#begin(settings);
    try {
      const { setup, messages, commit } = this.#prepare(input, settings);
      const response = await runInTurn(turn, () => converse<never>(setup, messages, this.#lead));
      commit(response);
      return response;
    } finally {
      end();
    }
  }

  /**
   * The same as a stream. Its turn enters the history when it was read to the end; until then, or until it is left or
   * aborted, the turns behind it wait.
   */
  stream(input?: Input, settings?: CallSettings): StreamPromise {
    return streamPromise(async (signal) => {
      const { turn, end } = await this.#begin(settings, signal);
      try {
        const { setup, messages, commit } = this.#prepare(input, settings);
        // Whoever reads the stream is outside of the turn, the tools that reading it runs are inside.
        const lead = { ...this.#lead, signal, toolScope: markOf(turn) };
        return await converseStreamed<never>(setup, messages, lead, (response) => {
          if (response) commit(response);
          end();
        });
      } catch (error) {
        end();
        throw error;
      }
    });
  }

  /**
   * Forgets all that was said; a turn that runs does not enter any more.
   *
   * @param options.keepSystem Whether the leading system messages stay. @default true
   */
  clear(options: { keepSystem?: boolean | undefined } = {}): void {
    const { keepSystem = true } = own(options);
    this.#history = new History(keepSystem ? this.#history.leading : [], this.#options);
    this.#added = [];
  }

  /** The history as plain data for `Session.fromJSON`; no key, no model, no tool. */
  toJSON(): unknown {
    return toData(this.history);
  }

  /**
   * A session that goes on from saved data.
   *
   * @param options As for a new one; the system message is that of the data.
   * @throws ConfigurationError where the data was not made by `toJSON`, or was changed so that no provider would take it.
   */
  static fromJSON(data: unknown, options: SessionOptions): Session {
    const session = new Session(options);
    session.#history = new History(fromData(data), session.#options);
    return session;
  }

  /**
   * Waits for the turns before. Call `end` when this one is over; twice does no harm.
   *
   * @throws ConfigurationError inside a turn of this session, which would wait for itself.
   */
  async #begin(
    settings: CallSettings | undefined,
    signal?: AbortSignal,
  ): Promise<{ readonly turn: OwnTurn; readonly end: () => void }> {
    if (isInsideTurnOf(this)) throw new ConfigurationError(waitsForItself);
    const { signals = [] } = setupFor(this.#setupNow(), settings).layer;
    const end = await this.#queue.begin(signal ? [...signals, signal] : signals);
    this.#running = true;
    const turn: OwnTurn = { session: this, isOver: false };
    const endTurn = () => {
      turn.isOver = true;
      this.#running = false;
      const added = this.#added;
      this.#added = [];
      for (const message of added)
        this.#append(message, (why) => this.#warnings.push({ code: "message_left_out", message: why }));
      end();
    };
    return { turn, end: endTurn };
  }

  #prepare(input: Input | undefined, settings: CallSettings | undefined): Turn {
    const said = input === undefined ? [] : messagesOf(input);
    if (said.some(({ role }) => role === "system"))
      throw aboutRequest(
        new ConfigurationError(
          "A session takes no system message as input, since text from outside must not become one. Use settings.system or session.add().",
        ),
      );
    // Cleared meanwhile, the session has another history, and this one is nobody's.
    const history = this.#history;
    const { messages: next, notRun, problem } = continueTurn(history.lastTurn, said);
    if (problem) throw aboutRequest(new ConfigurationError(`The turn cannot be sent. ${problem}`));

    const setup = this.#speakingFor(history, setupFor(this.#setupNow(), settings));
    const context = [...(setup.layer.system ? [] : history.leading), ...history.said];
    const sent = context.length + Number(Boolean(setup.layer.system));
    return {
      setup,
      messages: [...context, ...next],
      commit: (response) => {
        history.add(response.messages.slice(sent));
        for (const warning of [...this.#warnings, ...notRun.map(warningOf)]) addWarning(response, warning);
        this.#warnings = [];
      },
    };
  }

  /** A system message that is said for this turn stands in for the session's own, which stands in for the model's. */
  #speakingFor(history: History, setup: Setup): Setup {
    const isModels = setup.layer.system === this.#setupNow().layer.system;
    if (!isModels || history.leading.length === 0) return setup;
    return toSetup(own({ ...setup.own, system: undefined }), setup, setup.scope);
  }

  #setupNow(): Setup {
    if (this.#setup?.model !== this.model) {
      const { tools } = this.#options;
      this.#setup = { model: this.model, setup: toSetup(overlay({}, { model: this.model, tools })) };
    }
    return this.#setup.setup;
  }
}
