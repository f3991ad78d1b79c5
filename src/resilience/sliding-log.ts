import { now } from "../wait.js";

/** One entry of a log: what was used, and when. */
export interface Use {
  readonly at: number;
  amount: number;
}

/** What was used in the last while, so that it never exceeds a limit, in whichever window one looks. */
export class SlidingLog {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #uses: Use[] = [];
  #sum = 0;

  constructor(limit: number, windowMs: number) {
    this.#limit = limit;
    this.#windowMs = windowMs;
  }

  /** When the last of these amounts can be used, if each is used as soon as there is room; an amount above the limit waits for an empty window. */
  earliest(amounts: readonly number[]): number {
    this.#forget();
    const ahead: Use[] = [];
    let at = now();
    let sum = this.#sum;
    let freed = 0;
    for (const amount of amounts) {
      while (sum > 0 && sum + amount > this.#limit) {
        const oldest = this.#uses[freed] ?? (ahead[freed - this.#uses.length] as Use);
        at = Math.max(at, oldest.at + this.#windowMs);
        sum -= oldest.amount;
        freed++;
      }
      ahead.push({ at, amount });
      sum += amount;
    }
    return at;
  }

  add(amount: number): Use {
    const use = { at: now(), amount };
    this.#uses.push(use);
    this.#sum += amount;
    return use;
  }

  /** Puts what was really used in the place of an estimate. */
  settle(use: Use, amount: number): void {
    if (this.#uses.includes(use)) this.#sum += amount - use.amount;
    use.amount = amount;
  }

  #forget(): void {
    const until = now() - this.#windowMs;
    const kept = this.#uses.findIndex(({ at }) => at > until);
    for (const { amount } of this.#uses.splice(0, kept < 0 ? this.#uses.length : kept)) this.#sum -= amount;
  }
}
