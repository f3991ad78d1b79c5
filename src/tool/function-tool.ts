import type { ToolCallPart } from "../content.js";
import type { AnyFunction } from "../decorate.js";
import type { BaseTool, ToolContext } from "./base-tool.js";
import { type ToolFacts, toolFacts } from "./facts.js";

declare const toolKind: unique symbol;

/** One requested call of a function tool. */
export interface FunctionToolCall<A = unknown, R = unknown> {
  readonly toolCall: ToolCallPart;
  /** The validated arguments. */
  readonly args: A;
  /** Does the work. @throws What the function throws. */
  call(context?: ToolContext): Promise<Awaited<R>>;
}

/** A function with a name, a description and a schema; it can still be called as it is. */
export interface FunctionTool<A = any, R = any> {
  (...given: Given<A>): R;
  readonly toolName: string;
  readonly [toolKind]: FunctionToolCall<A, R>;
}

/** Where no argument is needed, none has to be given; so a method without parameters is a tool too. */
type Given<A> = Record<never, never> extends A ? [args?: A, context?: ToolContext] : [args: A, context?: ToolContext];

/** What `tools` takes: a class that extends BaseTool, or a function tool. */
export type ToolLike = (abstract new (...args: never[]) => BaseTool) | FunctionTool;

/** What a response holds of a tool: the instance of a class, or the call of a function. */
export type ToolOf<T> =
  T extends FunctionTool<infer A, infer R>
    ? FunctionToolCall<A, R>
    : T extends abstract new (
          ...args: never[]
        ) => infer I
      ? I
      : never;

/** Makes a tool of a function; the function itself stays as it was. */
export function functionTool(fn: AnyFunction, facts: ToolFacts): FunctionTool {
  const execute = (args: unknown = {}, context?: ToolContext) => fn(args, context ?? freeContext(""));
  Object.defineProperty(execute, "toolName", { value: facts.name });
  toolFacts.set(execute, facts);
  return execute as unknown as FunctionTool;
}

/** The context of a tool that is called by hand. */
export function freeContext(callId: string): ToolContext {
  return { signal: new AbortController().signal, callId, messages: [] };
}
