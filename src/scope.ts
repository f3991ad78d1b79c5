import { createStore } from "#async-context";

/** What `override` changes inside its body, outermost first. Opaque here: calls, further down, know what it means. */
export type Scope = readonly object[];

const store = createStore<Scope>();

export function currentScope(): Scope {
  return store.get() ?? [];
}

/** Runs `body`, and all that it starts, with one more change; other async contexts do not see it. */
export function runInScope<R>(change: object, body: () => R): R {
  return store.run([...currentScope(), change], body);
}
