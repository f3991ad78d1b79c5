/**
 * Marks the instances of a class, so that every copy of the package in a process knows them: a project may load one as
 * an ES module and another as CommonJS, and `instanceof` knows those of its own copy only.
 */
export function brand<T>(name: string) {
  const key = Symbol.for(`callwright.${name}`);
  return {
    mark: (prototype: object) => void Object.defineProperty(prototype, key, { value: true }),
    marks: (value: unknown): value is T => typeof value === "object" && value !== null && key in value,
  };
}

/** Marks single objects, under a key that every copy of the package shares. */
export interface Mark {
  /** Marks `value` and returns it. */
  put<T extends object>(value: T): T;
  isOn(value: unknown): boolean;
}

/**
 * Data from outside has no such mark, since JSON has no symbols. Neither has a copy made by spreading or
 * `structuredClone`, since the mark is not enumerable.
 */
function mark(name: string): Mark {
  const key = Symbol.for(`callwright.${name}`);
  // Without a prototype, since `defineProperty` also reads inherited members, such as a `get`.
  const property: PropertyDescriptor = { __proto__: null, value: true } as object;
  return {
    put: (value) => Object.defineProperty(value, key, property),
    isOn: (value) => typeof value === "object" && value !== null && Object.hasOwn(value, key),
  };
}

/** The parts and the messages that the library made, in contrast to data of the same shape. */
export const madePart: Mark = mark("part");
export const madeMessage: Mark = mark("message");

/** Puts the marks of an object on its copy. */
export function keepMarks(original: object, copy: object): void {
  for (const each of [madePart, madeMessage]) if (each.isOn(original) && !each.isOn(copy)) each.put(copy);
}
