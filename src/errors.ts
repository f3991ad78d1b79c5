import type { StandardSchemaV1 } from "@standard-schema/spec";
import { CallwrightError, type Details, errorData, hide, nameErrors, show } from "./error-base.js";
import { own } from "./own.js";

export { CallwrightError };

// What errors carry is defined further down the reading order; message.ts, content.ts and response.ts give these their members.
export interface CarriedMessage {}
export interface CarriedToolCall {}
export interface CarriedResponse {}

/** The code asks for something that cannot be; nothing was sent. `issues` says what a schema refused. */
export class ConfigurationError extends CallwrightError {
  override readonly code: string = "configuration";
  declare readonly issues?: readonly StandardSchemaV1.Issue[];

  constructor(message: string, details: Details<Pick<ConfigurationError, "issues">> = {}) {
    super(message, details);
    hide(this, { issues: own(details).issues });
  }
}

/** The reference names a provider that is not known. */
export class UnsupportedProviderError extends ConfigurationError {
  override readonly code = "unsupported_provider";
}

/** A prompt was used where a response was expected: the decorator is missing. */
export class NotCalledError extends ConfigurationError {
  override readonly code = "not_called";
}

/** A template cannot be parsed or rendered. Line and column count from 1. */
export class TemplateError extends CallwrightError {
  override readonly code = "template";
  declare readonly line?: number;
  declare readonly column?: number;
  declare readonly variable?: string;

  constructor(message: string, details: Details<Pick<TemplateError, "line" | "column" | "variable">> = {}) {
    super(message, details);
    show(this, own(details));
  }
}

interface ProviderDetails {
  readonly provider: string;
  readonly status?: number | undefined;
  readonly type?: string | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly partial?: CarriedResponse | undefined;
  readonly body?: unknown;
  /** What the header `x-should-retry` said; it decides over the class. */
  readonly shouldRetry?: boolean | undefined;
  readonly cause?: unknown;
}

/** The provider answered with an error. */
export class ProviderError extends CallwrightError {
  override readonly code: string = "provider";
  override readonly retryable: boolean;
  readonly provider: string;
  /** The HTTP status; undefined where the error came inside a stream. */
  readonly status: number | undefined;
  /** The provider's own name of the error: OpenAI's `error.code` or `error.type`, Anthropic's `error.type`. */
  readonly type: string | undefined;
  /** The header `x-request-id` (OpenAI) or `request-id` (Anthropic). */
  readonly requestId: string | undefined;
  /** What `retry-after-ms` or `retry-after` asked for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** What had arrived when a stream failed. */
  declare readonly partial?: CarriedResponse;
  /** The provider's error as it came, parsed if it is JSON, with secrets replaced; not enumerable, so that logs stay short. */
  declare readonly body?: unknown;

  constructor(message: string, details: ProviderDetails) {
    super(message, details);
    const { provider, status, type, requestId, retryAfterMs, shouldRetry, partial, body } = own(details);
    this.provider = provider;
    this.status = status;
    this.type = type;
    this.requestId = requestId;
    this.retryAfterMs = retryAfterMs;
    this.retryable = shouldRetry ?? (new.target as typeof ProviderError).retries;
    hide(this, { partial, body });
  }

  /** Whether errors of this class are worth another try. */
  protected static readonly retries: boolean = false;
}

/** 401 and 403. */
export class AuthenticationError extends ProviderError {
  override readonly code = "authentication";
}

/** 404: no such model or endpoint. */
export class NotFoundError extends ProviderError {
  override readonly code = "not_found";
}

/** 400, 413, 422 and other 4xx: the request itself is refused. */
export class BadRequestError extends ProviderError {
  override readonly code = "bad_request";
}

/** 429: too many requests or tokens. */
export class RateLimitError extends ProviderError {
  override readonly code: string = "rate_limit";
  protected static override readonly retries: boolean = true;
}

