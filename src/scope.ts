import { createStore } from "#async-context";
import type { AsyncStore } from "./async-context/store.js";

/** What `override` changes inside its body, outermost first. Opaque here: calls, further down, know what it means. */
export type Scope = readonly object[];

const key = Symbol.for("callwright.scope");

/**
 * One for all copies of the package in a process, so that no call escapes an `override` by having come in through
 * `require` where the override came in through `import`.
 */
function store(): AsyncStore<Scope> {
  const shared = globalThis as { [key]?: AsyncStore<Scope> };
  shared[key] ??= createStore<Scope>();
  return shared[key];
}

export function currentScope(): Scope {
  return store().get() ?? [];
}

/** Runs `body`, and all that it starts, with one more change; other async contexts do not see it. */
export function runInScope<R>(change: object, body: () => R): R {
  return store().run([...currentScope(), change], body);
}
