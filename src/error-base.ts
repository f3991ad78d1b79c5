import { own } from "./own.js";

/** `cause` is the error underneath; the rest are the members of the class at hand. */
export type Details<Members> = { readonly cause?: unknown } & {
  readonly [Name in keyof Members]?: Members[Name] | undefined;
};

/** A class with any parameters; the type of its prototype is that of its instances. */
type ErrorClass = (abstract new (...args: never[]) => object) & { readonly prototype: object };

/** The key on the prototype of each class of the library, the same in every copy of the package. */
const keys = new Map<unknown, symbol>();
/** The name of each class of the library, whatever a minifier made of it. */
const names = new Map<unknown, string>();
/** What only the base class has, also in copies of version 0.1. */
const baseKey = Symbol.for("callwright.error");

/** The base of all that callwright throws. The message says what was being done and what to do next. */
export class CallwrightError extends Error {
  /** A stable name for programs to compare, such as `"rate_limit"`. */
  readonly code: string = "callwright";
  /** Whether the same request may succeed when it is sent again. */
  readonly retryable: boolean = false;

  constructor(message: string, details: Details<unknown> = {}) {
    // Without members of its own, the options of an Error are looked for on the prototype of all objects.
    super(message, own(Object.hasOwn(details, "cause") ? { cause: details.cause } : {}));
    Object.defineProperty(this, "name", { value: names.get(new.target) ?? new.target.name, configurable: true });
  }

  /**
   * Whether a value is an error of this class, whichever copy of the package made it; `instanceof` recognises only those
   * of its own copy. A class that extends one of the library's is recognised by `instanceof`.
   */
  static isInstance<T extends ErrorClass>(this: T, value: unknown): value is T["prototype"] {
    if (typeof value !== "object" || value === null) return false;
    const key = keys.get(this);
    return key === undefined ? value instanceof this : key in value;
  }

  /** Plain data for logs: name, code, message and members; no stack, no cause, and nothing that was said in a call. */
  toJSON(): unknown {
    const { cause: _, ...members } = this as Record<string, unknown>;
    return { name: this.name, message: this.message, ...members };
  }
}

/** Marks the classes of the library, each by its own name, so that every copy of the package recognises their instances. */
export function nameErrors(classes: Readonly<Record<string, ErrorClass>>): void {
  for (const [name, each] of Object.entries(classes)) {
    const key = name === "CallwrightError" ? baseKey : Symbol.for(`callwright.error.${name}`);
    keys.set(each, key);
    names.set(each, name);
    Object.defineProperty(each.prototype, key, { value: true });
  }
}

/** Gives an error members that are shown wherever it is printed; those that are undefined are left out. */
export function show(error: object, members: Readonly<Record<string, unknown>>): void {
  define(error, members, true);
}

/**
 * Gives an error members that can be read, and that neither `util.inspect` nor `JSON.stringify` shows: what was said in a
 * call does not belong in a log.
 */
export function hide(error: object, members: Readonly<Record<string, unknown>>): void {
  define(error, members, false);
}

/** Keeps the words of a cause out of what is printed; `error.cause` can still be read. */
export function hideCause<T extends Error>(error: T, cause: unknown): T {
  // Node prints an accessor as [Getter], whether it is enumerable or not.
  return Object.defineProperty(error, "cause", { get: () => cause, enumerable: false, configurable: true });
}

/** An error inside an error, as plain data. */
export function errorData(error: unknown): unknown {
  if (CallwrightError.isInstance(error) && typeof error.toJSON === "function") return error.toJSON();
  return error instanceof Error ? { name: error.name, message: error.message } : error;
}

function define(error: object, members: Readonly<Record<string, unknown>>, enumerable: boolean): void {
  for (const [name, value] of Object.entries(members)) {
    if (name !== "cause" && value !== undefined)
      Object.defineProperty(error, name, { value, enumerable, configurable: true, writable: true });
  }
}
