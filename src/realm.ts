/**
 * Checks that also hold for objects of another realm, such as a `node:vm` context or the sandbox of jest. Each realm has
 * classes of its own, so `instanceof` finds none of its objects.
 */

/** Names the class of a typed array, and cannot be imitated: `Symbol.toStringTag` of other objects is not looked at. */
const typedArrayName = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)
  ?.get as () => string | undefined;

export function isBytes(value: unknown): value is Uint8Array {
  return Reflect.apply(typedArrayName, value, []) === "Uint8Array";
}

export function isArrayBuffer(value: unknown): value is ArrayBufferLike {
  if (typeof value !== "object" || value === null) return false;
  return value instanceof ArrayBuffer || /^(Shared)?ArrayBuffer$/.test(kindOf(value));
}

export function isUrl(value: unknown): value is URL {
  if (typeof value !== "object" || value === null) return false;
  return value instanceof URL || (kindOf(value) === "URL" && typeof (value as URL).href === "string");
}

export function isError(value: unknown): value is Error {
  if (typeof value !== "object" || value === null) return false;
  return value instanceof Error || kindOf(value) === "Error" || kindOf(value) === "DOMException";
}

/** Whether `value` is a promise, or what `await` takes for one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** Whether `value` is the `Object.prototype` of some realm. */
export function isObjectPrototype(value: object): boolean {
  return value === Object.prototype || (Object.getPrototypeOf(value) === null && Object.hasOwn(value, "isPrototypeOf"));
}

/** The name of an object's kind, such as "Date", "Map" or "Response"; "Object" for plain data and most classes. */
export function kindOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}
