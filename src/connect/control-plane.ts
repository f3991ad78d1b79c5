import {
  AuthenticationError,
  BadRequestError,
  ConfigurationError,
  ConnectionError,
  NotFoundError,
  OverloadedError,
  RateLimitError,
  ServerError,
  TimeoutError,
  UnexpectedResponseError,
} from "../errors.js";
import { parseJsonText } from "../json-text.js";
import { redact } from "../redact.js";
import { abortedBy, linkSignals } from "../wait.js";
import { keyHeader, type WireCall } from "./snowglobe-wire.js";

const provider = "snowglobe";
const timeoutMs = 30_000;
const mostBytes = 20_000_000;

/** Sends one call to the control plane and gives its JSON; undefined where the body is empty. */
export type ControlPlane = (call: WireCall, signal?: AbortSignal) => Promise<unknown>;

/**
 * @throws ConfigurationError where the address is no https address; plain http is for this machine only, since the key
 * goes along.
 */
export function controlPlane(url: string, apiKey: string): ControlPlane {
  const base = originOf(url);
  return async ({ method, path, body }, signal) => {
    const { controller, unlink } = linkSignals(signal ? [signal] : []);
    const late = new TimeoutError(`The control plane did not answer within ${timeoutMs} ms.`, { phase: "first-event" });
    const timer = setTimeout(() => controller.abort(late), timeoutMs);
    const what = `${method} ${path.replace(/\?.*/, "")}`;
    try {
      const response = await fetch(`${base}${path}`, {
        method,
        headers: { [keyHeader]: apiKey, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        body: body === undefined ? null : JSON.stringify(body),
        // The key must not follow to another host.
        redirect: "error",
        signal: controller.signal,
      });
      const text = await textOf(response, what);
      if (!response.ok) throw failure(response, what, redact(text.slice(0, 300), [apiKey]));
      return read(text, what);
    } catch (error) {
      if (controller.signal.aborted) throw signal?.aborted ? abortedBy(signal.reason) : late;
      if (error instanceof TypeError)
        throw new ConnectionError(`The control plane at ${base} cannot be reached (${what}).`, { cause: error });
      throw error;
    } finally {
      clearTimeout(timer);
      unlink();
    }
  };
}

function originOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const local = parsed && ["127.0.0.1", "localhost", "[::1]"].includes(parsed.hostname);
  if (!parsed || parsed.username || !(parsed.protocol === "https:" || (parsed.protocol === "http:" && local)))
    throw new ConfigurationError(
      "The address of the control plane must be an https:// URL; http:// is for this machine only.",
    );
  return parsed.href.replace(/\/+$/, "");
}

async function textOf(response: Response, what: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    size += piece.length;
    if (size > mostBytes) throw unexpected(what, `with more than ${mostBytes / 1e6} MB`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

function read(text: string, what: string): unknown {
  if (text.trim() === "") return undefined;
  const result = parseJsonText(text);
  if ("problem" in result) throw unexpected(what, `with something that is no JSON. ${result.problem}`);
  return result.value;
}

/** Another try may find the server well again. */
function unexpected(what: string, how: string): UnexpectedResponseError {
  return new UnexpectedResponseError(`The control plane answered ${what} ${how}`, { provider, shouldRetry: true });
}

function failure({ status, headers }: Response, what: string, told: string): Error {
  const message = `The control plane answered ${what} with ${status}${told.trim() ? `: ${told.trim()}` : ""}`;
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  const details = { provider, status, retryAfterMs: seconds > 0 ? seconds * 1000 : undefined };
  if (status === 401 || status === 403) return new AuthenticationError(`${message}. Check the key.`, details);
  if (status === 404) return new NotFoundError(message, details);
  if (status === 429) return new RateLimitError(message, details);
  if (status === 503 || status === 529) return new OverloadedError(message, details);
  if (status >= 500 || status === 408 || status === 409) return new ServerError(message, details);
  return new BadRequestError(message, details);
}
