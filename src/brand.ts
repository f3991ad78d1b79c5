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
