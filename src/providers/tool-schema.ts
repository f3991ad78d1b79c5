import { ConfigurationError } from "../errors.js";
import type { ModelRequest, OutputDefinition, ToolDefinition } from "../model.js";
import { toObjectRoot } from "../schema/object-root.js";
import { inContext } from "../schema/problem.js";
import type { JsonSchema } from "../schema/standard.js";
import { isStrict, type StrictProvider, strictSchema, strictSize } from "../schema/strict.js";
import { excess, type StrictLimits, sumOf } from "../schema/strict-limits.js";
import { fitLasting } from "./unicode.js";

/** The schema of a tool's arguments as the provider takes it. @throws ConfigurationError that names the tool. */
export function toolSchema({ name, schema }: ToolDefinition, strict: boolean, provider: StrictProvider): JsonSchema {
  const root = toObjectRoot(schema);
  if (!root) {
    throw new ConfigurationError(
      `The tool ${name}: its schema must be of an object, which all providers need. Put what it takes into a field of an object.`,
    );
  }
  try {
    return fitLasting(strict ? strictSchema(root, provider) : root);
  } catch (error) {
    throw inContext(`The tool ${name}`, error);
  }
}

/** The schema of an answer in the provider's strict mode. @throws ConfigurationError that says whose schema it is. */
export function outputSchema({ schema }: OutputDefinition, provider: StrictProvider): JsonSchema {
  try {
    return fitLasting(strictSchema(schema, provider));
  } catch (error) {
    throw inContext("The schema of the answer", error);
  }
}

/** Whether a provider can hold the answer of a request to its schema; true for a request without one. */
export function holdsOutput({ output, tools = [] }: ModelRequest, provider: StrictProvider): boolean {
  if (!output) return true;
  // OpenAI also takes a schema that is not strict, and does not promise to follow it.
  if (provider === "openai" && !output.strict) return true;
  return isStrict(output.schema, provider) && (provider === "openai" || !excessOf(tools, output));
}

/**
 * What Anthropic takes in one request of all strict schemas together.
 * Source: https://platform.claude.com/docs/en/build-with-claude/structured-outputs, "Schema complexity limits"
 */
const requestLimits: StrictLimits = { optional: 24, unions: 16 };
const maxStrictTools = 20;

function excessOf(tools: readonly ToolDefinition[], output: OutputDefinition | undefined): string | undefined {
  const schemas = tools.filter(({ strict }) => strict).map(({ schema }) => toObjectRoot(schema) ?? schema);
  if (schemas.length > maxStrictTools)
    return `${schemas.length} strict tools, and Anthropic takes at most ${maxStrictTools}`;
  const all = output ? [...schemas, output.schema] : schemas;
  if (all.length < 2) return undefined;
  return excess(sumOf(all.map((schema) => strictSize(schema, "anthropic"))), requestLimits, "Anthropic");
}

/** @throws ConfigurationError if the strict tools of a request, with its answer, are too many or too large for Anthropic. */
export function checkStrictTogether(tools: readonly ToolDefinition[], output: OutputDefinition | undefined): void {
  const strict = tools.filter((tool) => tool.strict);
  if (strict.length === 0) return;
  const problem = excessOf(tools, output);
  if (!problem) return;
  const names = strict.map(({ name }) => name);
  const whose = output ? [...names, "the schema of the answer"] : names;
  throw new ConfigurationError(
    `The strict schemas of this request (${whose.join(", ")}) have ${problem}. Take strict from some of the tools.`,
  );
}
