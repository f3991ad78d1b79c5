import type { ModelRequest } from "../model.js";
import { own } from "../own.js";
import { longestTimer, now } from "../wait.js";
import { type Allowance, providerLimits } from "./provider-limits.js";
import { SlidingLog, type Use } from "./sliding-log.js";
import { WaitingLine } from "./waiting-line.js";

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

/** The limits of all requests that share them, and the line before them. */
export class RequestLimits {
  readonly #requests: SlidingLog;
  readonly #tokens: SlidingLog;
  readonly #concurrency: number;
  readonly #providers = new Map<string, ReturnType<typeof providerLimits>>();
  readonly #line = new WaitingLine<Need>(() => this.#letIn());
  #underWay = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(requestsPerMinute = unlimited, tokensPerMinute = unlimited, concurrency = unlimited) {
    this.#requests = new SlidingLog(requestsPerMinute, windowMs);
    this.#tokens = new SlidingLog(tokensPerMinute, windowMs);
    this.#concurrency = concurrency;
  }

  /** Milliseconds until a request's turn, if nothing but time is waited for. */
  waitFor(need: Need): number {
    const all = [...this.#line.places.map((place) => place.need), need];
    const turn = Math.max(
      this.#requests.earliest(all.map(() => 1)),
      this.#tokens.earliest(all.map(({ tokens }) => tokens)),
      this.#heldUntil(need),
    );
    return turn - now();
  }

  /** Resolves at a request's turn. @throws What `late` makes at the deadline; AbortedError. */
  enter(need: Need, request: ModelRequest, late: () => unknown): Promise<void> {
    const turn = this.#line.join(need, request, late);
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

  #letIn(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const { places } = this.#line;
      const free = this.#underWay < this.#concurrency;
      // A provider that has nothing left holds up its own requests, not those of others; and a retry must not wait for
      // a place behind those who wait for its own.
      const next = places.find(({ need }) => (free || need.isRetry) && this.#heldUntil(need) <= now());
      if (!next) return this.#wakeAt(Math.min(...places.map(({ need }) => this.#heldUntil(need)).filter(isAhead)));
      const turn = Math.max(this.#requests.earliest([1]), this.#tokens.earliest([next.need.tokens]));
      if (turn > now()) return this.#wakeAt(turn);
      this.#begin(next.need);
      next.admit();
    }
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

function isAhead(time: number): boolean {
  return time > now();
}
