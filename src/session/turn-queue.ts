import { abortedBy, linkSignals } from "../wait.js";

/** Lets one turn run at a time, in the order in which they were asked for. */
export class TurnQueue {
  #last: Promise<void> = Promise.resolve();

  /**
   * Waits for the turns before; call what it gives when this one is over.
   *
   * @throws AbortedError as soon as a signal aborts; the turns behind do not wait for it.
   */
  begin(signals: readonly AbortSignal[]): Promise<() => void> {
    const before = this.#last;
    let end = () => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#last = before.then(() => over);
    const { controller, unlink } = linkSignals(signals);
    const { signal } = controller;
    return new Promise((resolve, reject) => {
      const stop = () => {
        unlink();
        end();
        reject(abortedBy(signal.reason));
      };
      if (signal.aborted) return stop();
      signal.addEventListener("abort", stop, { once: true });
      before.then(() => {
        unlink();
        resolve(end);
      });
    });
  }
}
