/** Counts what a call could leave behind in this process: sockets, and timers of the library's own. */
export class Leftovers {
  readonly #timers = new Map<unknown, string>();
  readonly #before = handles();
  readonly #setTimeout = globalThis.setTimeout;
  readonly #clearTimeout = globalThis.clearTimeout;

  constructor() {
    const track = ((act: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
      const timer = this.#setTimeout(() => {
        this.#timers.delete(timer);
        act(...args);
      }, ms);
      const { stack = "" } = new Error();
      if (/\/src\//.test(stack) && !/\/src\/testing\//.test(stack)) this.#timers.set(timer, stack);
      return timer;
    }) as typeof setTimeout;
    globalThis.setTimeout = track;
    globalThis.clearTimeout = (timer) => {
      this.#timers.delete(timer);
      this.#clearTimeout(timer);
    };
  }

  /** Waits until nothing is left, and says what still is. */
  async remaining(withinMs = 1000): Promise<string[]> {
    const until = performance.now() + withinMs;
    while (this.#left().length > 0 && performance.now() < until)
      await new Promise((resolve) => this.#setTimeout(resolve, 5));
    return this.#left();
  }

  restore(): void {
    globalThis.setTimeout = this.#setTimeout;
    globalThis.clearTimeout = this.#clearTimeout;
  }

  #left(): string[] {
    const more = [...handles()].filter(([kind, count]) => count > (this.#before.get(kind) ?? 0));
    return [...this.#timers.values(), ...more.map(([kind, count]) => `${kind} × ${count}`)];
  }
}

/** Sockets and servers, by kind; the test runner has some of its own. */
function handles(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (/TCP|TLS|Pipe|GetAddrInfo/.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}
