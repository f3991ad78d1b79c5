import {
  AuthenticationError,
  BadRequestError,
  NotFoundError,
  OverloadedError,
  type ProviderError,
  QuotaError,
  RateLimitError,
  ServerError,
  UnexpectedResponseError,
} from "../../errors.js";

type ErrorClass = new (message: string, details: ConstructorParameters<typeof ProviderError>[1]) => ProviderError;

/** The class of an error by its HTTP status, real or by name; without one, the server is at fault. */
export function classOf(status = 500, message = ""): ErrorClass {
  // Anthropic's type for it is that of any invalid request.
  if (status === 402 || /credit balance is too low/i.test(message)) return QuotaError;
  if (status === 401 || status === 403) return AuthenticationError;
  if (status === 404) return NotFoundError;
  if (status === 429) return RateLimitError;
  if (status === 503 || status === 529) return OverloadedError;
  if (status >= 500 || status === 408 || status === 409) return ServerError;
  return status >= 400 ? BadRequestError : UnexpectedResponseError;
}
