/** Runs what is pushed, in order, so many at the same time; once the signal aborts, nothing more is begun. */
export class WorkQueue {
  readonly #concurrency: number;
  readonly #signal: AbortSignal;
  readonly #onError: (error: unknown) => void;
  readonly #waiting: (() => Promise<void>)[] = [];
  #running = 0;
  #oneIsDone = () => {};

  /** @param onError Hears of a task that rejects; the others go on. */
  constructor(concurrency: number, signal: AbortSignal, onError: (error: unknown) => void) {
    this.#concurrency = concurrency;
    this.#signal = signal;
    this.#onError = onError;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

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
      const settle = () => {
        this.#running--;
        this.#startSome();
        this.#oneIsDone();
      };
      void (this.#waiting.shift() as () => Promise<void>)().catch(this.#onError).then(settle, settle);
    }
  }
}