/** 402, 429 with OpenAI's `insufficient_quota`, or Anthropic's "credit balance is too low": paying helps, waiting does not. */
export class QuotaError extends RateLimitError {
  override readonly code = "quota";
  protected static override readonly retries = false;
}

/** 503 and 529, and Anthropic's `overloaded_error` in mid-stream. */
export class OverloadedError extends ProviderError {
  override readonly code = "overloaded";
  protected static override readonly retries = true;
}

/** Other 5xx, 408 and 409. */
export class ServerError extends ProviderError {
  override readonly code = "server";
  protected static override readonly retries = true;
}

/** An answer that is not in the provider's wire format. */
export class UnexpectedResponseError extends ProviderError {
  override readonly code = "unexpected_response";
}

/** The connection was refused, reset, redirected or could not be made. */
export class ConnectionError extends CallwrightError {
  override readonly code = "connection";
  override readonly retryable: boolean;

  constructor(message: string, details: { readonly cause?: unknown; readonly retryable?: boolean } = {}) {
    super(message, details);
    this.retryable = own(details).retryable ?? true;
  }
}

/** A time limit ran out. Those of one try may be tried again; the total cannot. */
export class TimeoutError extends CallwrightError {
  override readonly code = "timeout";
  override readonly retryable: boolean;
  readonly phase: "connect" | "first-event" | "idle" | "total";
  declare readonly partial?: CarriedResponse;

  constructor(
    message: string,
    details: Details<{ partial: CarriedResponse }> & { readonly phase: TimeoutError["phase"] },
  ) {
    super(message, details);
    this.phase = details.phase;
    this.retryable = details.phase !== "total";
    hide(this, { partial: own(details).partial });
  }
}

/** The caller gave up; `reason` is what the signal or `abort()` said. */
export class AbortedError extends CallwrightError {
  override readonly code = "aborted";
  readonly reason: unknown;
  declare readonly partial?: CarriedResponse;

  constructor(message: string, details: Details<{ partial: CarriedResponse }> & { readonly reason: unknown }) {
    super(message, details);
    this.reason = details.reason;
    hide(this, { partial: own(details).partial });
  }

  override toJSON(): unknown {
    return { ...(super.toJSON() as object), reason: errorData(this.reason) };
  }
}

/** A stream ended before its terminator. */
export class StreamInterruptedError extends CallwrightError {
  override readonly code = "stream_interrupted";
  override readonly retryable = true;
  declare readonly partial: CarriedResponse;

  constructor(message: string, details: Details<Pick<StreamInterruptedError, "partial">> = {}) {
    super(message, details);
    hide(this, { partial: own(details).partial });
  }
}

/** A stream can be iterated once. */
export class StreamConsumedError extends CallwrightError {
  override readonly code = "stream_consumed";
}

/** A tool failed, or its result cannot be sent. */
export class ToolError extends CallwrightError {
  override readonly code: string = "tool";
  declare readonly toolCall?: CarriedToolCall;

  constructor(message: string, details: Details<Pick<ToolError, "toolCall">> = {}) {
    super(message, details);
    hide(this, { toolCall: own(details).toolCall });
  }

  /** With the id and the name of the tool call, and without its arguments. */
  override toJSON(): unknown {
    const members = super.toJSON() as object;
    return this.toolCall ? { ...members, toolCall: { id: this.toolCall.id, name: this.toolCall.name } } : members;
  }
}

/** The model's arguments are not what the tool's schema asks for. */
export class ToolArgumentsError extends ToolError {
  override readonly code = "tool_arguments";
  /** What the schema says of each; its words may quote the arguments, so that they are not printed with the error. */
  declare readonly issues: readonly StandardSchemaV1.Issue[];

  constructor(message: string, details: Details<Pick<ToolError, "toolCall">> & Pick<ToolArgumentsError, "issues">) {
    super(message, details);
    hide(this, { issues: details.issues });
  }
}

/** The model asked for a tool that this call does not offer. */
export class UnknownToolError extends ToolError {
  override readonly code = "unknown_tool";
}

