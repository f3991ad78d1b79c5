import { ConfigurationError } from "../../errors.js";
import { isPlainObject } from "../../json.js";
import { type Message, textOf } from "../../message.js";
import type { Model, ModelRequest, ToolDefinition, Usage } from "../../model.js";
import { jsonOnly, outputTool, wrapper } from "../../output/output.js";
import { own } from "../../own.js";
import type { JsonSchema } from "../../schema/standard.js";
import { estimateInput, estimateTokens } from "../../tokens.js";
import { eventsOf, refuseIfAborted, type ScriptedAnswer } from "../script.js";
import { type Random, randomFrom } from "./random.js";
import { validExampleOf } from "./valid-example.js";

export interface TestModelOptions {
  /**
   * Another seed gives other arguments and outputs; the same seed always the same for the same schema.
   *
   * @default 0
   */
  readonly seed?: number;
  /**
   * The answer, where no typed value is asked for.
   *
   * @default "This is the test model."
   */
  readonly text?: string;
  /** Arguments by the name of the tool; those that an object leaves out are made up. */
  readonly args?: Readonly<Record<string, unknown>>;
  /** The typed value to answer with, instead of one that is made up. */
  readonly output?: unknown;
  /**
   * Which tools it calls before it answers: all that are offered, those with these names, or none.
   *
   * @default "all"
   */
  readonly callTools?: readonly string[] | "all" | "none";
}

/**
 * A model that needs no script: it calls each tool once, all at the same time and with arguments that fit their schemas,
 * and when it has their results it answers with a text, or with a value that fits the schema that was asked for.
 *
 * @throws ConfigurationError, from the iteration, where `callTools` names a tool that is not offered or a schema has no
 * value that it could find; AbortedError when the request's signal is aborted.
 */
export function testModel(given: TestModelOptions = {}): Model {
  const options = own(given);
  return {
    id: "test/model",
    async *run(request) {
      refuseIfAborted(request);
      const answer = own(await answerTo(request, options));
      let calls = request.messages.reduce((sum, message) => sum + callsIn(message), 0);
      for (const event of eventsOf(answer, "test-model", () => `call_${++calls}`)) {
        refuseIfAborted(request);
        yield event.type === "finish" ? { ...event, usage: usageOf(request, answer) } : event;
      }
    },
  };
}

async function answerTo(request: ModelRequest, options: TestModelOptions): Promise<ScriptedAnswer> {
  const { seed = 0, text = "This is the test model.", args = {} } = options;
  // A new one for each request, so that the answers do not depend on what was asked before.
  const random = randomFrom(seed);
  const due = toolsDue(request, options);
  if (due.length > 0) {
    const toolCalls: { name: string; args: unknown }[] = [];
    for (const { name, schema } of due) {
      const isOutput = name === outputTool && "output" in options;
      const made = isOutput ? outputOf(schema, options, random) : argsOf(name, schema, args, random);
      toolCalls.push({ name, args: await made });
    }
    return { toolCalls };
  }
  const schema = request.output?.schema ?? schemaInText(request);
  return { text: schema ? JSON.stringify(await outputOf(schema, options, random)) : text };
}

/** The tools to call now: those without a result in this turn, and the one that gives the output only after all others. */
function toolsDue(request: ModelRequest, { callTools = "all" }: TestModelOptions): readonly ToolDefinition[] {
  const { tools = [], toolChoice = "auto", messages } = request;
  if (toolChoice === "none") return [];
  if (typeof toolChoice === "object") return tools.filter(({ name }) => name === toolChoice.name);
  if (Array.isArray(callTools)) refuseUnknown(callTools, tools);
  const turn = messages.slice(messages.findLastIndex(({ role }) => role === "user") + 1);
  const answered = new Set(turn.flatMap(resultsIn));
  const wanted = tools.filter(
    ({ name }) => name !== outputTool && (callTools === "all" || callTools.includes(name)) && !answered.has(name),
  );
  return wanted.length > 0 ? wanted : tools.filter(({ name }) => name === outputTool);
}

function refuseUnknown(names: readonly string[], tools: readonly ToolDefinition[]): void {
  const unknown = names.find((name) => !tools.some((tool) => tool.name === name));
  if (unknown === undefined) return;
  const offered = tools.map(({ name }) => name).join(", ") || "none";
  throw new ConfigurationError(
    `callTools names ${JSON.stringify(unknown)}, which is not offered. Offered are ${offered}.`,
  );
}

async function argsOf(
  name: string,
  schema: JsonSchema,
  args: Readonly<Record<string, unknown>>,
  random: Random,
): Promise<unknown> {
  const given = Object.hasOwn(args, name) ? args[name] : undefined;
  if (given === undefined) return validExampleOf(schema, random);
  if (!isPlainObject(given)) return given;
  // What is given need not be made up, which may be impossible.
  const properties = { ...(isPlainObject(schema.properties) ? schema.properties : {}) };
  for (const key of Object.keys(given)) properties[key] = {};
  const open = { ...schema, properties };
  const fill = (made: unknown) => ({ ...(made as object), ...given });
  try {
    return await validExampleOf(open, random, fill);
  } catch (error) {
    if (!ConfigurationError.isInstance(error)) throw error;
    // It may break the rules on purpose; what is made up beside it does not.
    return fill(await validExampleOf(open, random));
  }
}

async function outputOf(schema: JsonSchema, options: TestModelOptions, random: Random): Promise<unknown> {
  if (!("output" in options)) return validExampleOf(schema, random);
  const { output } = options;
  // What is no object travels in an object with one key.
  const keys = isPlainObject(schema.properties) ? Object.keys(schema.properties) : [];
  const wrapped = keys.length === 1 && keys[0] === wrapper && !(isPlainObject(output) && wrapper in output);
  return wrapped ? { [wrapper]: output } : output;
}

function schemaInText({ messages }: ModelRequest): JsonSchema | undefined {
  const said = messages.map(textOf).findLast((text) => text.startsWith(jsonOnly));
  return said === undefined ? undefined : JSON.parse(said.slice(jsonOnly.length));
}

function resultsIn({ content }: Message): string[] {
  if (typeof content === "string") return [];
  return content.flatMap((part) => (part.type === "tool-result" ? [part.name] : []));
}

function callsIn({ content }: Message): number {
  return typeof content === "string" ? 0 : content.filter(({ type }) => type === "tool-call").length;
}

function usageOf(request: ModelRequest, answer: ScriptedAnswer): Usage {
  const inputTokens = estimateInput(request);
  const outputTokens = estimateTokens({ role: "assistant", content: JSON.stringify(answer) });
  const totalTokens = inputTokens + outputTokens;
  return { inputTokens, outputTokens, totalTokens, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };
}
