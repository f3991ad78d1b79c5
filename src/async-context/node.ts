import { AsyncLocalStorage } from "node:async_hooks";
import type { AsyncStore } from "./store.js";

/** A value that follows the asynchronous flow of the program. */
export function createStore<T>(): AsyncStore<T> {
  const storage = new AsyncLocalStorage<T>();
  return { get: () => storage.getStore(), run: (value, body) => storage.run(value, body) };
}
