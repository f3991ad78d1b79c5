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

/** Each value is visited once, since what holds half a pair may be nested in others that do. */
function fittedObject(object: Readonly<Record<string, unknown>>, depth: number): Readonly<Record<string, unknown>> {
  const keys = Object.keys(object);
  let entries: [string, unknown][] | undefined;
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index] as string;
    const value = object[key];
    const form = fitted(value, depth);
    const name = wellFormed(key);
    if (!entries && form === value && name === key) continue;
    entries ??= keys.slice(0, index).map((before) => [before, object[before]]);
    entries.push([name, form]);
  }
  return entries ? Object.fromEntries(entries) : object;
}
