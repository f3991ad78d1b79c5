import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { ToolCallPart } from "../content.js";
import type { AnyFunction } from "../decorate.js";
import { ConfigurationError } from "../errors.js";
import { shapeOf } from "../fields.js";
import { parseJsonText } from "../json-text.js";
import type { ToolDefinition } from "../model.js";
import { dropAddedNulls } from "../schema/added-nulls.js";
import { ownIssue } from "../schema/describe-issues.js";
import { overlongForPatterns } from "../schema/patterns.js";
import { inContext } from "../schema/problem.js";
import { shapeSchema, validateShape } from "../schema/shape.js";
import { isPromise, type Result } from "../schema/validate.js";
import { type Arguments, argumentsOf } from "./arguments.js";
import { BaseTool, baseTool, constructTool, type ToolContext } from "./base-tool.js";
import { type ToolFacts, toolFacts } from "./facts.js";
import { type FunctionToolCall, freeContext, type ToolLike } from "./function-tool.js";
import { checkToolName } from "./tool.js";

/** A call that cannot be run, and why. */
export interface InvalidToolCall {
  readonly toolCall: ToolCallPart;
  /** "incomplete" is a call of an answer that was cut off, refused or filtered; it is never run, even if it looks whole. */
  readonly reason: "unknown-tool" | "invalid-json" | "invalid-arguments" | "incomplete";
  readonly issues: readonly StandardSchemaV1.Issue[];
}

/** A tool with validated arguments, ready to run. */
export type BoundTool = BaseTool | FunctionToolCall;

export type Binding =
  | { readonly tool: BoundTool; readonly timeoutMs?: number | undefined }
  | { readonly invalid: InvalidToolCall };

/** The tools of a call: what the model is told of them, and what its calls become. */
export interface Toolkit {
  readonly names: readonly string[];
  define(): Promise<readonly ToolDefinition[]>;
  bind(toolCall: ToolCallPart): Promise<Binding>;
}

const toolkits = new WeakMap<
  readonly ToolLike[],
  { readonly toolkit: Toolkit; readonly madeOf: readonly ToolLike[] }
>();

/**
 * The toolkit of a list of tools; made once for each list, unless the list has changed.
 *
 * @throws ConfigurationError for what is no tool, and for two tools of one name.
 */
export function toolkitOf(tools: readonly ToolLike[]): Toolkit {
  const known = toolkits.get(tools);
  if (known?.madeOf.length === tools.length && known.madeOf.every((tool, position) => tool === tools[position]))
    return known.toolkit;
  const toolkit = createToolkit(tools.map(describeTool));
  toolkits.set(tools, { toolkit, madeOf: [...tools] });
  return toolkit;
}

interface DescribedTool extends Arguments {
  readonly facts: ToolFacts;
  bind(args: unknown, toolCall: ToolCallPart): BoundTool;
}

function createToolkit(tools: readonly DescribedTool[]): Toolkit {
  const byName = new Map<string, DescribedTool>();
  for (const tool of tools) {
    const { name } = tool.facts;
    if (byName.has(name))
      throw new ConfigurationError(`Two tools of this call are named ${name}. Give one of them another { name }.`);
    byName.set(name, tool);
  }
  let definitions: Promise<ToolDefinition[]> | undefined;

  return {
    names: [...byName.keys()],
    define() {
      definitions ??= Promise.all(tools.map(defineTool)).catch((error) => {
        // What could not be loaded may be there the next time.
        definitions = undefined;
        throw error;
      });
      return definitions;
    },
    // A Map finds nothing that was not put there, whatever the model calls it.
    bind: async (toolCall) => bindCall(byName.get(toolCall.name), toolCall),
  };
}

/** @throws ConfigurationError that names the tool, and the field of its schema. */
async function defineTool({ facts, schema }: DescribedTool): Promise<ToolDefinition> {
  const { name, description, strict } = facts;
  try {
    const made = schema();
    return { name, description, strict, schema: isPromise(made) ? await made : made };
  } catch (error) {
    throw inContext(`The tool ${name}`, error);
  }
}

async function bindCall(tool: DescribedTool | undefined, toolCall: ToolCallPart): Promise<Binding> {
  if (!tool) return { invalid: { toolCall, reason: "unknown-tool", issues: [] } };
  const read = parseJsonText(toolCall.arguments.trim() || "{}");
  if ("problem" in read) {
    const intro = "The arguments are no JSON.";
    const issue = ownIssue({ message: `${intro} ${read.problem}` }, `${intro} ${read.summary ?? read.problem}`);
    return { invalid: { toolCall, reason: "invalid-json", issues: [issue] } };
  }
  let args = read.value;
  if (tool.facts.strict) args = dropAddedNulls(args, await tool.schema());
  const overlong = overlongForPatterns(args, await tool.schema());
  const result: Result = overlong.length > 0 ? { issues: overlong } : await tool.validate(args);
  if (result.issues) return { invalid: { toolCall, reason: "invalid-arguments", issues: result.issues } };
  return { tool: tool.bind(result.value, toolCall), timeoutMs: tool.facts.timeoutMs };
}

function describeTool(tool: ToolLike, position: number): DescribedTool {
  if (typeof tool === "function" && tool.prototype instanceof BaseTool) return describeClass(tool as never);
  if (typeof tool === "function" && baseTool.marks(tool.prototype))
    throw new ConfigurationError(
      `tools[${position}] extends the BaseTool of another copy of callwright than the one that makes the call. Import both from one copy; npm ls callwright shows which there are.`,
    );
  const facts = typeof tool === "function" ? toolFacts.of(tool) : undefined;
  if (!facts) {
    throw new ConfigurationError(
      `tools[${position}] is no tool. Extend BaseTool, wrap a function with tool(…)(fn), or take the methods of an object with toolsOf(object).`,
    );
  }
  if (facts.unbound)
    throw new ConfigurationError(`The method ${facts.name} would lose its object. Pass ...toolsOf(object) instead.`);
  return describeFunction(tool as AnyFunction, facts);
}

function describeClass(target: new (...args: any[]) => BaseTool): DescribedTool {
  const shape = shapeOf(target);
  const facts = toolFacts.of(target) ?? {
    name: checkToolName(target.name),
    description: "",
    input: undefined,
    strict: false,
    timeoutMs: undefined,
    unbound: false,
  };
  return {
    facts,
    schema: () => shapeSchema(shape),
    validate: (args) => validateShape(shape, args),
    bind: (args, toolCall) => constructTool(target, args as Record<string, unknown>, toolCall),
  };
}

function describeFunction(execute: AnyFunction, facts: ToolFacts): DescribedTool {
  return {
    facts,
    ...argumentsOf(facts),
    bind: (args, toolCall) => ({
      toolCall,
      args,
      call: async (context?: ToolContext) => execute(args, context ?? freeContext(toolCall.id)),
    }),
  };
}
