import { converse, converseStreamed, type Lead } from "../call/conversation.js";
import { type Setup, setupFor, toSetup } from "../call/setup.js";
import { type StreamPromise, streamPromise } from "../call/stream-promise.js";
import { ConfigurationError } from "../errors.js";
import { type Input, isMessage, type Message, messagesOf, system } from "../message.js";
import type { Model, ModelRef } from "../model.js";
import type { CallResponse } from "../response.js";
import { type CallSettings, outOfRange, overlay } from "../settings.js";
import type { ToolLike } from "../tool/function-tool.js";
import { fromData, toData } from "./data.js";
import { type Limits, trim } from "./limits.js";
import { Turns } from "./turns.js";

export interface SessionOptions extends Limits {
  model: ModelRef | Model;
  /** The first message of the history. */
  system?: string | undefined;
  /** They are run, and the model is asked again, until none is wanted. */
  tools?: readonly ToolLike[] | undefined;
  /** How many answers at most in one turn. @default 10 */
  maxSteps?: number | undefined;
}

/**
 * A conversation that remembers. A turn enters the history whole, with its tool calls and results, or not at all; turns
 * of one session run one after the other.
 */
export class Session {
  /** Who answers; it can be changed between turns. */
  model: ModelRef | Model;
  readonly #options: SessionOptions;
  readonly #lead: Lead;
  readonly #turns = new Turns();
  #history: Message[];
  #setup: { readonly model: ModelRef | Model; readonly setup: Setup } | undefined;

  /** @throws ConfigurationError where an option is out of range, and UnsupportedProviderError. */
  constructor(options: SessionOptions) {
    const { maxSteps = 10, maxMessages, maxTokens } = options;
    for (const [name, value] of Object.entries({ maxSteps, maxMessages, maxTokens })) {
      if (value !== undefined && !(Number.isInteger(value) && value > 0))
        throw outOfRange(name, "a whole number above 0", value);
    }
    this.model = options.model;
    this.#options = options;
    this.#lead = { maxSteps };
    this.#history = options.system ? [system(options.system)] : [];
    this.#setupNow();
  }

  /** All that was said, the system message first. */
  get history(): readonly Message[] {
    return [...this.#history];
  }

  /** Adds a message without asking. @throws ConfigurationError where it is no message. */
  add(message: Message): void {
    if (!isMessage(message))
      throw new ConfigurationError("session.add() takes a message, made with user(), assistant() or system().");
    this.#history = trim([...this.#history, message], this.#options);
  }

  /**
   * Says something and waits for the answer. Without input, the model goes on from the history.
   *
   * @param settings For this turn only.
   * @throws What the call throws; the history is then as it was.
   */
  async send(input?: Input, settings: CallSettings = {}): Promise<CallResponse> {
    const end = await this.#turns.begin(settings.signal);
    try {
      const turn = this.#prepare(input, settings);
      const response = await converse<never>(turn.setup, turn.messages, this.#lead);
      turn.commit(response);
      return response;
    } finally {
      end();
    }
  }

  /** The same as a stream. A turn enters the history when its stream was read to the end. */
  stream(input?: Input, settings: CallSettings = {}): StreamPromise {
    return streamPromise(async () => {
      const end = await this.#turns.begin(settings.signal);
      try {
        const turn = this.#prepare(input, settings);
        return await converseStreamed<never>(turn.setup, turn.messages, this.#lead, (response) => {
          if (response) turn.commit(response);
          end();
        });
      } catch (error) {
        end();
        throw error;
      }
    });
  }

  /** Forgets. @param options.keepSystem Whether the system message stays. @default true */
  clear(options: { keepSystem?: boolean | undefined } = {}): void {
    const { keepSystem = true } = options;
    this.#history = keepSystem ? this.#history.filter(({ role }) => role === "system") : [];
  }

  /** The history as plain data for `Session.fromJSON`; no key, no model, no tool. */
  toJSON(): unknown {
    return toData(this.#history);
  }

  /**
   * A session that goes on from saved data.
   *
   * @param options As for a new one; the system message is that of the data.
   * @throws ConfigurationError where the data was not made by `toJSON`, or was changed so that no provider would take it.
   */
  static fromJSON(data: unknown, options: SessionOptions): Session {
    const session = new Session(options);
    session.#history = fromData(data);
    return session;
  }

  #prepare(input: Input | undefined, settings: CallSettings) {
    const setup = setupFor(this.#setupNow(), settings);
    const kept = trim(this.#history, this.#options);
    // A system message of this turn stands in for the session's own.
    const context = settings.system ? kept.filter(({ role }) => role !== "system") : kept;
    const sent = context.length + Number(Boolean(setup.layer.system));
    return {
      setup,
      messages: [...context, ...(input === undefined ? [] : messagesOf(input))],
      commit: (response: CallResponse<unknown>) => {
        this.#history = trim([...this.#history, ...response.messages.slice(sent)], this.#options);
      },
    };
  }

  #setupNow(): Setup {
    if (this.#setup?.model !== this.model) {
      const { tools } = this.#options;
      this.#setup = { model: this.model, setup: toSetup(overlay({}, { model: this.model, tools })) };
    }
    return this.#setup.setup;
  }
}
