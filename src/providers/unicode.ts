import { isPlainObject, wellFormed } from "../json.js";

/** What is nested deeper has no JSON form, as sending it tells; walked any further, it could go in circles. */
const deepest = 1000;

/** Objects that were looked at once and for all, and the form in which they are sent. */
const lastingForms = new WeakMap<object, object>();
const settled = new WeakSet<object>();

/**
 * The value with every half of a surrogate pair replaced by U+FFFD, in texts and in keys; itself if there is none. Servers
 * refuse a body with half a pair, or break on it: https://github.com/anomalyco/opencode/pull/13985
 */
export function fitUnicode<T>(value: T): T {
  try {
    return fitted(value, 0) as T;
  } catch (error) {
    if (error instanceof RangeError) return value;
    throw error;
  }
}

/** The same for an object that is sent again and again and never changed, such as a tool's schema: walked once. */
export function fitLasting<T extends object>(value: T): T {
  const before = lastingForms.get(value);
  if (before) return before as T;
  const form = fitUnicode(value);
  lastingForms.set(value, form);
  settled.add(form);
  return form;
}

function fitted(value: unknown, depth: number): unknown {
  if (typeof value === "string") return wellFormed(value);
  if (typeof value !== "object" || value === null || settled.has(value)) return value;
  if (depth > deepest) throw new RangeError("The value is nested too deep.");
  if (Array.isArray(value)) return fittedList(value, depth + 1);
  return isPlainObject(value) ? fittedObject(value, depth + 1) : value;
}

function fittedList(list: readonly unknown[], depth: number): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const form = fitted(list[index], depth);
    if (form === list[index]) continue;
    copy ??= [...list];
    copy[index] = form;
  }
  return copy ?? list;
}

function fittedObject(object: Readonly<Record<string, unknown>>, depth: number): Readonly<Record<string, unknown>> {
  for (const key of Object.keys(object)) {
    const value = object[key];
    if (wellFormed(key) === key && fitted(value, depth) === value) continue;
    return Object.fromEntries(Object.entries(object).map(([each, held]) => [wellFormed(each), fitted(held, depth)]));
  }
  return object;
}
