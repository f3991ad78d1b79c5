/** A set that keeps what was added last, so that it cannot grow for ever. */
export class Recent {
  readonly #most: number;
  readonly #values = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  has(value: string): boolean {
    return this.#values.has(value);
  }

  add(value: string): void {
    this.#values.add(value);
    if (this.#values.size <= this.#most) return;
    const [oldest] = this.#values;
    this.#values.delete(oldest as string);
  }
}
