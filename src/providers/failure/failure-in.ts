import type { ProviderError } from "../../errors.js";
import { isPlainObject } from "../../json.js";
import { maxJsonDepth, parseJsonText } from "../../json-text.js";
import { describe, moreExact } from "./describe.js";
import { classOf } from "./error-class.js";

type Body = Readonly<Record<string, unknown>>;

/** The error of a body or an event that can be nothing else. There is no status, so it is the one that its words name. */
export function streamedFailure(provider: string, body: unknown): ProviderError {
  const { type, message = "an error without a message", told, named, retryAfterMs } = describe(body);
  return new (classOf(moreExact(told, named), message))(`${provider} answered with an error: ${message}`, {
    provider,
    type,
    retryAfterMs,
    body,
  });
}

/** The error that a body or an event reports, in a 200 or in a stream; undefined if it reports none. */
export function failureIn(provider: string, body: unknown): ProviderError | undefined {
  if (Array.isArray(body)) return isPlainObject(body[0]) ? failureIn(provider, body[0]) : undefined;
  if (!isPlainObject(body)) return undefined;
  // This is asked of every chunk, and nearly all of them end here.
  if (isReal(body.error)) return streamedFailure(provider, body);
  if (Array.isArray(body.choices) && body.choices.length > 0) return failureOfChoice(provider, body.choices[0], body);
  return holdsAnswer(body) || !namesError(body) ? undefined : streamedFailure(provider, body);
}

/** The error that a text reports, if it is JSON; for what was expected to be an event stream. */
export function failureInText(provider: string, text: string): ProviderError | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  const read = parseJsonText(text, 2 * maxJsonDepth);
  return "value" in read ? failureIn(provider, read.value) : undefined;
}

/** The error of a server-sent event that is named "error", or of a line `error: …` such as llama.cpp's; it may be plain text. */
export function failureOfEvent(provider: string, data: string): ProviderError {
  const read = parseJsonText(data, 2 * maxJsonDepth);
  return streamedFailure(provider, "value" in read ? read.value : data);
}

/** OpenRouter's way, once an answer has begun. Source: https://openrouter.ai/docs/api/reference/errors-and-debugging */
function failureOfChoice(provider: string, choice: unknown, body: Body): ProviderError | undefined {
  const { error } = (choice ?? {}) as Body;
  return isReal(error) ? streamedFailure(provider, { ...body, error }) : undefined;
}

/** Whether a member `error` says something: some servers send `null`, `{}` or an object of nothing beside good answers. */
function isReal(error: unknown): boolean {
  if (error === undefined || error === null || error === false || error === "" || error === 0) return false;
  if (Array.isArray(error)) return error.some(isReal);
  if (!isPlainObject(error)) return true;
  const { code, message } = error;
  if (isSuccess(code) && (!message || isSuccess(message))) return false;
  return Object.values(error).some(isReal);
}

/** The other wires' answers, and those of a server that has its own. */
function holdsAnswer({ output, content, message }: Body): boolean {
  return Array.isArray(output) || Array.isArray(content) || isPlainObject(message);
}

/** Whether a body without an answer says what went wrong. MiniMax sends `base_resp` with good answers too. */
function namesError(body: Body): boolean {
  if (body.type === "error" || body.object === "error" || body.success === false) return true;
  if (isNotice(body)) return false;
  const { base_resp: base } = body;
  if (isPlainObject(base) && isFailureCode(base.status_code)) return true;
  if (["errors", "error_msg", "error_message", "error_code", "fault"].some((name) => isReal(body[name]))) return true;
  if (isSuccess(body.code) || isSuccess(body.status_code)) return false;
  return isFailureCode(body.code) || isReal(body.detail) || isText(body.message) || isText(body.msg);
}

/** A sign of life. */
function isNotice({ type, object, event }: Body): boolean {
  return [type, object, event].some((name) => typeof name === "string" && notices.test(name));
}

const notices = /^(ping|pong|keep[-_ ]?alive|heart[-_ ]?beat|status|progress|info|notice|queued?|processing)$/i;

function isSuccess(code: unknown): boolean {
  if (typeof code === "string") return /^(0+|2\d\d|ok|success|succeeded)$/i.test(code.trim());
  return typeof code === "number" && (code === 0 || (code >= 200 && code < 300));
}

function isFailureCode(code: unknown): boolean {
  return (typeof code === "number" || isText(code)) && !isSuccess(code);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value.trim() !== "";
}
