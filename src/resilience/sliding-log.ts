import { now } from "../wait.js";

/** One entry of a log: what was used, and when. */
export interface Use {
  readonly at: number;
  amount: number;
  /** Whether it still counts. */
  isCounted: boolean;
}

/** How many uses an estimate looks at, so that it takes the same time however many there are. */
const mostSteps = 256;
/** So many forgotten entries are kept before the list is shortened. */
const mostForgotten = 1024;

/** What was used in the last while, so that it never exceeds a limit, in whichever window one looks. */
export class SlidingLog {
  readonly #limit: number;
  readonly #windowMs: number;
  #uses: Use[] = [];
  /** The index of the oldest use that counts. */
  #head = 0;
  #sum = 0;

  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** When the `position`th of those who wait gets its turn if each uses 1, as all before them did. */
  turnOf(position: number): number {
    if (this.#limit === Number.POSITIVE_INFINITY) return now();
    this.#forget();
    // Within one window as many can begin as the limit says, and each begins a window after the one that far ahead.
    const windows = Math.ceil(position / this.#limit) - 1;
    const blocking = this.#uses.length + position - 1 - (windows + 1) * this.#limit;
    const freeAt = blocking < this.#head ? 0 : (this.#uses[blocking] as Use).at + this.#windowMs;
    return Math.max(now(), freeAt) + windows * this.#windowMs;
  }

  /**
   * When the last of these amounts can be used, if each is used as soon as there is room; an amount above the limit waits for
   * an empty window. Exact as long as at most 256 uses have to expire first; behind that, a lower bound.
   */
  earliest(amounts: readonly number[]): number {
    this.#forget();
    const ahead: Use[] = [];
    const logged = this.#uses.length - this.#head;
    let at = now();
    let sum = this.#sum;
    let freed = 0;
    for (const amount of amounts) {
      while (sum > 0 && sum + amount > this.#limit) {
        if (freed === mostSteps) return at;
        const oldest = freed < logged ? this.#uses[this.#head + freed] : ahead[freed - logged];
        at = Math.max(at, (oldest as Use).at + this.#windowMs);
        sum -= (oldest as Use).amount;
        freed++;
      }
      ahead.push({ at, amount, isCounted: true });
      sum += amount;
    }
    return at;
  }

  /** When an amount can be used at the earliest, if so much is used before it; no amount counts for more than the limit. */
  earliestAfter(amountAhead: number, amount: number): number {
    const windows = Math.ceil((amountAhead + this.capped(amount)) / this.#limit) - 1;
    return now() + Math.max(windows, 0) * this.#windowMs;
  }

  /** An amount, or the limit if that is less. */
  capped(amount: number): number {
    return Math.min(amount, this.#limit);
  }

  add(amount: number): Use {
    const isLimited = this.#limit < Number.POSITIVE_INFINITY;
    const use = { at: now(), amount, isCounted: isLimited };
    if (isLimited) {
      this.#uses.push(use);
      this.#sum += amount;
    }
    return use;
  }

  /** Replaces an estimate by what was really used. */
  settle(use: Use, amount: number): void {
    if (use.isCounted) this.#sum += amount - use.amount;
    use.amount = amount;
  }

  #forget(): void {
    const until = now() - this.#windowMs;
    for (let use = this.#uses[this.#head]; use && use.at <= until; use = this.#uses[this.#head]) {
      use.isCounted = false;
      this.#sum -= use.amount;
      this.#head++;
    }
    if (this.#head === this.#uses.length) this.#sum = 0;
    if (this.#head < mostForgotten || this.#head * 2 < this.#uses.length) return;
    this.#uses = this.#uses.slice(this.#head);
    this.#head = 0;
  }
}
