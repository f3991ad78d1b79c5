import { brand } from "../brand.js";
import type { ToolCallPart } from "../content.js";
import { ToolArgumentsError } from "../errors.js";
import { assignFields, declareShape, type FieldClass, type Free, isGathering, shapeOf } from "../fields.js";
import type { Message } from "../message.js";
import { describeIssues } from "../schema/describe-issues.js";
import { namesInShape, validateShape } from "../schema/shape.js";
import type { Shape, ShapeInput, ShapeOutput } from "../schema/standard.js";
import { settled } from "../schema/validate.js";
import { toolFacts } from "./facts.js";

/** What a tool learns of the call that it serves. */
export interface ToolContext {
  /** Aborts with the call, and when the tool's `timeoutMs` is over. */
  readonly signal: AbortSignal;
  readonly callId: string;
  /** The conversation, with the model's turn that asked for the tool. */
  readonly messages: readonly Message[];
}

type Args = Readonly<Record<string, unknown>>;

/** The class for which arguments were validated before, where that could take its time. */
const validated = new WeakMap<object, unknown>();
const requested = new WeakMap<BaseTool, ToolCallPart>();

/** Knows the classes of any copy of the package by their prototype. */
export const baseTool = brand<BaseTool>("base-tool");

/** A tool as a class: the fields are its arguments, and `call()` does the work. */
export abstract class BaseTool {
  static {
    baseTool.mark(BaseTool.prototype);
  }

  #args: Args = {};

  /** @throws ToolArgumentsError where the arguments do not fit the fields. */
  constructor(args: Args = {}) {
    if (isGathering(new.target)) return;
    this.#args = validated.get(args) === new.target ? args : check(new.target, args);
    assignFields(this, this.#args);
  }

  /** What the model asked for; of an instance that you made yourself, what would have asked for it. */
  get toolCall(): ToolCallPart {
    // Not this.constructor, which a field of that name hides.
    const made = Object.getPrototypeOf(this).constructor;
    const name = toolFacts.of(made)?.name ?? made.name;
    return requested.get(this) ?? { type: "tool-call", id: "", name, arguments: JSON.stringify(this.#args) };
  }

  /** The validated arguments. */
  get args(): Args {
    return this.#args;
  }

  /** Does the work. What it returns goes to the model: text as it is, parts as parts, other values as JSON. */
  abstract call(context?: ToolContext): unknown;

  /** A base class with typed, validated fields. */
  static of<const S extends Shape>(
    shape: S & Free<S, BaseTool>,
  ): (abstract new (args: ShapeInput<S>) => BaseTool & ShapeOutput<S>) & Pick<typeof BaseTool, "from"> {
    abstract class ShapedTool extends BaseTool {}
    declareShape(ShapedTool, shape);
    return ShapedTool as never;
  }

  /**
   * Makes an instance that has its fields under any compiler setting.
   *
   * @throws ToolArgumentsError where the arguments do not fit the fields.
   */
  static from<T extends BaseTool>(this: new (...args: any[]) => T, args: Args): T {
    return constructTool(this, check(this, args));
  }
}

/** An instance with arguments that were validated; compilers that define fields again cannot take them away. */
export function constructTool<T extends BaseTool>(
  target: new (...args: any[]) => T,
  args: Args,
  toolCall?: ToolCallPart,
): T {
  validated.set(args, target);
  const instance = new target(args);
  assignFields(instance, args);
  if (toolCall) requested.set(instance, toolCall);
  return instance;
}

function check(target: FieldClass & { readonly name: string }, args: Args): Args {
  const shape = shapeOf(target);
  const result = settled(validateShape(shape, args), `A field of ${target.name}`);
  if (!result.issues) return result.value;
  throw new ToolArgumentsError(
    `The arguments of ${target.name} do not fit its fields:\n${describeIssues(result.issues, namesInShape(shape))}`,
    { issues: result.issues },
  );
}
