import { ConfigurationError } from "../errors.js";
import { type DecodedRequest, decodeRequest } from "../gateway/request.js";
import { isDeeperThan, isPlainObject } from "../json.js";
import { own } from "../own.js";
import { RequestError } from "./public-error.js";

const isNumber = (value: unknown) => typeof value === "number" && Number.isFinite(value);
const isCount = (value: unknown) => Number.isInteger(value) && (value as number) > 0;
const isText = (value: unknown) => typeof value === "string";
const isFlag = (value: unknown) => typeof value === "boolean";
const isAnything = () => true;
const isTextOrTexts = (value: unknown) => isText(value) || (Array.isArray(value) && value.every(isText));
const isFull = (value: unknown) => Array.isArray(value) && value.length > 0;

/**
 * The keys that are read, and what they must be. Others are left out: some are callwright's own, such as an address to
 * send the request to, and the rest would be the provider's, where they may cost.
 */
const fields: Readonly<Record<string, readonly [isValid: (value: unknown) => boolean, what: string]>> = {
  model: [isText, "the name of a model"],
  messages: [isFull, "a list of at least one message"],
  stream: [isFlag, "true or false"],
  stream_options: [isPlainObject, "an object"],
  n: [(value) => value === 1, "1"],
  tools: [isAnything, ""],
  tool_choice: [isAnything, ""],
  parallel_tool_calls: [isFlag, "true or false"],
  response_format: [isPlainObject, "an object"],
  temperature: [isNumber, "a number"],
  top_p: [isNumber, "a number"],
  top_k: [isCount, "a whole number above 0"],
  max_tokens: [isCount, "a whole number above 0"],
  max_completion_tokens: [isCount, "a whole number above 0"],
  stop: [isTextOrTexts, "a string or a list of strings"],
  seed: [isNumber, "a number"],
  frequency_penalty: [isNumber, "a number"],
  presence_penalty: [isNumber, "a number"],
  reasoning_effort: [isText, "a string"],
};

/** Deeper values cannot be written as JSON again. */
const mostLevels = 1000;

/** A request for a chat completion, checked. */
export interface ChatRequest extends DecodedRequest {
  /** The name that was asked for. */
  readonly name: string;
  /** The body as it came. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** @throws RequestError with 400 that names the field. */
export function decodeChatRequest(body: unknown): ChatRequest {
  if (!isPlainObject(body)) throw new RequestError(400, "invalid_request", "The body must be a JSON object.");
  const given = own(body);
  const known: Record<string, unknown> = own({});
  for (const [name, [isValid, what]] of Object.entries(fields)) {
    const value = given[name];
    const isMissing = value === undefined || value === null;
    if (isMissing ? name === "model" || name === "messages" : !isValid(value)) throw invalid(name, `must be ${what}`);
    if (isDeeperThan(value, mostLevels)) throw invalid(name, `must not be nested more than ${mostLevels} levels deep`);
    if (!isMissing) known[name] = value;
  }
  try {
    const name = known.model as string;
    // What answers is put in its place later.
    const decoded = decodeRequest({ ...known, model: "served/here", messages: known.messages as [] }, undefined);
    return { ...decoded, name, body };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const [issue] = error.issues ?? [];
    throw issue
      ? invalid(String(issue.path?.[0]), issue.message)
      : invalid("messages", `cannot be read: ${error.message}`);
  }
}

/**
 * The messages, if each result of a tool belongs to a call before it. A session knows calls that the client did not send
 * along, and checks by itself.
 *
 * @throws RequestError with 400, as OpenAI's own API.
 */
export function checkResults({ messages }: ChatRequest): void {
  const called = new Set<string>();
  for (const [index, { content }] of messages.entries()) {
    if (typeof content === "string") continue;
    for (const part of content) {
      if (part.type === "tool-call") called.add(part.id);
      if (part.type === "tool-result" && !called.has(part.id))
        throw invalid(
          `messages[${index}].tool_call_id`,
          "must be the id of a tool call in an earlier assistant message",
        );
    }
  }
}

function invalid(param: string, problem: string): RequestError {
  return new RequestError(400, "invalid_request", `${param} ${problem}.`.replace(/\.\.$/, "."), { param });
}
