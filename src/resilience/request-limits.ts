import { BoundedMap } from "../bounded-map.js";
import type { ModelRequest } from "../model.js";
import { own } from "../own.js";
import { longestTimer, now } from "../wait.js";
import { type Allowance, providerLimits } from "./provider-limits.js";
import { SlidingLog, type Use } from "./sliding-log.js";
import { type Place, WaitingLines } from "./waiting-lines.js";

/** What one request asks of the limits. */
export interface Need {
  readonly modelId: string;
  readonly tokens: number;
  /** A retry has its place among those under way already. */
  readonly isRetry: boolean;
  /** The tokens as they stand in the log, once it was let in. */
  use?: Use;
}

const windowMs = 60_000;
const unlimited = Number.POSITIVE_INFINITY;
/** More models than this are ids that change; what was known of the longest unused goes. */
const maxModels = 1000;
/** So many of those who wait are looked at one by one to tell a caller when its turn is. */
const maxForecast = 64;

/** The limits of all requests that share them, and the line before them. */
export class RequestLimits {
  readonly #requests: SlidingLog;
  readonly #tokens: SlidingLog;
  readonly #concurrency: number;
  readonly #providers = new BoundedMap<string, ReturnType<typeof providerLimits>>(maxModels);
  /** One line for each model, since a provider that has nothing left holds up its own requests, not those of others. */
  readonly #calls = this.#lines();
  /** A retry must not wait for a slot behind those who wait for its own. */
  readonly #retries = this.#lines();
  #underWay = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(requestsPerMinute = unlimited, tokensPerMinute = unlimited, concurrency = unlimited) {
    this.#requests = new SlidingLog(requestsPerMinute, windowMs);
    this.#tokens = new SlidingLog(tokensPerMinute, windowMs);
    this.#concurrency = concurrency;
  }

  /** Milliseconds until a request's turn, if nothing but time is waited for. */
  waitFor(need: Need): number {
    const ahead = [...this.#retries.some(maxForecast), ...this.#calls.some(maxForecast)];
    const turn = Math.max(
      this.#requests.turnOf(this.waiting + 1),
      this.#tokens.earliest([...ahead, need].map(({ tokens }) => tokens)),
      this.#tokens.earliestAfter(this.#retries.weight + this.#calls.weight, need.tokens),
      this.#heldUntil(need),
    );
    return turn - now();
  }

  /** Whether as many are under way as may be. */
  get isFull(): boolean {
    return this.#underWay >= this.#concurrency;
  }

  /** How many wait for their turn. */
  get waiting(): number {
    return this.#calls.size + this.#retries.size;
  }

  /** Resolves at a request's turn. @throws What `late` makes at the deadline; AbortedError. */
  enter(need: Need, request: ModelRequest, late: () => unknown): Promise<void> {
    const lines = need.isRetry ? this.#retries : this.#calls;
    const turn = lines.join(need.modelId, need, request, late);
    this.#letIn();
    return turn;
  }

  /** Puts what was really used in the place of the estimate. */
  settle({ use }: Need, tokens: number): void {
    if (use) this.#tokens.settle(use, tokens);
    this.#letIn();
  }

  /** Gives the place among those under way back. */
  leave(): void {
    this.#underWay--;
    this.#letIn();
  }

  /** Heeds what a provider said of its own limits. */
  heed(modelId: string, headers: Readonly<Record<string, string>>): void {
    this.#providers.set(modelId, own({ ...this.#providers.get(modelId), ...providerLimits(headers) }));
    this.#letIn();
  }

  /** Asks a model nothing for a while. */
  hold(modelId: string, ms: number): void {
    const requests = { remaining: 0, until: now() + ms };
    this.#providers.set(modelId, own({ ...this.#providers.get(modelId), requests }));
  }

  #lines(): WaitingLines<string, Need> {
    return new WaitingLines({
      onLeave: () => this.#letIn(),
      weigh: ({ tokens }) => this.#tokens.capped(tokens),
    });
  }

  #letIn(): void {
    clearTimeout(this.#timer);
    while (this.waiting > 0) {
      // The same for all, so the lines need not be looked at.
      const anyTurn = this.#requests.turnOf(1);
      if (anyTurn > now()) return this.#wakeAt(anyTurn);
      const { next, heldUntil } = this.#next();
      if (!next) return this.#wakeAt(heldUntil);
      const turn = this.#tokens.earliest([next.need.tokens]);
      if (turn > now()) return this.#wakeAt(turn);
      this.#begin(next.need);
      next.admit();
    }
  }

  /** The first to arrive of those whom nothing but this limit could hold up; or when a provider has something left again. */
  #next(): { readonly next: Place<Need> | undefined; readonly heldUntil: number } {
    let next: Place<Need> | undefined;
    let heldUntil = unlimited;
    for (const lines of this.isFull ? [this.#retries] : [this.#retries, this.#calls]) {
      for (const head of lines.heads()) {
        const until = this.#heldUntil(head.need);
        if (until > now()) heldUntil = Math.min(heldUntil, until);
        else if (!next || head.order < next.order) next = head;
      }
    }
    return { next, heldUntil };
  }

  #begin(need: Need): void {
    this.#requests.add(1);
    need.use = this.#tokens.add(need.tokens);
    if (!need.isRetry) this.#underWay++;
    const known = this.#providers.get(need.modelId);
    if (known?.requests) known.requests.remaining--;
    if (known?.tokens) known.tokens.remaining -= need.tokens;
  }

  /** Until when the provider itself has nothing left for a request; in the past where it has. */
  #heldUntil({ modelId, tokens }: Need): number {
    const said = this.#providers.get(modelId);
    const lacks = (allowance: Allowance | undefined, amount: number) =>
      allowance && allowance.remaining < amount ? allowance.until : 0;
    return Math.max(lacks(said?.requests, 1), lacks(said?.tokens, tokens));
  }

  /** Whoever waits for his turn keeps the process alive. */
  #wakeAt(time: number): void {
    if (time === unlimited) return;
    this.#timer = setTimeout(() => this.#letIn(), Math.min(Math.ceil(time - now()), longestTimer));
  }
}
