import { type AnyFunction, fact } from "../decorate.js";
import type { PromptValue } from "./value.js";

type Mismatch<Made, Declared> = { readonly "this call makes": Made; readonly "but the method declares": Declared };

/** A TypeScript decorator cannot change a method's type, so it refuses a method that does not declare what the call makes. */
type Fits<F extends (...args: any[]) => unknown, R> =
  ReturnType<F> extends Promise<infer D>
    ? [R] extends [D]
      ? unknown
      : Mismatch<R, D>
    : Mismatch<Promise<R>, ReturnType<F>>;

/** What `call(…)` gives: a decorator of methods, and a wrapper of functions. */
// The order matters: TypeScript 7 quotes the last overload that fits by the number of arguments.
export interface CallDecorator<R> {
  <A extends readonly unknown[]>(fn: (...args: A) => PromptValue | Promise<PromptValue>): (...args: A) => Promise<R>;
  <F extends (...args: any[]) => unknown>(method: F & Fits<F, R>, context: ClassMethodDecoratorContext): void;
  <F extends (...args: any[]) => unknown>(
    target: object,
    name: string | symbol,
    descriptor: TypedPropertyDescriptor<F & Fits<F, R>>,
  ): void;
}

/** How `@promptTemplate` above `@call` gets at the body below it. */
export interface CallFacts {
  /** What makes the prompt: the function below the call. */
  readonly body: AnyFunction;
  /** The same call over another body. */
  withBody(change: (body: AnyFunction) => AnyFunction): AnyFunction;
}

export const callFacts = fact<CallFacts>("call");
