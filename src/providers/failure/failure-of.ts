import { CallwrightError, ConfigurationError, ConnectionError, type ProviderError } from "../../errors.js";
import { maxJsonDepth, parseJsonText } from "../../json-text.js";
import type { Attempt } from "../../transport/attempt.js";
import { networkCodeOf, redirectRefused, unreachable } from "../../transport/transport.js";
import { describe, moreExact } from "./describe.js";
import { classOf } from "./error-class.js";
import { retryAfterMs } from "./retry-after.js";
import { unserializable } from "./unserializable.js";

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
 *
 * @param request The body that was to be sent.
 */
export function failureOf(provider: string, attempt: Attempt, error: unknown, request: unknown): unknown {
  if (attempt.failure !== undefined) return attempt.failure;
  if (CallwrightError.isInstance(error)) return error;
  const { status, headers, message } = error as SdkError;
  if (typeof status !== "number") return failureWithoutAnswer(provider, attempt, error, request);
  if (status < 400) return redirectRefused("", status, headers?.get("location"));
  // What the SDKs say if they found no words.
  const spoken = withoutStatus(message, status)?.replace(/^status code \(no body\)$/, "") || undefined;
  const body = attempt.errorText === undefined ? keptBy(error as SdkError, attempt, spoken) : parsed(attempt.errorText);
  const otherwise = attempt.errorText === undefined ? (spoken ?? "no message") : "an empty body";
  return failureOfStatus(provider, status, body, { cause: error, headers, otherwise });
}

/** The error of an answer with an error's status. */
function failureOfStatus(
  provider: string,
  status: number,
  body: unknown,
  { headers, otherwise, cause }: { headers: SdkError["headers"]; otherwise: string; cause: unknown },
): ProviderError {
  const { type, message, named, retryAfterMs: delayMs } = describe(body);
  const words = withoutStatus(message, status) ?? otherwise;
  const shouldRetry = headers?.get("x-should-retry");
  return new (classOf(moreExact(status, named), words))(`${provider} answered ${status}: ${words}`, {
    provider,
    status,
    type,
    body,
    requestId: headers?.get("x-request-id") ?? headers?.get("request-id") ?? undefined,
    retryAfterMs: (headers && retryAfterMs(headers)) ?? delayMs,
    shouldRetry: shouldRetry === "true" ? true : shouldRetry === "false" ? false : undefined,
    cause,
  });
}

/** Nothing was answered: it could not be sent, or the way there is broken. */
function failureWithoutAnswer(provider: string, attempt: Attempt, error: unknown, request: unknown): CallwrightError {
  const refused = unserializable(request, error);
  if (refused) return refused;
  const { message } = error as SdkError;
  // The SDK gave up before it called our transport, so the request is to blame and not the provider.
  if (attempt.wasHandedOver === false) {
    return new ConfigurationError(`The request to ${provider} cannot be sent: ${message}`, { cause: error });
  }
  if (networkCodeOf(error) !== undefined) return unreachable("", error);
  return new ConnectionError(`${provider}: the request could not be sent (${message}).`, { cause: error });
}

/** The body as the SDK of a client of the caller's own kept it: JSON, or text behind the status in its message. */
function keptBy({ error }: SdkError, { wasHandedOver }: Attempt, spoken: string | undefined): unknown {
  return error ?? (wasHandedOver === undefined ? spoken : undefined);
}

function parsed(text: string): unknown {
  if (text.trim() === "") return undefined;
  const read = parseJsonText(text, 2 * maxJsonDepth);
  return "value" in read ? read.value : text;
}

/** The SDKs put the status before the words, and so do web pages. */
function withoutStatus(words: unknown, status: number): string | undefined {
  if (typeof words !== "string") return undefined;
  return (words.startsWith(`${status} `) ? words.slice(4) : words).trim() || undefined;
}
