/**
 * What the vendor SDKs and their errors read of a response's headers. Not a `Headers`, which checks, copies and sorts
 * them for every call; and the SDKs write one out for a log that is off.
 */
export class ReceivedHeaders implements Iterable<[name: string, value: string]> {
  readonly #values: Readonly<Record<string, string | string[] | undefined>>;

  /** @param values By names in lower case. */
  constructor(values: Readonly<Record<string, string | string[] | undefined>>) {
    this.#values = values;
  }

  get(name: string): string | null {
    const key = name.toLowerCase();
    return (Object.hasOwn(this.#values, key) ? spelled(this.#values[key]) : undefined) ?? null;
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  entries(): IterableIterator<[name: string, value: string]> {
    return Object.keys(this.#values)
      .map((name): [string, string] => [name, this.get(name) ?? ""])
      .values();
  }

  [Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    return this.entries();
  }
}

// A header that came several times is a list of its values.
function spelled(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : value;
}
