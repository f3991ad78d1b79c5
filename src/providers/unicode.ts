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
export function fitUnicode<T>(value: T): T {
  return fitted(value, 0) as T;
}

function fitted(value: unknown, depth: number): unknown {
  if (typeof value === "string") return wellFormed(value);
  if (typeof value !== "object" || value === null || depth > deepest || settled.has(value)) return value;
  if (Array.isArray(value)) return fitList(value, depth + 1);
  return isPlainObject(value) ? fitObject(value, depth + 1) : value;
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

function fitList(list: readonly unknown[], depth: number): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const form = fitted(list[index], depth);
    if (form === list[index]) continue;
    copy ??= [...list];
    copy[index] = form;
  }
  return copy ?? list;
}

function fitObject(object: Readonly<Record<string, unknown>>, depth: number): Readonly<Record<string, unknown>> {
  const keys = Object.keys(object);
  let copy: [name: string, value: unknown][] | undefined;
  for (const [at, key] of keys.entries()) {
    const name = wellFormed(key);
    const form = fitted(object[key], depth);
    if (!copy && (name !== key || form !== object[key])) copy = keys.slice(0, at).map((kept) => [kept, object[kept]]);
    copy?.push([name, form]);
  }
  return copy ? Object.fromEntries(copy) : object;
}
