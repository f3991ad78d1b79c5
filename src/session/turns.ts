import { abortedBy } from "../wait.js";

/** Lets one turn run at a time, in the order in which they were asked for. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /**
   * Waits for the turns before; call what it gives when this one is over.
   *
   * @throws AbortedError as soon as the signal aborts; the turns behind do not wait for it.
   */
  begin(signal?: AbortSignal): Promise<() => void> {
    const before = this.#last;
    let end = () => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#last = before.then(() => over);
    return new Promise((resolve, reject) => {
      const stop = () => {
        end();
        reject(abortedBy(signal?.reason));
      };
      if (signal?.aborted) return stop();
      signal?.addEventListener("abort", stop, { once: true });
      before.then(() => {
        signal?.removeEventListener("abort", stop);
        resolve(end);
      });
    });
  }
}
