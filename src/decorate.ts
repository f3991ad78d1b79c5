import { ConfigurationError } from "./errors.js";

export type AnyFunction = (...args: any[]) => any;
export type AnyClass = abstract new (...args: never[]) => object;

/** What a decorator does at each of its doors; a door that is missing is refused by name. */
export interface Doors {
  /** How the decorator is written, for messages: `@call`. */
  readonly label: string;
  /** Wraps a plain function or a method. */
  readonly wrap?: (fn: AnyFunction, name: string) => AnyFunction;
  readonly onClass?: (target: AnyClass) => void;
  /** Which functions are classes that `onClass` is for; a legacy class decorator looks like the plain door. */
  readonly isClass?: (target: AnyFunction) => boolean;
  /** Legacy fields come with their prototype; a TC39 field gives back an initialiser. */
  readonly onLegacyField?: (prototype: object, name: PropertyKey) => void;
  readonly onField?: (name: PropertyKey) => (this: object, initial: unknown) => unknown;
}

/**
 * The one place that knows of both kinds of decorators: TC39 hands over a context object as the second argument,
 * TypeScript's legacy mode a member's name, and a plain call nothing.
 *
 * @throws ConfigurationError that names the member where the decorator does not fit.
 */
export function decorate(doors: Doors, args: readonly unknown[]): unknown {
  const [target, second, descriptor] = args;
  if (second === undefined) return decorateAlone(doors, target);
  if (typeof second === "object" && second !== null) return decorateStandard(doors, target, second as DecoratorContext);
  const name = second as PropertyKey;
  if (typeof descriptor !== "object" || descriptor === null) {
    if (!doors.onLegacyField) throw refusal(doors, "a field", name);
    return doors.onLegacyField(target as object, name);
  }
  const { value } = descriptor as PropertyDescriptor;
  if (typeof value !== "function") throw refusal(doors, "an accessor", name);
  return { ...descriptor, value: wrapMethod(doors, value, name) };
}

function decorateAlone(doors: Doors, target: unknown): unknown {
  if (isProposalOf2018(target)) {
    throw new ConfigurationError(
      `${doors.label} was compiled as a decorator of the 2018 proposal, which no TypeScript version uses. Set "experimentalDecorators": true in tsconfig.json (Next.js, SWC), or version: "2023-11" for Babel's decorators plugin.`,
    );
  }
  if (typeof target !== "function")
    throw new ConfigurationError(
      `${doors.label} takes a function, a method or a class, not ${target === null ? "null" : typeof target}.`,
    );
  const fn = target as AnyFunction;
  if (doors.isClass?.(fn)) return doors.onClass?.(fn as unknown as AnyClass);
  // Of all functions, only a class has a prototype that cannot be replaced.
  const isClass = Object.getOwnPropertyDescriptor(fn, "prototype")?.writable === false;
  if (!doors.wrap || isClass) throw refusal(doors, isClass ? "this class" : "a function", fn.name);
  return keepFace(doors.wrap(refuseGenerators(doors, fn, fn.name), fn.name), fn);
}

/** Next.js and Babel pass one object, `{ kind, key, placement, descriptor }`, unless a setting says otherwise. */
function isProposalOf2018(target: unknown): boolean {
  return (
    typeof target === "object" && target !== null && "kind" in target && ("placement" in target || "elements" in target)
  );
}

function decorateStandard(doors: Doors, target: unknown, context: DecoratorContext): unknown {
  const name = context.name ?? "";
  switch (context.kind) {
    case "method":
      return wrapMethod(doors, target as AnyFunction, name);
    case "field":
      if (doors.onField) return doors.onField(name);
      break;
    case "class":
      if (doors.isClass?.(target as AnyFunction)) return doors.onClass?.(target as AnyClass);
      break;
  }
  throw refusal(
    doors,
    context.kind === "class" || context.kind === "field" ? `a ${context.kind}` : "an accessor",
    name,
  );
}

function wrapMethod(doors: Doors, method: AnyFunction, name: PropertyKey): AnyFunction {
  if (!doors.wrap) throw refusal(doors, "a method", name);
  const spelled = String((typeof name === "symbol" ? name.description : name) ?? "");
  return keepFace(doors.wrap(refuseGenerators(doors, method, spelled), spelled), method);
}

function refuseGenerators(doors: Doors, fn: AnyFunction, name: string): AnyFunction {
  if (!/Generator/.test(Object.prototype.toString.call(fn))) return fn;
  throw new ConfigurationError(
    `${doors.label} cannot decorate the generator ${name || "function"}. Return the prompt from an async function; { stream: true } makes the call stream.`,
  );
}

function refusal(doors: Doors, what: string, name: PropertyKey): ConfigurationError {
  return new ConfigurationError(`${doors.label} cannot decorate ${what} (${String(name) || "anonymous"}).`);
}

/** A wrapper has the name, the length and the facts of what it wraps, so that decorators work in any order. */
function keepFace(wrapped: AnyFunction, original: AnyFunction): AnyFunction {
  for (const key of ["name", "length", ...Object.getOwnPropertySymbols(original)]) {
    if (typeof key === "symbol" && Object.hasOwn(wrapped, key)) continue;
    Object.defineProperty(wrapped, key, Object.getOwnPropertyDescriptor(original, key) as PropertyDescriptor);
  }
  return wrapped;
}

/** Facts about a method or class live on it, under keys that every copy of the package shares. */
export interface Fact<T> {
  of(target: object): T | undefined;
  set(target: object, value: T): void;
}

export function fact<T>(name: string): Fact<T> {
  const key = Symbol.for(`callwright.${name}`);
  return {
    // Own only: a subclass must not take its parent's fact for its own.
    of: (target) => (Object.hasOwn(target, key) ? (target as Record<symbol, T>)[key] : undefined),
    set: (target, value) => void Object.defineProperty(target, key, { value, configurable: true }),
  };
}
