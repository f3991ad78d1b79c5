import { namesSecret, secretFinder, secretsOfEnvironment } from "../../redact.js";
import { maskResponse } from "./masked-response.js";
import { escapeRequest, type FindSecrets, maskRequest } from "./masks.js";
import type { SeenRequest } from "./match.js";
import type { RecordedExchange, RecordedRequest } from "./recorded.js";

/** What is secret in one request and its response. */
export interface SecretsOfRequest {
  readonly find: FindSecrets;
  /** The names of environment variables by their values. */
  readonly variables: ReadonlyMap<string, string>;
}

/**
 * All that a request authenticates with, and all that the environment holds of this kind.
 *
 * @param more Texts that are secret because the caller says so.
 */
export function secretsOf(url: URL, headers: Headers, more: readonly string[]): SecretsOfRequest {
  const carried = [...headers, ...url.searchParams].filter(([name]) => namesSecret(name)).map(([, value]) => value);
  // A header is a secret without its scheme, and each cookie without its name. What is short may be any word.
  const parts = carried.flatMap((value) => [value, ...value.split(/;? /), ...value.split(/;? ?[^ ;=]+=(?=[^=])/)]);
  const always = new Set([...parts.filter((part) => part.length > 6), ...more]);
  const environment = secretsOfEnvironment(process.env);
  const variables = new Map(
    [...environment].filter(([, value]) => !always.has(value)).map(([name, value]) => [value, name]),
  );
  return { find: secretFinder([...always, ...variables.keys()]), variables };
}

/** A copy for the file. */
export function maskedExchange(
  { request, response }: RecordedExchange,
  { find, variables }: SecretsOfRequest,
): RecordedExchange {
  return { request: maskRequest(request, find, variables), response: maskResponse(response, find) };
}

export function seenRequest(request: RecordedRequest, { find, variables }: SecretsOfRequest): SeenRequest {
  return { masked: maskRequest(request, find, variables), plain: escapeRequest(request) };
}
