import { ConfigurationError } from "../errors.js";
import { isPlainObject } from "../json.js";
import type { Message } from "../message.js";
import type { Access, Limits, ModelRef, OutputDefinition, Timeouts, ToolChoice, ToolDefinition } from "../model.js";
import { own, ownThroughout } from "../own.js";
import { checkSchema } from "../schema/check.js";
import { toObjectRoot } from "../schema/object-root.js";
import type { JsonSchema } from "../schema/standard.js";
import type { Layer } from "../settings.js";
import { decodeMessages, unreadable } from "./messages.js";

/**
 * A request in OpenAI's wire shape, for any provider. Keys that are not known go to the provider as they are; null is the
 * same as leaving a key out.
 */
export interface CompletionRequest extends Access {
  model: ModelRef;
  messages: readonly { role: string; content?: unknown; tool_calls?: unknown; tool_call_id?: string }[];
  temperature?: number | null | undefined;
  max_tokens?: number | null | undefined;
  /** Further headers of the request; not of the body. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Closes the connection. */
  signal?: AbortSignal | undefined;
  timeouts?: Timeouts | undefined;
  limits?: Limits | undefined;
  [key: string]: unknown;
}

/** A request in the library's own words. */
export interface DecodedRequest {
  readonly messages: readonly Message[];
  readonly layer: Layer;
  readonly tools: readonly ToolDefinition[] | undefined;
  readonly output: OutputDefinition | undefined;
  readonly stream: boolean;
  readonly includeUsage: boolean;
}

/** The keys of OpenAI's body that have a place in the library's own request. */
interface KnownKeys {
  readonly stream?: unknown;
  readonly stream_options?: { readonly include_usage?: unknown };
  readonly n?: unknown;
  readonly tools?: unknown;
  readonly tool_choice?: unknown;
  readonly parallel_tool_calls?: boolean;
  readonly response_format?: unknown;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly top_k?: number;
  readonly max_tokens?: number;
  readonly max_completion_tokens?: number;
  readonly stop?: string | readonly string[];
  readonly seed?: number;
  readonly frequency_penalty?: number;
  readonly presence_penalty?: number;
  readonly reasoning_effort?: Layer["reasoningEffort"];
}

/**
 * @param origin The provider that has made the answers in the request, if that is known.
 * @throws ConfigurationError that names the place of what cannot be read.
 */
export function decodeRequest(request: CompletionRequest, origin: string | undefined): DecodedRequest {
  const {
    model,
    messages,
    signal,
    timeouts,
    limits,
    apiKey,
    baseURL,
    client,
    fetch,
    connections,
    api,
    headers,
    ...body
  } = own(ownThroughout(request));
  // JSON clients write null for what they leave out.
  const set: KnownKeys = own(Object.fromEntries(Object.entries(body).filter(([, value]) => value != null)));
  const {
    stream,
    stream_options,
    n,
    tools,
    tool_choice,
    parallel_tool_calls,
    response_format,
    temperature,
    top_p,
    top_k,
    max_tokens,
    max_completion_tokens,
    stop,
    seed,
    frequency_penalty,
    presence_penalty,
    reasoning_effort,
    ...unknownKeys
  } = set;
  if (n !== undefined && n !== 1)
    throw new ConfigurationError("completion() makes one choice. Leave n out, and call it several times.");
  const { output, rest } = decodeFormat(response_format);
  return {
    messages: decodeMessages(messages, origin),
    layer: {
      ...{ model, signal, timeouts, limits, apiKey, baseURL, client, fetch, connections, api, headers },
      toolChoice: decodeToolChoice(tool_choice),
      parallelToolCalls: parallel_tool_calls,
      temperature,
      topP: top_p,
      topK: top_k,
      maxTokens: max_completion_tokens ?? max_tokens,
      stop: typeof stop === "string" ? [stop] : stop,
      seed,
      frequencyPenalty: frequency_penalty,
      presencePenalty: presence_penalty,
      reasoningEffort: reasoning_effort,
      extraBody: { ...unknownKeys, ...rest },
    },
    tools: decodeTools(tools),
    output,
    stream: stream === true,
    includeUsage: stream_options?.include_usage === true,
  };
}

/** @throws ConfigurationError for a tool that is no function. */
function decodeTools(tools: unknown): ToolDefinition[] | undefined {
  if (tools === undefined) return undefined;
  if (!Array.isArray(tools)) throw unreadable("tools", "a list");
  return tools.map((tool: unknown, index) => {
    const { type, function: called } = isPlainObject(tool) ? tool : {};
    const { name, description, parameters, strict } = isPlainObject(called) ? called : {};
    if (type !== "function" || typeof name !== "string") throw unreadable(`tools[${index}]`, "a function with a name");
    const schema = decodeParameters(parameters, `tools[${index}].function.parameters`);
    return { name, description: typeof description === "string" ? description : "", schema, strict: strict === true };
  });
}

/** @throws ConfigurationError for what is no schema of an object. */
function decodeParameters(parameters: unknown, place: string): JsonSchema {
  // Clients write nothing, null or {} for a function without parameters.
  if (parameters == null || (isPlainObject(parameters) && Object.keys(parameters).length === 0))
    return { type: "object", properties: {} };
  checkedSchema(parameters, place);
  const root = toObjectRoot(parameters);
  if (!root) throw unreadable(place, "a JSON Schema of an object, which all providers need");
  return root;
}

/** @throws ConfigurationError that names the place in the request, and what is wrong there. */
function checkedSchema(schema: unknown, place: string): asserts schema is JsonSchema {
  if (!isPlainObject(schema)) throw unreadable(place, "a JSON Schema");
  try {
    checkSchema(schema);
  } catch (error) {
    if (error instanceof ConfigurationError) throw refused(place, error);
    throw error;
  }
}

function refused(place: string, cause: ConfigurationError): ConfigurationError {
  const { message } = cause;
  return new ConfigurationError(`completion() cannot read ${place}. ${message}`, {
    issues: [{ message: `cannot be read. ${message}`, path: [place] }],
    cause,
  });
}

function decodeToolChoice(choice: unknown): ToolChoice | undefined {
  if (choice === undefined) return undefined;
  if (choice === "auto" || choice === "none" || choice === "required") return choice;
  const called = isPlainObject(choice) ? choice.function : undefined;
  if (isPlainObject(called) && typeof called.name === "string") return { name: called.name };
  throw unreadable("tool_choice", '"auto", "none", "required" or a function by name');
}

/** A JSON schema is asked for in each provider's own words, text is what all give, and other formats stay in the body. */
function decodeFormat(format: unknown): {
  readonly output?: OutputDefinition;
  readonly rest?: { readonly response_format: unknown };
} {
  if (format === undefined) return {};
  const { type, json_schema: given } = isPlainObject(format) ? format : {};
  if (type === "text") return {};
  if (type !== "json_schema") return { rest: { response_format: format } };
  const { name, schema, strict } = isPlainObject(given) ? given : {};
  checkedSchema(schema, "response_format.json_schema.schema");
  return {
    output: {
      name: typeof name === "string" ? name : "answer",
      schema,
      strict: strict === true,
      // Without strict, OpenAI promises nothing either.
      byTool: strict !== true,
    },
  };
}
