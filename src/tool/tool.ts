import { type AnyClass, type AnyFunction, decorate } from "../decorate.js";
import { ConfigurationError } from "../errors.js";
import { checkMilliseconds } from "../numbers.js";
import { own } from "../own.js";
import { isSchema, type Schema } from "../schema/standard.js";
import { BaseTool, type ToolContext } from "./base-tool.js";
import { type ToolFacts, toolFacts } from "./facts.js";
import { type FunctionTool, functionTool } from "./function-tool.js";

export interface ToolOptions<S extends Schema | undefined = undefined> {
  /** Letters, digits, `_` and `-`, at most 64. @default the name of the class, method or function */
  name?: string | undefined;
  /** What the tool does and when to use it, for the model. */
  description: string;
  /** The schema of the arguments; a class has its fields instead. @default no arguments */
  input?: S;
  /** Whether the provider holds the model to the schema while it writes. @default false */
  strict?: boolean | undefined;
  /** After so many milliseconds the tool is aborted, and its result is an error. @default no limit */
  timeoutMs?: number | undefined;
}

type ToolArgs<S> = S extends Schema<infer O> ? O : NoArguments;

declare const noArguments: unique symbol;

/** What a tool without `input` is called with: an empty object. A function that takes more of it needs an `input`. */
export type NoArguments = { readonly [noArguments]?: never };

export interface ToolDecorator<A> {
  <R>(execute: (args: A, context: ToolContext) => R): FunctionTool<A, R>;
  <C extends abstract new (...args: never[]) => BaseTool>(target: C, context?: ClassDecoratorContext): void;
  <This, F extends (this: This, args: A, context: ToolContext) => unknown>(
    method: F,
    context: ClassMethodDecoratorContext<This, F>,
  ): void;
  <F extends (args: A, context: ToolContext) => unknown>(
    target: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<F>,
  ): void;
}

/**
 * Makes a tool of a class, a method or a function.
 *
 * @throws ConfigurationError where the name is one that no provider takes, or `input` is no schema.
 */
export function tool(description: string): ToolDecorator<NoArguments>;
export function tool<S extends Schema>(options: ToolOptions<S> & { input: S }): ToolDecorator<ToolArgs<S>>;
export function tool(options: ToolOptions): ToolDecorator<NoArguments>;
export function tool(given: string | ToolOptions<Schema | undefined>): ToolDecorator<any> {
  const options: ToolOptions<Schema | undefined> = own(typeof given === "string" ? { description: given } : given);
  if (options.input !== undefined && !isSchema(options.input)) {
    throw new ConfigurationError("The input of a tool must be a schema with Standard Schema, such as z.object({ … }).");
  }
  const doors = {
    label: "@tool",
    isClass,
    onClass(target: AnyClass) {
      if (options.input)
        throw new ConfigurationError(`The class ${target.name} has fields, so @tool takes no input for it.`);
      refuseTwice(target, target.name);
      toolFacts.set(target, toFacts(options, target.name, false));
    },
  };
  return ((...args: unknown[]) => {
    const plain = args.length === 1;
    const wrap = (fn: AnyFunction, name: string) => {
      refuseTwice(fn, name);
      const facts = toFacts(options, name, !plain);
      if (plain) return functionTool(fn, facts) as unknown as AnyFunction;
      toolFacts.set(fn, facts);
      return fn;
    };
    return decorate({ ...doors, wrap }, args);
  }) as ToolDecorator<any>;
}

function isClass(target: AnyFunction): boolean {
  return target.prototype instanceof BaseTool;
}

function refuseTwice(target: object, name: string): void {
  if (toolFacts.of(target))
    throw new ConfigurationError(`${name || "The function"} is a tool already. Decorate it once.`);
}

function toFacts(options: ToolOptions<Schema | undefined>, ownName: string, unbound: boolean): ToolFacts {
  const { name = ownName, description, input, strict = false, timeoutMs } = options;
  checkMilliseconds({ timeoutMs });
  return { name: checkToolName(name), description, input, strict, timeoutMs, unbound };
}

/** Source: OpenAI's `tools[].function.name` and Anthropic's `tools[].name` take the same names. */
export function checkToolName(name: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(name)) return name;
  if (name === "") throw new ConfigurationError("A tool made of a nameless function needs { name }.");
  throw new ConfigurationError(
    `The tool name ${JSON.stringify(name.slice(0, 100))} must be 1 to 64 letters, digits, _ or -. Pass another as { name }.`,
  );
}

/** Every method of an object that bears `@tool`, bound to it; of a class, its static methods. */
export function toolsOf(kit: object): FunctionTool[] {
  const found = new Map<PropertyKey, FunctionTool | undefined>();
  for (
    let each: object | null = kit;
    each && each !== Object.prototype && each !== Function.prototype;
    each = Object.getPrototypeOf(each)
  ) {
    for (const key of Reflect.ownKeys(each)) {
      if (found.has(key)) continue;
      // Not read through the object, since a getter could do anything.
      const method: unknown = Object.getOwnPropertyDescriptor(each, key)?.value;
      const facts = typeof method === "function" ? toolFacts.of(method) : undefined;
      const bound = facts?.unbound
        ? functionTool((method as AnyFunction).bind(kit), { ...facts, unbound: false })
        : undefined;
      found.set(key, bound);
    }
  }
  return [...found.values()].filter((each) => each !== undefined);
}
