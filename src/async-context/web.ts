import type { AsyncStore } from "./store.js";

interface Storage<T> {
  getStore(): T | undefined;
  run<R>(value: T, body: () => R): R;
}

/**
 * Workers and Bun have AsyncLocalStorage as a global or not at all. Where there is none, as in browsers, the value holds
 * for the synchronous part of the body only.
 */
export function createStore<T>(): AsyncStore<T> {
  const { AsyncLocalStorage } = globalThis as { AsyncLocalStorage?: new () => Storage<T> };
  if (AsyncLocalStorage) {
    const storage = new AsyncLocalStorage();
    return { get: () => storage.getStore(), run: (value, body) => storage.run(value, body) };
  }
  let current: T | undefined;
  return {
    get: () => current,
    run(value, body) {
      const outer = current;
      current = value;
      try {
        return body();
      } finally {
        current = outer;
      }
    },
  };
}
