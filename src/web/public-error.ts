import { CallwrightError, type RefusalError } from "../errors.js";
import { own } from "../own.js";
import { redact } from "../redact.js";
import { jsonResponse } from "./make-response.js";

/** What a stranger may know of an error: no stack, no address, no key, and of failures behind the server only their kind. */
export interface PublicError {
  /** The HTTP status. */
  readonly status: number;
  /** OpenAI's name for the kind of error. */
  readonly type: string;
  /** The code of callwright's class, or OpenAI's own where it has one. */
  readonly code: string;
  readonly message: string;
  /** The field of the request that is to blame. */
  readonly param?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The request itself is refused, before any model was asked. A status of 500 says that the server is to blame. */
export class RequestError extends CallwrightError {
  override readonly code: string;
  readonly status: number;
  readonly type: string;
  readonly param: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly retryAfterMs: undefined = undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    details: { readonly param?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message);
    const { param, headers } = own(details);
    this.status = status;
    this.type = status < 500 ? "invalid_request_error" : "server_error";
    this.code = code;
    this.param = param;
    this.headers = headers;
  }
}

/** Status, type and message by the code of a class. Without a message, the error's own is shown: it speaks of the request. */
const shown: Readonly<Record<string, readonly [status: number, type: string, message?: string]>> = {
  bad_request: [400, "invalid_request_error"],
  refusal: [422, "invalid_request_error"],
  rate_limit: [429, "rate_limit_error", "The model is asked too often at the moment. Try again later."],
  budget_exceeded: [429, "rate_limit_error", "The budget of this server is used up."],
  // The client's key is not to blame for the server's.
  authentication: [502, "server_error", "The provider refused this server's own key."],
  quota: [502, "server_error", "The provider's quota of this server is used up."],
  not_found: [502, "server_error", "The provider does not know the model that this server asks."],
  server: [502, "server_error", "The provider failed."],
  provider: [502, "server_error", "The provider failed."],
  unexpected_response: [502, "server_error", "The provider's answer could not be read."],
  response_validation: [502, "server_error", "The model's answer was not of the form that was asked for."],
  connection: [502, "server_error", "The provider could not be reached."],
  stream_interrupted: [502, "server_error", "The answer broke off before its end."],
  overloaded: [503, "server_error", "The provider is overloaded. Try again later."],
  circuit_open: [503, "server_error", "The provider failed several times and rests. Try again later."],
  aborted: [503, "server_error", "The call was aborted."],
  timeout: [504, "server_error", "The provider took too long."],
};

/** What a stranger may know of what was thrown. */
export function publicError(error: unknown): PublicError {
  if (error instanceof RequestError) return error;
  if (!CallwrightError.isInstance(error)) return internalError;
  const { code, retryable } = error;
  if (code === "fallback") return publicError((error as { errors?: readonly unknown[] }).errors?.at(-1));
  const row = Object.hasOwn(shown, code) ? shown[code] : undefined;
  if (!row) return internalError;
  // The client is a part of the conversation, so that it gets the words that error messages leave out.
  const { refusal } = own((error as Partial<RefusalError>).response ?? {}) as { refusal?: string };
  const [status, type, message = redact(code === "refusal" && refusal ? refusal : error.message)] = row;
  const { retryAfterMs } = own(error as { retryAfterMs?: number });
  const isRetryable = retryable || retryAfterMs !== undefined;
  return own({ status, type, code, message, retryAfterMs, retryable: isRetryable });
}

const internalError: PublicError = own({
  status: 500,
  type: "server_error",
  code: "internal_error",
  message: "The server failed.",
  retryable: false,
});

/** The body of an error in OpenAI's shape. */
export function encodeError(error: PublicError): unknown {
  const { message, type, code, param } = error;
  return { error: { message, type, param: param ?? null, code } };
}

/** An answer that is an error in OpenAI's shape. `x-should-retry` keeps clients from asking in vain. */
export function errorResponse(error: PublicError): Response {
  const { status, retryAfterMs, retryable, headers: further } = error;
  return jsonResponse(encodeError(error), status, {
    ...further,
    ...(retryAfterMs !== undefined && { "retry-after": String(Math.ceil(retryAfterMs / 1000)) }),
    ...(!retryable && { "x-should-retry": "false" }),
  });
}
