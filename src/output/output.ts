import type { StandardSchemaV1 } from "@standard-schema/spec";
import { whyIncomplete } from "../incomplete.js";
import { extractJson, type FoundJson, type JsonProblem, type JsonResult, parseJsonText } from "../json-text.js";
import { type Message, user } from "../message.js";
import { type CheckedAnswer, type OutputDefinition, outputToolDescription, type ToolDefinition } from "../model.js";
import { addWarning, type CallResponse } from "../response.js";
import { dropAddedNulls } from "../schema/added-nulls.js";
import { memberNames, ownIssue } from "../schema/describe-issues.js";
import { jsonSchemaOf } from "../schema/json-schema.js";
import { isObjectRoot } from "../schema/object-root.js";
import { overlongForPatterns } from "../schema/patterns.js";
import { inContext } from "../schema/problem.js";
import { shapeSchema, validateShape } from "../schema/shape.js";
import type { JsonSchema, Schema } from "../schema/standard.js";
import { isStrict, type StrictProvider } from "../schema/strict.js";
import { formatIssues, type Result, validate } from "../schema/validate.js";

export type OutputMode = "native" | "tool" | "text";

/** What of a response its value is read from; warnings are added to it. */
export type ReadableAnswer = CheckedAnswer & Pick<CallResponse<unknown>, "warnings">;

/** How a value of a schema is asked for, read and asked for again. */
export interface Output {
  readonly mode: OutputMode;
  /** For the request, in native mode. */
  readonly definition: OutputDefinition | undefined;
  /** For the request, in tool mode. */
  readonly tool: ToolDefinition | undefined;
  /** Stands behind the messages, in text mode. */
  readonly instruction: Message | undefined;
  /** Whether the schema was wrapped in an object with one key, since providers take objects only. */
  readonly wrapped: boolean;
  /** The names that the schema gives to members, at any depth. */
  names(): ReadonlySet<string>;
  read(response: ReadableAnswer): Promise<Result>;
  /** What to say after an answer that did not fit. */
  feedback(response: CallResponse<unknown>, issues: readonly StandardSchemaV1.Issue[]): Message[];
}

/** The one key of the object around a value that is no object. */
export const wrapper = "value";

/** The tool that the answer is given by, in tool mode. */
export const outputTool = "answer";
/** What the instruction of text mode says before the schema. */
export const jsonOnly = "Answer with JSON only, of this JSON Schema:\n";

/**
 * @param wantedMode Undefined for native if the provider's strict mode takes the schema, and for a tool otherwise.
 * @param provider Whose strict mode it is; undefined if that is not known, so that it has to suit all.
 * @throws ConfigurationError for a schema without a JSON Schema, or with a field that no JSON value satisfies.
 */
export async function createOutput(
  schema: Schema,
  wantedMode: OutputMode | undefined,
  provider: StrictProvider | undefined,
): Promise<Output> {
  const shape = { [wrapper]: schema };
  const { json, wrapped } = await objectSchema(schema, shape);
  const strict = (provider ? [provider] : (["openai", "anthropic"] as const)).every((each) => isStrict(json, each));
  const mode = wantedMode ?? (strict ? "native" : "tool");

  const check = async (value: unknown): Promise<Result> => {
    const given = mode === "text" ? value : dropAddedNulls(value, json);
    const overlong = overlongForPatterns(given, json);
    if (overlong.length > 0) return { issues: overlong };
    if (!wrapped) return validate(schema, given);
    const result = await validateShape(shape, given);
    return result.issues ? result : { value: result.value[wrapper] };
  };

  return {
    mode,
    wrapped,
    definition:
      mode === "native" ? { name: outputTool, schema: json, strict, byTool: wantedMode === undefined } : undefined,
    tool:
      mode === "tool"
        ? { name: outputTool, description: outputToolDescription, schema: json, strict: false }
        : undefined,
    instruction: mode === "text" ? user(`${jsonOnly}${JSON.stringify(json)}`) : undefined,
    names: () => memberNames(json),
    async read(response) {
      const found = readJson(mode, response);
      if ("problem" in found) return { issues: [ownIssue({ message: found.problem }, found.summary)] };
      const instead = leftOut[found.around];
      if (instead) addWarning(response, { code: "json_extracted", message: instead });
      return check(found.value);
    },
    feedback: (response, issues) => feedback(response, issues),
  };
}

/** What is said of an answer that is more than its value. */
const leftOut = {
  nothing: undefined,
  fence: "The value was taken from a code fence; what stands around it was left out.",
  prose: "The value was taken from the end of the answer; the prose before it was left out.",
};

async function objectSchema(
  schema: Schema,
  shape: Readonly<Record<string, Schema>>,
): Promise<{ readonly json: JsonSchema; readonly wrapped: boolean }> {
  try {
    const own = await jsonSchemaOf(schema);
    const wrapped = !isObjectRoot(own);
    return { json: wrapped ? await shapeSchema(shape) : own, wrapped };
  } catch (error) {
    throw inContext("The responseModel", error);
  }
}

function readJson(mode: OutputMode, response: ReadableAnswer): FoundJson | JsonProblem {
  // What was cut off may still look whole.
  const why = whyIncomplete(response);
  if (why !== undefined)
    return { problem: `The answer ${why}${response.finishReason === "length" ? "; raise maxTokens" : ""}` };
  if (mode === "text") return extractJson(response.content);
  if (mode === "native") return alone(parseJsonText(response.content));
  const toolCall = response.toolCalls.find((each) => each.name === outputTool);
  return toolCall
    ? alone(parseJsonText(toolCall.arguments || "{}"))
    : { problem: `The model did not call the tool ${outputTool}` };
}

function alone(read: JsonResult): FoundJson | JsonProblem {
  return "value" in read ? { value: read.value, around: "nothing" } : read;
}

/** A call of a tool must be answered before anything else is said. */
function feedback(response: CallResponse<unknown>, issues: readonly StandardSchemaV1.Issue[]): Message[] {
  const text = `The answer does not fit what was asked for:\n${formatIssues(issues)}\nAnswer again, with all of it.`;
  const results = response.toolCalls.map(
    ({ id, name }): Message => ({
      role: "tool",
      content: [{ type: "tool-result", id, name, content: text, isError: true }],
    }),
  );
  return results.length > 0 ? results : [user(text)];
}
