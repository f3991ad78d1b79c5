import type { Warning } from "../answer.js";
import { brand } from "../brand.js";
import { converse, converseStreamed, type Lead } from "../call/conversation.js";
import { type Setup, setupFor, toSetup } from "../call/setup.js";
import { type StreamPromise, streamPromise } from "../call/stream-promise.js";
import { ConfigurationError } from "../errors.js";
import { type Input, isMessage, type Message, messagesOf, system } from "../message.js";
import type { Model, ModelRef, Usage } from "../model.js";
import { checkCounts } from "../numbers.js";
import { own } from "../own.js";
import { aboutRequest } from "../providers/encoding.js";
import { addWarning, type CallResponse } from "../response.js";
import { type Layer, overlay, settingsFor, withoutUnset } from "../settings.js";
import { placementProblem } from "../tool-use.js";
import { fromData, toData } from "./data.js";
import { frozenMessages, readableMessages } from "./frozen.js";
import { History, type Limits } from "./history.js";
import { continueTurn, type Placed, placeAdded, warningOf } from "./open-calls.js";
import { checkTurnSettings, partsOf, type SessionOptions, type TurnSettings } from "./options.js";
import { isInsideTurnOf, markOf, type OwnTurn, runInTurn } from "./own-turn.js";
import { Totals } from "./totals.js";
import { TurnQueue } from "./turn-queue.js";

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
  /** What holds for each turn, with the model that it was given for. */
  #settings: Layer;
  readonly #limits: Limits;
  readonly #lead: Lead;
  readonly #totals = new Totals();
  readonly #queue = new TurnQueue();
  #history: History;
  /** What was added while a turn ran; it stands behind that turn. */
  #added: Message[] = [];
  /** What was changed in the history since the last answer. */
  #warnings: Warning[] = [];
  #running = false;
  #setup: { readonly model: ModelRef | Model; readonly setup: Setup } | undefined;

  /** @throws ConfigurationError if an option is not known or out of range, and UnsupportedProviderError. */
  constructor(options: SessionOptions) {
    const { settings, limits, maxSteps = 10, system: said } = partsOf(options);
    this.model = own(options).model;
    this.#settings = settings;
    this.#limits = limits;
    this.#lead = { maxSteps };
    this.#history = new History(leadingOf(said), limits);
    this.#setupNow();
  }

  /**
   * All that was said, the system message first. The list is a new one, and changes of it or of its messages do not reach
   * the session: the messages are frozen.
   */
  get history(): readonly Message[] {
    return readableMessages([...this.#history.leading, ...this.#history.said, ...this.#placedNow().messages]);
  }

  /**
   * The tokens of all turns so far, each step included; of those whose provider said how many. Turns that were taken back
   * or cleared count as well, and so does one that ran into `maxSteps`. A fork and a restored session begin with 0.
   */
  get usage(): Usage {
    return this.#totals.usage;
  }

  /** USD, of the same turns; undefined if the price or the usage of one of them is not known. */
  get cost(): number | undefined {
    return this.#totals.cost;
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
    const [frozen] = frozenMessages([message]) as [Message];
    // A result may answer a call of the turn that runs, which nobody knows before its end.
    const [problem] = this.#running
      ? [placementProblem([message])]
      : placeAdded(this.#history.lastTurn, [frozen]).problems;
    if (problem) throw new ConfigurationError(`This message cannot be added. ${problem}`);
    this.#added.push(frozen);
    if (!this.#running) this.#placeAdded();
  }

  /** What was added while a turn runs, as it would follow if that turn left nothing behind. */
  #placedNow(): Placed {
    return placeAdded(this.#history.lastTurn, this.#added);
  }

  /** Puts what was added behind the last turn. */
  #placeAdded(): void {
    const { messages, notRun, problems } = this.#placedNow();
    this.#added = [];
    for (const message of messages) this.#history.add([message]);
    this.#warnings.push(
      ...notRun.map(warningOf),
      ...problems.map((message): Warning => ({ code: "message_left_out", message })),
    );
  }

  /**
   * Says something and waits for the answer. Without input, the model goes on from the history. A tool call of the last
   * answer that the input does not answer gets an error result, with a warning on the response.
   *
   * @param settings For this turn only.
   * @throws ConfigurationError, before any request, for a setting that is not known, for a system message in the input
   * (text from outside must not become one; use `settings.system`), for the result of a tool call that nobody made, and
   * inside a turn of this session, such as in its tools, which would wait for itself; what the call throws. The history is
   * then as it was.
   */
  async send(input?: Input, settings?: TurnSettings): Promise<CallResponse> {
    const { turn, end } = await this.#begin(settings);
    try {
      const { setup, messages, commit } = this.#prepare(input, settings);
      const response = await runInTurn(turn, () => converse<never>(setup, messages, this.#lead));
      commit(response);
      return response;
    } catch (error) {
      this.#totals.addFailed(error);
      throw error;
    } finally {
      end();
    }
  }

  /**
   * The same as a stream. Its turn enters the history when it was read to the end; until then, or until it is left or
   * aborted, the turns behind it wait.
   */
  stream(input?: Input, settings?: TurnSettings): StreamPromise {
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
    this.#history = new History(keepSystem ? this.#history.leading : [], this.#limits);
    this.#added = [];
    this.#warnings = [];
  }

  /**
   * Takes the last turns back, and returns their messages. A turn is a question with all that followed on it: calls of
   * tools, their results, the answer. A message of a user that was added is one, too.
   *
   * @param turns How many. @default 1
   * @throws ConfigurationError if the session does not hold so many turns, and while a turn runs.
   */
  rewind(turns = 1): readonly Message[] {
    checkCounts({ turns }, 0);
    if (this.#running)
      throw new ConfigurationError("session.rewind() was called while a turn runs. Await the turn, or abort it.");
    const held = this.#history.turns;
    if (turns > held)
      throw new ConfigurationError(`session.rewind(${turns}) was called, and the session holds ${held} turns.`);
    this.#warnings = [];
    return readableMessages(this.#history.takeBack(turns));
  }

  /**
   * A new session that goes on from the same history; neither sees what is said to the other. A turn that runs is not a
   * part of it.
   *
   * @param changes Options of the new session. `system` takes the place of the leading system messages.
   * @throws ConfigurationError as for a new session.
   */
  fork(changes: Partial<SessionOptions> = {}): Session {
    const { settings, limits, maxSteps = this.#lead.maxSteps, system: said } = partsOf(changes);
    const { maxMessages = this.#limits.maxMessages, maxTokens = this.#limits.maxTokens } = limits;
    const { model = this.model } = own(changes);
    const fork = new Session({
      ...settingsFor(this.#settings, model),
      ...withoutUnset(settings),
      model,
      maxSteps,
      maxMessages,
      maxTokens,
    });
    fork.#history = this.#history.copy(fork.#limits, said === undefined ? undefined : leadingOf(said));
    for (const message of this.#placedNow().messages) fork.#history.add([message]);
    return fork;
  }

  /** The history as plain data for `Session.fromJSON`; no key, no model, no tool. */
  toJSON(): unknown {
    return toData(this.history);
  }

  /**
   * A session that goes on from saved data.
   *
   * @param options As for a new one. `system` takes the place of the leading system messages of the data, which stay if it
   * is left out.
   * @throws ConfigurationError where the data was not made by `toJSON`, or was changed so that no provider would take it.
   */
  static fromJSON(data: unknown, options: SessionOptions): Session {
    const session = new Session(options);
    const saved = new History(frozenMessages(fromData(data)), session.#limits);
    const { system: said } = own(options);
    session.#history = said === undefined ? saved : saved.copy(session.#limits, leadingOf(said));
    return session;
  }

  /**
   * Waits for the turns before. Call `end` when this one is over; twice does no harm.
   *
   * @throws ConfigurationError for a setting that is not known; inside a turn of this session, which would wait for itself.
   */
  async #begin(
    settings: TurnSettings | undefined,
    signal?: AbortSignal,
  ): Promise<{ readonly turn: OwnTurn; readonly end: () => void }> {
    if (isInsideTurnOf(this)) throw new ConfigurationError(waitsForItself);
    checkTurnSettings(settings);
    const { signals = [] } = setupFor(this.#setupNow(), settings).layer;
    const end = await this.#queue.begin(signal ? [...signals, signal] : signals);
    this.#running = true;
    const turn: OwnTurn = { session: this, isOver: false };
    const endTurn = () => {
      // A stream that fails ends twice: by its own end, and as a promise that rejects.
      if (turn.isOver) return;
      turn.isOver = true;
      this.#running = false;
      this.#placeAdded();
      end();
    };
    return { turn, end: endTurn };
  }

  #prepare(input: Input | undefined, settings: TurnSettings | undefined): Turn {
    const said = input === undefined ? [] : frozenMessages(messagesOf(input));
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
        history.add(frozenMessages(response.messages.slice(sent)));
        this.#totals.add(response);
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
    if (this.#setup?.model !== this.model) this.#setup = { model: this.model, setup: toSetup(this.#layerNow()) };
    return this.#setup.setup;
  }

  /** Headers and a price are dropped if the model of another provider was assigned. */
  #layerNow(): Layer {
    return overlay({}, settingsFor(this.#settings, this.model));
  }
}

function leadingOf(said: string | undefined): readonly Message[] {
  return said ? frozenMessages([system(said)]) : [];
}
