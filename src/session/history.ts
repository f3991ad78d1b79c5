import type { Message } from "../message.js";
import { estimateTokens } from "../tokens.js";

export interface Limits {
  /** The most messages that are kept, leading system messages not counted; whole turns go, the oldest first. @default no limit */
  maxMessages?: number | undefined;
  /** The most tokens that are kept, by an estimate that may be 40 % off; whole turns go, the oldest first. @default no limit */
  maxTokens?: number | undefined;
}

/**
 * The turns of a conversation, within limits. Leading system messages stay, and so does the newest turn, even where it
 * alone is too long.
 */
export class History {
  readonly #limits: Limits;
  readonly #leading: Message[] = [];
  readonly #turns: Message[][] = [];
  #messages = 0;
  #tokens = 0;

  constructor(messages: readonly Message[], limits: Limits) {
    this.#limits = limits;
    let previous: Message | undefined;
    let turn: Message[] = [];
    for (const message of messages) {
      // What several messages of a user in a row were, one turn or some, nobody knows any more.
      if (message.role === "user" && previous?.role !== "user") {
        this.add(turn);
        turn = [];
      }
      turn.push(message);
      previous = message;
    }
    this.add(turn);
  }

  /** The system messages before all else. */
  get leading(): readonly Message[] {
    return this.#leading;
  }

  get turns(): number {
    return this.#turns.length;
  }

  /** The same turns under other limits, behind other leading system messages if they are given. */
  copy(limits: Limits, leading: readonly Message[] = this.#leading): History {
    const copy = new History(leading, limits);
    for (const turn of this.#turns) copy.add(turn);
    return copy;
  }

  /** Takes the last turns away, and returns their messages. */
  takeBack(turns: number): Message[] {
    const taken = turns === 0 ? [] : this.#turns.splice(-turns);
    for (const turn of taken) this.#count(turn, -1);
    return taken.flat();
  }

  /** All but the leading system messages. */
  get said(): Message[] {
    return this.#turns.flat();
  }

  get lastTurn(): readonly Message[] {
    return this.#turns.at(-1) ?? [];
  }

  /** Adds a turn. One that does not begin with the user goes on with the turn before, from which it must not be parted. */
  add(messages: readonly Message[]): void {
    const turn = this.#turns.length > 0 ? messages : this.#takeLeading(messages);
    const [first] = turn;
    if (!first) return;
    // Results of the calls before may lead a new turn.
    const question = turn.findIndex(({ role }) => role === "user");
    if (first.role === "tool" && question > 0) {
      this.add(turn.slice(0, question));
      this.add(turn.slice(question));
      return;
    }
    const last = this.#turns.at(-1);
    if (last && first.role !== "user") last.push(...turn);
    else this.#turns.push([...turn]);
    this.#count(turn, 1);
    this.#forget();
  }

  /** Gives what is left of the messages. */
  #takeLeading(messages: readonly Message[]): readonly Message[] {
    const end = messages.findIndex(({ role }) => role !== "system");
    const leading = end < 0 ? messages : messages.slice(0, end);
    this.#leading.push(...leading);
    if (this.#limits.maxTokens !== undefined) this.#tokens += sumTokens(leading);
    return messages.slice(leading.length);
  }

  #count(turn: readonly Message[], sign: 1 | -1): void {
    this.#messages += sign * turn.length;
    if (this.#limits.maxTokens !== undefined) this.#tokens += sign * sumTokens(turn);
  }

  #forget(): void {
    const { maxMessages = Number.POSITIVE_INFINITY, maxTokens = Number.POSITIVE_INFINITY } = this.#limits;
    while (this.#turns.length > 1 && (this.#messages > maxMessages || this.#tokens > maxTokens))
      this.#count(this.#turns.shift() ?? [], -1);
  }
}

function sumTokens(messages: readonly Message[]): number {
  return messages.reduce((sum, message) => sum + estimateTokens(message), 0);
}
