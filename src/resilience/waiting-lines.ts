import type { ModelRequest } from "../model.js";
import { own } from "../own.js";
import { abortedBy, after, now, onAbort } from "../wait.js";

/** A caller that waits in a line. */
export interface Place<Need> {
  readonly need: Need;
  /** Grows with each arrival, in whichever line. */
  readonly order: number;
  /** Lets the caller go on and removes the place. */
  admit(): void;
  /** Rejects the caller's promise and removes the place. */
  refuse(error: unknown): void;
}

/** A place in a linked list, so that leaving from the middle costs the same as from the front. */
interface LinkedPlace<Need> extends Place<Need> {
  previous: LinkedPlace<Need> | undefined;
  next: LinkedPlace<Need> | undefined;
}

interface Line<Need> {
  first: LinkedPlace<Need> | undefined;
  last: LinkedPlace<Need> | undefined;
}

export interface LinesOptions<Need> {
  /**
   * Called when the first of a line left without being admitted, so that the one behind it may be next. Leaving from behind
   * it changes nothing for anybody.
   */
  readonly onLeave: () => void;
  /** What a place adds to `weight`. @default 0 */
  readonly weigh?: (need: Need) => number;
}

let arrivals = 0;

/**
 * Callers that wait for something scarce: one line for each key, each in order of arrival. Joining, being admitted and
 * leaving take the same time however many wait.
 */
export class WaitingLines<Key, Need> {
  readonly #lines = new Map<Key, Line<Need>>();
  readonly #options: LinesOptions<Need>;
  #size = 0;
  #weight = 0;

  constructor(options: LinesOptions<Need>) {
    this.#options = own(options);
  }

  /** How many wait, in all lines together. */
  get size(): number {
    return this.#size;
  }

  /** What all who wait weigh together. */
  get weight(): number {
    return this.#weight;
  }

  /** The first place of each line. */
  *heads(): Generator<Place<Need>, void> {
    for (const { first } of this.#lines.values()) if (first) yield first;
  }

  /** Some of those who wait, at most `count`, in order of arrival. */
  some(count: number): Need[] {
    const found: Place<Need>[] = [];
    for (const { first } of this.#lines.values()) {
      for (let place = first; place && found.length < count; place = place.next) found.push(place);
      if (found.length === count) break;
    }
    return found.sort((a, b) => a.order - b.order).map(({ need }) => need);
  }

  /**
   * Resolves when the caller is admitted.
   *
   * @param late Makes the error for a caller whose deadline has passed.
   * @throws AbortedError when the signal aborts; what `late` returns at the deadline; what the place is refused with.
   */
  join(key: Key, need: Need, { signal, context }: ModelRequest, late: () => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortedBy(signal.reason));
      const leave = () => {
        unlink?.();
        cancel?.();
        return this.#remove(key, place);
      };
      const place: LinkedPlace<Need> = {
        need,
        order: ++arrivals,
        previous: undefined,
        next: undefined,
        admit() {
          leave();
          resolve();
        },
        refuse(error) {
          leave();
          reject(error);
        },
      };
      const giveUp = (error: unknown) => {
        const wasFirst = leave();
        reject(error);
        if (wasFirst) this.#options.onLeave();
      };
      const unlink = signal && onAbort(signal, () => giveUp(abortedBy(signal.reason)));
      const cancel =
        context?.deadline === undefined ? undefined : after(context.deadline - now(), () => giveUp(late()));
      this.#append(key, place);
    });
  }

  #append(key: Key, place: LinkedPlace<Need>): void {
    const line = this.#lines.get(key) ?? { first: undefined, last: undefined };
    this.#lines.set(key, line);
    place.previous = line.last;
    if (line.last) line.last.next = place;
    else line.first = place;
    line.last = place;
    this.#size++;
    this.#weight += this.#options.weigh?.(place.need) ?? 0;
  }

  /** Returns whether it was the first of its line. */
  #remove(key: Key, place: LinkedPlace<Need>): boolean {
    const line = this.#lines.get(key) as Line<Need>;
    const { previous, next } = place;
    if (previous) previous.next = next;
    else line.first = next;
    if (next) next.previous = previous;
    else line.last = previous;
    if (!line.first) this.#lines.delete(key);
    this.#size--;
    // Sums of many fractions would keep a rest.
    this.#weight = this.#size === 0 ? 0 : this.#weight - (this.#options.weigh?.(place.need) ?? 0);
    return !previous;
  }
}
