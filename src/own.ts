import { keepMarks } from "./brand.js";
import { isPlainObject } from "./json.js";

/**
 * A copy of options that finds nothing but what they say themselves. An option that is left out is otherwise looked for on
 * `Object.prototype`, where any other package of the process may have written.
 */
export function own<T extends object>(options: T): T {
  return { __proto__: null, ...options } as T;
}

/**
 * The same for data of any depth, for each message and each piece of a stream: where nobody has written to a prototype,
 * the data itself.
 */
export function ownThroughout<T>(data: T): T {
  return isPolluted() ? (detached(data) as T) : data;
}

const empty: readonly never[] = [];

/** An assignment to `Object.prototype` or `Array.prototype` shows in every loop over names. */
function isPolluted(): boolean {
  for (const _ in empty) return true;
  return false;
}

/** Copies lists and plain objects; a list of things to do and no recursion, since data may be nested deeper than the stack. */
function detached(data: unknown): unknown {
  const root: { value?: unknown } = { __proto__: null, value: data } as object;
  const open: object[] = [root];
  const copies = new Map<unknown, object>();
  for (let at = open.pop(); at; at = open.pop()) {
    for (const [name, value] of Object.entries(at)) {
      if (!Array.isArray(value) && !isPlainObject(value)) continue;
      const known = copies.get(value);
      const copy = known ?? (Array.isArray(value) ? [...value] : own(value));
      if (!known) keepMarks(value, copy);
      Reflect.set(at, name, copy);
      if (known) continue;
      copies.set(value, copy);
      open.push(copy);
    }
  }
  return root.value;
}
