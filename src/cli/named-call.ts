import { callFacts } from "../prompt/call-decorator.js";
import { CliError } from "./cli-error.js";
import type { Exports } from "./load-module.js";

/** A call that can be run by its name. */
export interface NamedCall {
  /** `recommend`, or `Librarian.recommend` for a method. */
  readonly name: string;
  /** The function that bears the call's facts. */
  readonly fn: (...args: never[]) => unknown;
  /** Runs it, as a method of a new instance where it is one. */
  readonly invoke: (...args: unknown[]) => unknown;
}

/** Every call of a module: functions, methods of objects, and methods of classes that can be made without arguments. */
export function callsOf(module: Exports): readonly NamedCall[] {
  return Object.entries(module).flatMap(([name, value]) => [...callsIn(name, value)]);
}

function* callsIn(name: string, value: unknown): Generator<NamedCall> {
  if (typeof value === "function" && callFacts.of(value)) {
    yield named(name, value as NamedCall["fn"], () => undefined);
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
    if (typeof value === "function" && callFacts.of(value)) yield named(`${name}.${member}`, value, self);
  }
}

function named(name: string, fn: NamedCall["fn"], self: () => object | undefined): NamedCall {
  let instance: object | undefined;
  return {
    name,
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
    const found = calls.find((each) => each.name === name);
    if (found) return found;
    throw new CliError(`${file} exports no call ${name}. It exports ${names}.`);
  }
  const [only, ...others] = calls;
  const main = others.length === 0 ? only : calls.find((each) => each.name === "default");
  if (main) return main;
  throw new CliError(`Which call of ${file}? It exports ${names}.`);
}