/** The model still asked for tools when `maxSteps` was reached. */
export class ToolLoopError extends ToolError {
  override readonly code = "tool_loop";
  /** The whole conversation; it is not printed with the error. */
  declare readonly transcript: readonly CarriedMessage[];
  declare readonly response: CarriedResponse;

  constructor(
    message: string,
    details: { readonly transcript: readonly CarriedMessage[]; readonly response: CarriedResponse },
  ) {
    super(message);
    hide(this, { transcript: details.transcript, response: details.response });
  }
}

/** Every model failed; `errors` are in the order in which they were asked. Worth another try where one of them is. */
export class FallbackError extends CallwrightError {
  override readonly code = "fallback";
  override readonly retryable: boolean;
  readonly errors: readonly unknown[];

  constructor(message: string, details: { readonly errors: readonly unknown[] }) {
    super(message, { cause: details.errors.at(-1) });
    this.errors = details.errors;
    this.retryable = details.errors.some((error) => CallwrightError.isInstance(error) && error.retryable);
  }

  override toJSON(): unknown {
    return { ...(super.toJSON() as object), errors: this.errors.map(errorData) };
  }
}

/** A circuit breaker refuses the call, since the calls before it failed; nothing was sent, and it is not tried again. */
export class CircuitOpenError extends CallwrightError {
  override readonly code = "circuit_open";
  /** Milliseconds until the next call is let through. */
  readonly retryAfterMs: number;

  constructor(message: string, details: { readonly retryAfterMs: number }) {
    super(message);
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** The call could cost more than its budget holds; nothing was sent. */
export class BudgetExceededError extends CallwrightError {
  override readonly code = "budget_exceeded";
}

/** Values do not fit their schema: an answer (`response` holds it) or the fields of a prompt or tool class. */
export class ResponseValidationError extends CallwrightError {
  override readonly code = "response_validation";
  /** What the schema says of each; its words may quote the answer, so that they are not printed with the error. */
  declare readonly issues: readonly StandardSchemaV1.Issue[];
  declare readonly response: CarriedResponse;

  constructor(
    message: string,
    details: {
      readonly issues: readonly StandardSchemaV1.Issue[];
      readonly response: CarriedResponse;
      readonly cause?: unknown;
    },
  ) {
    super(message, details);
    hide(this, { issues: details.issues, response: details.response });
  }
}

/** The model refused to answer. */
export class RefusalError extends CallwrightError {
  override readonly code = "refusal";
  /** Its `refusal` has the model's words; it is not printed with the error. */
  declare readonly response: CarriedResponse;

  constructor(message: string, details: { readonly response: CarriedResponse }) {
    super(message);
    hide(this, { response: details.response });
  }
}

/** Gives an error of a stream what had arrived until then; an error that has it already keeps its own. */
export function attachPartial(error: unknown, partial: CarriedResponse): void {
  const carries =
    error instanceof ProviderError ||
    error instanceof TimeoutError ||
    error instanceof AbortedError ||
    error instanceof StreamInterruptedError;
  if (carries && error.partial === undefined) hide(error, { partial });
}

/** Gives an error of the provider the id of its request, where it came without headers. */
export function attachRequestId(error: unknown, requestId: string | undefined): void {
  if (error instanceof ProviderError && error.requestId === undefined) show(error, { requestId });
}

nameErrors({
  CallwrightError,
  ConfigurationError,
  UnsupportedProviderError,
  NotCalledError,
  TemplateError,
  ProviderError,
  AuthenticationError,
  NotFoundError,
  BadRequestError,
  RateLimitError,
  QuotaError,
  OverloadedError,
  ServerError,
  UnexpectedResponseError,
  ConnectionError,
  TimeoutError,
  AbortedError,
  StreamInterruptedError,
  StreamConsumedError,
  ToolError,
  ToolArgumentsError,
  UnknownToolError,
  ToolLoopError,
  FallbackError,
  CircuitOpenError,
  BudgetExceededError,
  ResponseValidationError,
  RefusalError,
});
