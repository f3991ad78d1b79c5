import type { ModelRequest } from "../model.js";
import { abortedBy, after, now, onAbort } from "../wait.js";

/** One who waits in a line. */
export interface Place<Need> {
  readonly need: Need;
  /** Lets the one who waits go on; the place is then gone. */
  admit(): void;
  /** Sends him away with an error; the place is then gone. */
  refuse(error: unknown): void;
}

/** Callers who wait for what is scarce, in order. Whoever is aborted, or has no time left, gives his place back at once. */
export class WaitingLine<Need> {
  readonly #places: Place<Need>[] = [];
  readonly #onLeave: () => void;

  /** @param onLeave Hears that somebody left by himself, so that others may be next. */
  constructor(onLeave: () => void) {
    this.#onLeave = onLeave;
  }

  get places(): readonly Place<Need>[] {
    return this.#places;
  }

  /**
   * Resolves when the caller is admitted.
   *
   * @param late Makes the error for a caller whose deadline is there.
   * @throws AbortedError when the signal aborts, what `late` makes at the deadline, and what he is refused with.
   */
  join(need: Need, { signal, context }: ModelRequest, late: () => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(abortedBy(signal.reason));
      const leave = () => {
        unlink?.();
        cancel?.();
        this.#places.splice(this.#places.indexOf(place), 1);
      };
      const place: Place<Need> = {
        need,
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
        place.refuse(error);
        this.#onLeave();
      };
      const unlink = signal && onAbort(signal, () => giveUp(abortedBy(signal.reason)));
      const cancel =
        context?.deadline === undefined ? undefined : after(context.deadline - now(), () => giveUp(late()));
      this.#places.push(place);
    });
  }
}
