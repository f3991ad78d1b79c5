import { isPlainObject, wellFormed } from "../json.js";

/** How deep a body is looked into. What is nested deeper, or contains itself, is refused when the SDK writes it as JSON. */
const deepest = 512;

/** Objects that were looked at once and for all, and the form in which they are sent. */
const lastingForms = new WeakMap<object, object>();
const settled = new WeakSet<object>();

/**
 * The value with every half of a surrogate pair replaced by U+FFFD, in texts and in keys; itself if there is none. Servers
 * refuse a body with half a pair, or break on it: https://github.com/anomalyco/opencode/pull/13985
 */
export function fitUnicode(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return wellFormed(value);
  if (typeof value !== "object" || value === null || depth > deepest || settled.has(value)) return value;
  if (Array.isArray(value)) return fitList(value, depth + 1);
  return isPlainObject(value) ? fitObject(value, depth + 1) : value;
}

/** The same for an object that is sent again and again and never changed, such as a tool's schema: walked once. */
export function fitLasting<T extends object>(value: T): T {
  const before = lastingForms.get(value);
  if (before) return before as T;
  const fitted = fitUnicode(value) as T;
  lastingForms.set(value, fitted);
  settled.add(fitted);
  return fitted;
}

function fitList(list: readonly unknown[], depth: number): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const fitted = fitUnicode(list[index], depth);
    if (fitted === list[index]) continue;
    copy ??= [...list];
    copy[index] = fitted;
  }
  return copy ?? list;
}

function fitObject(object: Readonly<Record<string, unknown>>, depth: number): Readonly<Record<string, unknown>> {
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (wellFormed(key) === key && fitUnicode(value, depth) === value) continue;
    return Object.fromEntries(
      Object.entries(object).map(([each, held]) => [wellFormed(each), fitUnicode(held, depth)]),
    );
  }
  return object;
}
