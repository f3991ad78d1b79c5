import { callFacts } from "../prompt/call-decorator.js";
import { CliError } from "./cli-error.js";
import type { Exports } from "./load-module.js";

/** A call that can be run by its name. */
export interface NamedCall {
  /** `recommend`, or `Librarian.recommend` for a method. */
  readonly name: string;
  /** The object whose method it is. */
  readonly holder: object | undefined;
  /** The function that bears the call's facts. */
  readonly fn: (...args: never[]) => unknown;
  /** Runs it, as a method of a new instance where it is one. */
  readonly invoke: (...args: unknown[]) => unknown;
}

/**
 * Every call of a module: functions, methods of objects, and methods of classes that can be made without arguments. What is
 * the default export and has another name, too, is listed by the other name.
 */
export function callsOf(module: Exports): readonly NamedCall[] {
  const calls = allCalls(module);
  const named = calls.filter((each) => !isDefault(each));
  return calls.filter((each) => !isDefault(each) || !named.some((other) => isSame(each, other)));
}

function allCalls(module: Exports): readonly NamedCall[] {
  return Object.entries(module).flatMap(([name, value]) => [...callsIn(name, value)]);
}

function isDefault({ name }: NamedCall): boolean {
  return name === "default" || name.startsWith("default.");
}

/** A method of an object is exported by itself if the object is the module. */
function isSame(call: NamedCall, other: NamedCall): boolean {
  return call.fn === other.fn && (call.holder === other.holder || other.holder === undefined);
}

function* callsIn(name: string, value: unknown): Generator<NamedCall> {
  if (typeof value === "function" && callFacts.of(value)) {
    yield named(name, value as NamedCall["fn"], undefined, () => undefined);
    return;
  }
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return;
  yield* methods(name, value, () => value);
  if (typeof value !== "function") yield* methods(name, Object.getPrototypeOf(value) as object | null, () => value);
  else if (value.prototype) yield* methods(name, value.prototype as object, () => new (value as new () => object)());
}

function* methods(name: string, holder: object | null, self: () => object): Generator<NamedCall> {
  if (!holder || holder === Object.prototype || holder === Function.prototype) return;
  for (const [member, { value }] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
    if (typeof value === "function" && callFacts.of(value)) yield named(`${name}.${member}`, value, holder, self);
  }
}

function named(
  name: string,
  fn: NamedCall["fn"],
  holder: object | undefined,
  self: () => object | undefined,
): NamedCall {
  let instance: object | undefined;
  return {
    name,
    holder,
    fn,
    invoke(...args) {
      instance ??= self();
      return Reflect.apply(fn, instance, args);
    },
  };
}

/** @throws CliError that lists the calls, where none or several could be meant. */
export function findCall(module: Exports, name: string | undefined, file: string): NamedCall {
  const calls = callsOf(module);
  const names = calls.map((each) => each.name).join(", ");
  if (calls.length === 0) throw new CliError(`${file} exports no call. Export a function that call(…) or @call made.`);
  if (name !== undefined) {
    const found = allCalls(module).find((each) => each.name === name);
    if (found) return found;
    throw new CliError(`${file} exports no call ${name}. It exports ${names}.`);
  }
  const [only, ...others] = calls;
  const main = others.length === 0 ? only : allCalls(module).find((each) => each.name === "default");
  if (main) return main;
  throw new CliError(`Which call of ${file}? It exports ${names}.`);
}
