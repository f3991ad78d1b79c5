/** For how many polls a test that is not listed is remembered: a list may be late. */
const pollsKept = 10;

/**
 * The tests that were begun, so that each is run once however often it is listed. What is over and no longer listed is
 * forgotten.
 */
export class Seen {
  /** The poll that listed a test last; the longest ago first. */
  readonly #polls = new Map<string, number>();
  readonly #underWay = new Set<string>();
  #poll = 0;

  get size(): number {
    return this.#polls.size;
  }

  /** The tests of a list that are new, each once; they count as under way. */
  take<T extends { readonly testId: string }>(listed: readonly T[]): T[] {
    this.#poll++;
    const fresh: T[] = [];
    for (const test of listed) {
      const { testId } = test;
      if (!this.#polls.delete(testId)) {
        this.#underWay.add(testId);
        fresh.push(test);
      }
      this.#polls.set(testId, this.#poll);
    }
    for (const [testId, poll] of this.#polls) {
      if (poll > this.#poll - pollsKept) break;
      if (!this.#underWay.has(testId)) this.#polls.delete(testId);
    }
    return fresh;
  }

  over(testId: string): void {
    this.#underWay.delete(testId);
  }
}
