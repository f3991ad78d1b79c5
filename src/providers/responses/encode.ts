import type { Part, ToolResultPart } from "../../content.js";
import { isPlainObject } from "../../json.js";
import { type Message, textOf } from "../../message.js";
import type { ModelRequest, ToolDefinition } from "../../model.js";
import type { Emit } from "../exchange.js";
import { fitMedia } from "../media.js";
import { argumentsOf } from "../normalise/arguments.js";
import { normalise } from "../normalise/normalise.js";
import { responsesRules } from "../normalise/rules.js";
import { outputSchema, toolSchema } from "../tool-schema.js";
import { defined, lacks, objectOf } from "../wire-parts.js";
import { encodeFile, encodeImage, fitResponsesMedia } from "./media.js";

type Item = Record<string, unknown>;

/** OpenAI refuses to encrypt the reasoning of models that have none; all that came after these reason. */
const withoutReasoning = /^(ft:)?(gpt-[34]|chatgpt-|gpt-5-chat)/;

/** Elsewhere names are free, such as those of deployments, so that only these tell that a model reasons. */
const withReasoning = /^(ft:)?(o\d|codex-|gpt-([5-9]|\d\d))/;

function reasons(provider: string, model: string): boolean {
  return !withoutReasoning.test(model) && (provider === "openai" || withReasoning.test(model));
}

/**
 * The body of a Responses request. Nothing is stored at OpenAI unless `extraBody` says so: the reasoning comes back
 * encrypted and goes along with the next turn.
 * Source: https://platform.openai.com/docs/api-reference/responses/create
 */
export function encodeResponses(provider: string, model: string, request: ModelRequest, warn: Emit): Item {
  const { params = {}, tools = [], toolChoice, output } = request;
  for (const name of ["topK", "stop", "seed", "frequencyPenalty", "presencePenalty"] as const) {
    if (params[name] === undefined) continue;
    const message = `${provider}'s Responses take no ${name}; it was not sent.`;
    warn({ type: "warning", code: "unsupported_option", message });
  }
  const body = {
    ...defined({
      temperature: params.temperature,
      max_output_tokens: params.maxTokens,
      top_p: params.topP,
      reasoning: params.reasoningEffort && { effort: params.reasoningEffort },
      text: output && {
        format: {
          type: "json_schema",
          name: output.name,
          strict: output.strict,
          schema: output.strict ? outputSchema(output, "openai") : output.schema,
        },
      },
    }),
    ...(tools.length > 0 && {
      tools: tools.map(encodeTool),
      ...defined({
        tool_choice: typeof toolChoice === "object" ? { type: "function", name: toolChoice.name } : toolChoice,
        parallel_tool_calls: request.parallelToolCalls,
      }),
    }),
    store: false,
    ...(reasons(provider, model) && { include: ["reasoning.encrypted_content"] }),
  };
  const whole = addExtra(body, params.extraBody ?? {});
  const messages = normalise(fitMedia(request.messages, fitResponsesMedia), responsesRules(provider), warn);
  return {
    ...whole,
    model,
    input: messages.flatMap(encodeMessage).filter((item) => whole.store !== false || canReturn(item)),
    stream: request.stream,
  };
}

/** Reasoning that is not stored can only go back encrypted; an id alone names nothing. */
function canReturn({ type, encrypted_content }: Item): boolean {
  return type !== "reasoning" || typeof encrypted_content === "string";
}

// Left out, `strict` is true here.
function encodeTool(tool: ToolDefinition): Item {
  const { name, description, strict } = tool;
  return { type: "function", name, description, parameters: toolSchema(tool, strict, "openai"), strict };
}

/** These hold what is ours beside what is the user's: a hosted tool must not cost the functions, nor a verbosity the schema. */
const sharedFields = new Set(["tools", "include", "reasoning", "text"]);

function addExtra(body: Item, extra: Readonly<Item>): Item {
  const added = Object.entries(extra).map(([field, value]) => {
    const own = sharedFields.has(field) ? body[field] : undefined;
    if (Array.isArray(own) && Array.isArray(value)) return [field, [...new Set([...own, ...value])]];
    return [field, isPlainObject(own) && isPlainObject(value) ? { ...own, ...value } : value];
  });
  return { ...body, ...Object.fromEntries(added) };
}

function encodeMessage({ role, content }: Message): Item[] {
  const parts: readonly Part[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
  switch (role) {
    case "system":
      return [{ role, content: textOf({ role, content }) }];
    case "user":
      return [{ role, content: typeof content === "string" ? content : content.map(encodePart) }];
    case "assistant":
      return parts.flatMap(encodeAnswerPart);
    case "tool":
      return parts.flatMap((part) => (part.type === "tool-result" ? [encodeToolResult(part)] : []));
  }
}

/** Each kind of part is an item of its own, in the order in which the model made them. */
function encodeAnswerPart(part: Part): Item[] {
  switch (part.type) {
    case "text":
      return [{ role: "assistant", content: [{ type: "output_text", text: part.text }] }];
    case "tool-call":
      return [{ type: "function_call", call_id: part.id, name: part.name, arguments: argumentsOf(part).json }];
    case "reasoning":
      return [objectOf(part.data)];
    default:
      return [];
  }
}

function encodeToolResult({ id, content, isError }: ToolResultPart): Item {
  const shown: readonly Part[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
  // The wire has no flag for failure.
  const told: readonly Part[] = isError ? [{ type: "text", text: "Error: " }, ...shown] : shown;
  const isText = told.every(({ type }) => type === "text");
  const output = isText ? textOf({ role: "tool", content: told }) : told.map(encodePart);
  return { type: "function_call_output", call_id: id, output };
}

function encodePart(part: Part): Item {
  switch (part.type) {
    case "text":
      return { type: "input_text", text: part.text };
    case "image":
      return encodeImage(part);
    case "document":
      return encodeFile(part);
    case "audio":
      throw lacks("OpenAI's Responses API", part, "Send a transcript, or use Chat Completions.");
    default:
      throw lacks("OpenAI's Responses API", part, "Leave it out.");
  }
}
