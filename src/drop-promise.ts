/**
 * Returns what a callback returned. If it is a promise, which does not belong there, its rejection is handled: the error that
 * follows says what is wrong, and a rejection that nobody handles would end the process.
 */
export function dropPromise<T>(value: T): T {
  if (isThenable(value)) Promise.resolve(value).catch(() => {});
  return value;
}

function isThenable(value: unknown): boolean {
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  return isObject && typeof (value as { then?: unknown }).then === "function";
}
