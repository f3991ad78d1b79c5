import { type AnyFunction, decorate } from "../decorate.js";
import { ConfigurationError } from "../errors.js";
import type { Model, ModelRef } from "../model.js";
import type { OutputStream } from "../output/stream.js";
import { type CallDecorator, callFacts } from "../prompt/call-decorator.js";
import type { CallResponse } from "../response.js";
import type { Schema } from "../schema/standard.js";
import type { CallStream } from "../stream.js";
import type { ToolOf } from "../tool/function-tool.js";
import type { CallOptions } from "./options.js";
import { createPlan, type Plan } from "./plan.js";

type ToolUnion<O> = O extends { tools: readonly (infer T)[] } ? ToolOf<T> : never;

/** What a call with these options makes. */
export type CallResult<O> = O extends { responseModel: Schema<infer V> }
  ? O extends { stream: true }
    ? OutputStream<V>
    : V
  : O extends { outputParser: (response: any) => infer P }
    ? Awaited<P>
    : O extends { stream: true }
      ? CallStream<ToolUnion<O>>
      : CallResponse<ToolUnion<O>>;

/** Options that exclude each other. */
export type Allowed<O> = O extends { stream: true; outputParser: unknown }
  ? { readonly outputParser: never }
  : O extends { responseModel: unknown; outputParser: unknown }
    ? { readonly outputParser: never }
    : O extends { stream: true; reask: unknown }
      ? { readonly reask: never }
      : unknown;

/**
 * Makes an LLM call of an async method or function that returns a prompt.
 *
 * As a decorator it takes a method that declares what the call makes; as a wrapper, `call(…)(fn)`, it infers that.
 *
 * @throws ConfigurationError at once where options contradict each other, two tools share a name, or a value is out of
 * range; UnsupportedProviderError where the provider is not known. The call itself throws what the provider's failure
 * is: an error of the classes that extend CallwrightError.
 */
export function call(model: ModelRef | Model): CallDecorator<CallResponse>;
export function call<const O extends CallOptions>(
  model: ModelRef | Model,
  options: O & Allowed<O>,
): CallDecorator<CallResult<O>>;
export function call(model: ModelRef | Model, options: CallOptions = {}): CallDecorator<never> {
  const plan = createPlan(model, options);
  return ((...args: unknown[]) =>
    decorate({ label: "@call", wrap: (body) => createCall(plan, body) }, args)) as CallDecorator<never>;
}

function createCall(plan: Plan, body: AnyFunction): AnyFunction {
  if (callFacts.of(body))
    throw new ConfigurationError(`${body.name || "The function"} is a call already. Decorate it once.`);
  const invoke = async function (this: unknown, ...args: unknown[]) {
    return plan.run(await body.apply(this, args));
  };
  callFacts.set(invoke, { body, withBody: (change) => createCall(plan, change(body)) });
  return invoke;
}
