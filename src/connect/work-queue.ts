/** Runs what is pushed, in order, so many at the same time; once the signal aborts, nothing more is begun. */
export class WorkQueue {
  readonly #concurrency: number;
  readonly #signal: AbortSignal;
  readonly #waiting: (() => Promise<void>)[] = [];
  #running = 0;
  #oneIsDone = () => {};

  constructor(concurrency: number, signal: AbortSignal) {
    this.#concurrency = concurrency;
    this.#signal = signal;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** @param task It never rejects. */
  push(task: () => Promise<void>): void {
    this.#waiting.push(task);
    this.#startSome();
  }

  /** Resolves when the next task is done. */
  nextDone(): Promise<void> {
    return new Promise((resolve) => {
      this.#oneIsDone = resolve;
    });
  }

  #startSome(): void {
    while (this.#running < this.#concurrency && this.#waiting.length > 0 && !this.#signal.aborted) {
      this.#running++;
      void (this.#waiting.shift() as () => Promise<void>)().finally(() => {
        this.#running--;
        this.#startSome();
        this.#oneIsDone();
      });
    }
  }
}
