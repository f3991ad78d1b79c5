import {
  AuthenticationError,
  BadRequestError,
  CallwrightError,
  ConnectionError,
  NotFoundError,
  OverloadedError,
  type ProviderError,
  QuotaError,
  RateLimitError,
  ServerError,
  UnexpectedResponseError,
} from "../errors.js";
import { isPlainObject } from "../json.js";
import { maxJsonDepth, parseJsonText } from "../json-text.js";
import type { Attempt } from "../transport/attempt.js";
import { networkCodeOf, redirectRefused, unreachable } from "../transport/transport.js";

type ErrorClass = new (message: string, details: ConstructorParameters<typeof ProviderError>[1]) => ProviderError;

/** What the vendor SDKs put on their errors; both are made by the same generator. */
interface SdkError {
  readonly status?: unknown;
  readonly headers?: { get(name: string): string | null };
  readonly error?: unknown;
  readonly message?: unknown;
}

/**
 * What the rejection of a vendor's SDK means. The attempt's own verdict comes first, since the SDKs turn time-outs
 * and aborts into errors of their own.
 */
export function failureOf(provider: string, attempt: Attempt, error: unknown): unknown {
  if (attempt.failure !== undefined) return attempt.failure;
  if (CallwrightError.isInstance(error)) return error;
  const { status, headers, error: body, message } = error as SdkError;
  if (typeof status !== "number") {
    if (networkCodeOf(error) !== undefined) return unreachable("", error);
    return new ConnectionError(`${provider}: the request could not be sent (${message}).`, {
      cause: error,
    });
  }
  if (status < 400) return redirectRefused("", status, headers?.get("location"));
  const { type, message: told } = describeBody(body, typeof message === "string" ? message : "");
  const requestId = headers?.get("x-request-id") ?? headers?.get("request-id") ?? undefined;
  const shouldRetry = { true: true, false: false }[headers?.get("x-should-retry") ?? ""];
  return new (classOf(status, type, told))(`${provider} answered ${status}: ${told}`, {
    provider,
    status,
    type,
    requestId,
    retryAfterMs: headers && retryAfterMs(headers),
    shouldRetry,
    cause: error,
  });
}

/** An error that came inside a stream, where there is no status. */
export function streamedFailure(provider: string, body: unknown): ProviderError {
  const { type, message, status } = describeBody(body, "an error without a message");
  return new (classOf(status, type, message))(`${provider} answered with an error: ${message}`, {
    provider,
    type,
  });
}

/** OpenAI: `{ error: { message, type, code } }`, or the inner object alone as its SDK gives it; Anthropic: `{ type: "error", error: { type, message } }`. */
function describeBody(
  body: unknown,
  otherwise: string,
): { type: string | undefined; message: string; status: number | undefined } {
  const outer = isPlainObject(body) ? body : {};
  const inner = isPlainObject(outer.error) ? outer.error : outer;
  const type = [inner.code, inner.type].find((name) => typeof name === "string" && name !== "");
  const message = [inner.message, outer.message, outer.error].find((text) => typeof text === "string" && text !== "");
  // Google and OpenRouter say here which status it would have been.
  const status = typeof inner.code === "number" && inner.code >= 400 && inner.code < 600 ? inner.code : undefined;
  return {
    type: type as string | undefined,
    message: beginningOf((message as string | undefined) ?? otherwise, 1000),
    status,
  };
}

function classOf(status: number | undefined, type: string | undefined, message: string): ErrorClass {
  // 402 is how several compatible servers say it, such as DeepSeek and OpenRouter.
  const isBroke = status === 402 || type === "insufficient_quota" || type === "billing_error";
  if (isBroke || /credit balance is too low/i.test(message)) return QuotaError;
  if (status === undefined)
    return classByType[type ?? ""] ?? (requestFaults.test(type ?? "") ? BadRequestError : ServerError);
  if (status === 401 || status === 403) return AuthenticationError;
  if (status === 404) return NotFoundError;
  if (status === 429) return RateLimitError;
  if (status === 503 || status === 529) return OverloadedError;
  if (status >= 500 || status === 408 || status === 409) return ServerError;
  return status >= 400 ? BadRequestError : UnexpectedResponseError;
}

// Anthropic's names (https://docs.anthropic.com/en/api/errors) and those that OpenAI streams.
const classByType: Readonly<Record<string, ErrorClass>> = {
  overloaded_error: OverloadedError,
  rate_limit_error: RateLimitError,
  rate_limit_exceeded: RateLimitError,
  authentication_error: AuthenticationError,
  permission_error: AuthenticationError,
  not_found_error: NotFoundError,
  request_too_large: BadRequestError,
  context_length_exceeded: BadRequestError,
};

/** Such as `invalid_prompt` and `image_too_large`. Source: the codes of a failed response at OpenAI. */
const requestFaults = /^invalid_|image/;

/** Milliseconds that the server asks to wait: `retry-after-ms`, or `retry-after` in seconds or as a date; anything else is no wish. */
function retryAfterMs(headers: { get(name: string): string | null }): number | undefined {
  const ms = Number(headers.get("retry-after-ms")?.trim() || Number.NaN);
  if (ms >= 0) return ms;
  const spelled = headers.get("retry-after")?.trim();
  if (!spelled) return undefined;
  const seconds = Number(spelled);
  if (!Number.isNaN(seconds)) return seconds >= 0 ? seconds * 1000 : undefined;
  // By the server's own clock, since ours may be off.
  const sent = Date.parse(headers.get("date") ?? "") || Date.now();
  const until = /[a-z]{3}/i.test(spelled) ? Date.parse(spelled) - sent : Number.NaN;
  return until > 0 ? until : undefined;
}

/** The body of a whole answer, or an error that shows its beginning. */
export function bodyOf(provider: string, requestId: string | undefined, contentType: string, text: string): unknown {
  if (/\b(html|event-stream)\b/i.test(contentType))
    throw unexpected(provider, requestId, contentType, text, "is no JSON");
  // What a tool is called with may stand some levels inside the body, and has the usual limit of its own.
  const read = parseJsonText(text, 2 * maxJsonDepth);
  if ("value" in read) return read.value;
  const what = text.trim() === "" ? "is empty" : "is broken JSON";
  // V8 quotes ten characters of the text, which may be a part of a key.
  const problem = read.problem.replace(/,? (\.{3})?".*"(\.{3})? is not valid/s, " is not valid");
  throw unexpected(provider, requestId, contentType, text, what, new SyntaxError(problem));
}

/** A web page comes from a wrong address and will come again; a broken or empty body may be an accident. */
export function unexpected(
  provider: string,
  requestId: string | undefined,
  contentType: string,
  text: string,
  what: string,
  cause?: unknown,
): UnexpectedResponseError {
  const start = beginningOf(text.trim(), 200);
  const shown = start && `: ${start}`;
  return new UnexpectedResponseError(
    `The answer of ${provider} ${what} (content-type ${contentType || "missing"})${shown}`,
    {
      provider,
      status: 200,
      requestId,
      shouldRetry: !/\bhtml\b/i.test(contentType) && !start.startsWith("<"),
      ...(cause !== undefined && { cause }),
    },
  );
}

/** A word that the cut went through is left out: half a key could not be told from other text any more. */
function beginningOf(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length).replace(/[^\s"'<>]*$/, "")}…`;
}
