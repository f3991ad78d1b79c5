import { ConnectionError } from "../errors.js";
import type { Attempt, attemptKey } from "./attempt.js";

export interface TransportOptions {
  /** The most connections to one origin. @default no limit */
  readonly connections?: number | undefined;
  readonly connectMs: number;
  readonly proxy?: ProxySettings | undefined;
}

/** What stands between us and the provider. */
export interface ProxySettings {
  /** Without user name and password. */
  readonly origin: string;
  /** The header `proxy-authorization`. */
  readonly authorization?: string | undefined;
  /** Hosts that are asked directly: names, of which subdomains count too, with or without a port, or `*`. */
  readonly noProxy: string;
}

/** What carries the bytes, as a `fetch` that the vendor SDKs take. Node and the web have one each. */
export interface Transport {
  readonly fetch: typeof globalThis.fetch;
  /** Closes all connections, once the requests under way are finished. */
  close(): Promise<void>;
}

/** What the SDKs hand to their `fetch`, with the attempt that the request belongs to. */
export interface SendInit extends RequestInit {
  readonly [attemptKey]?: Attempt;
}

/** @param url What was asked; may be empty where only the SDK knows. */
export function redirectRefused(url: string, status: number, location: string | null | undefined): ConnectionError {
  const base = URL.canParse(url) ? url : undefined;
  const to = location && URL.canParse(location, base) ? new URL(location, base) : undefined;
  const place = to ? `${to.origin}${to.pathname}` : "another place";
  return new ConnectionError(
    `${originOf(url)} answered ${status} and points to ${place}. Redirects are not followed, since the API key would go along; set baseURL to where the API is.`,
    { retryable: false },
  );
}

/** @param advice A further sentence for the message. */
export function unreachable(url: string, cause: unknown, advice = ""): ConnectionError {
  const code = networkCodeOf(cause);
  const why = code ?? (cause instanceof Error ? cause.message : String(cause));
  // What a certificate says does not change from one second to the next.
  const permanent = /CERT|SIGNATURE|TLS|SSL|EPROTO|INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|UND_ERR_INVALID_ARG/.test(
    why,
  );
  return new ConnectionError(`${whatBroke(originOf(url), why)}${advice && ` ${advice}`}`, {
    cause,
    retryable: !permanent,
  });
}

/** Codes of a connection that stood and was ended by the other side, of Node, undici and Bun. */
const closed = /^(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET|ERR_STREAM_PREMATURE_CLOSE|ConnectionClosed)$/;

function whatBroke(origin: string, why: string): string {
  if (closed.test(why))
    return `The connection closed before an answer came from ${origin} (${why}). Check the server and what stands in front of it.`;
  // Names of Node's HTTP parser.
  if (why.startsWith("HPE_")) return `The answer from ${origin} is not HTTP (${why}). Check the base URL.`;
  return `No connection to ${origin} (${why}). Check the base URL and the network.`;
}

/** Platforms wrap what the system says: `fetch failed`, caused by ECONNREFUSED. */
export function networkCodeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; depth < 5 && typeof at === "object" && at !== null; depth++) {
    const { code, cause } = at as { code?: unknown; cause?: unknown };
    if (typeof code === "string") return code;
    at = cause;
  }
  return undefined;
}

// Without path and query, which may hold secrets.
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "the provider";
}
