import type * as Undici from "undici";
import type { Dispatcher } from "undici";
import { CallwrightError, ConfigurationError, UnexpectedResponseError } from "../errors.js";
import { requireInstead } from "../optional-package.js";
import { now } from "../wait.js";
import { type Attempt, attemptKey, timedOut } from "./attempt.js";
import { bytesOf, readBeginning } from "./body.js";
import { Connecting, GivenUpError } from "./connecting.js";
import { decoded } from "./decoded.js";
import { createDispatcher } from "./dispatcher.js";
import { ReceivedBody } from "./received-body.js";
import { ReceivedHeaders } from "./received-headers.js";
import {
  networkCodeOf,
  redirectRefused,
  type SendInit,
  type Transport,
  type TransportOptions,
  unreachable,
} from "./transport.js";
import { TunnelError, tunnelFailure } from "./tunnel.js";

/** The fetch of the platform, before a mock could take its place. */
const platformFetch = globalThis.fetch;

/** Mocks such as msw replace `globalThis.fetch`, which this transport does not use. */
function mockAdvice(): string {
  if (globalThis.fetch === platformFetch) return "";
  return "globalThis.fetch was replaced, perhaps by a mock: pass { fetch: globalThis.fetch } to send requests through it.";
}

/** Of a failed answer, no more is read than an error can say, in bytes. */
const maxErrorBytes = 1024 * 1024;

/**
 * A `fetch` over undici, which takes a third of the CPU of the built-in one. Its response is a plain object with what
 * both SDKs read of a Response; time limits are the attempt's.
 */
export async function createTransport(options: TransportOptions): Promise<Transport> {
  const undici = await importUndici();
  const { connectMs } = options;
  const connecting = new Connecting();
  const dispatcher = createDispatcher(undici, options, connecting);

  const toResponse = async (url: string, attempt: Attempt | undefined, answer: Answer) => {
    const { status, headers, body: received } = answer;
    const provider = attempt?.provider ?? "the model";
    if (status >= 300 && status < 400) {
      received.destroy();
      throw redirectRefused(url, status, headers.get("location"));
    }
    const encoding = headers.get("content-encoding");
    const body = encoding ? await decoded(received, encoding) : received;
    if (!body) received.destroy();
    // A failed answer is told by its status.
    if (!body && status < 300) throw undecodable(provider, status, encoding);
    const text = () => readBeginning(bytesOf(body), maxErrorBytes, () => attempt?.noteBytes());
    return {
      ok: status >= 200 && status < 300,
      status,
      url,
      headers,
      body,
      text,
      json: async () => JSON.parse(await text()),
    };
  };

  const toFailure = (error: unknown, url: string): unknown => {
    if (CallwrightError.isInstance(error)) return error;
    if (error instanceof TunnelError) return tunnelFailure(error, connectMs);
    return networkCodeOf(error) === "UND_ERR_CONNECT_TIMEOUT"
      ? timedOut("connect", connectMs, error)
      : unreachable(url, error, mockAdvice());
  };

  let mayReuse = false;
  const send = async (url: string, init: SendInit) => {
    const attempt = init[attemptKey];
    try {
      if (mayReuse) await noticeClosed();
      mayReuse = true;
      const answer = await dispatch(dispatcher, connecting, url, init).catch((error) => {
        // The one request that is sent anew by itself: it waited for a connection that another one gave up.
        if (!(error instanceof GivenUpError)) throw error;
        return dispatch(dispatcher, connecting, url, init);
      });
      return await toResponse(url, attempt, answer);
    } catch (error) {
      const failure = toFailure(error, url);
      attempt?.fail(failure);
      throw failure;
    }
  };

  return { fetch: send as unknown as typeof globalThis.fetch, close: () => dispatcher.close() };
}

/** undici takes some 90 ms to load; nobody pays for it before the first call. */
async function importUndici(): Promise<typeof Undici> {
  try {
    return await import("undici");
  } catch (cause) {
    if (!(cause instanceof Error) || !cause.message.startsWith("Dynamic require"))
      return requireInstead<typeof Undici>("undici", cause);
    throw new ConfigurationError(
      "The transport could not be loaded: undici was bundled into an ES module, which has no require(). Mark undici as external, or give the bundle a banner that defines require with createRequire(import.meta.url).",
      { cause },
    );
  }
}

/**
 * Lets the event loop look at its sockets, so that a kept connection that the server has closed in the meantime is not used
 * again. Once a request was written, nobody can tell whether the server read it, and it is never sent again from here.
 */
async function noticeClosed(): Promise<void> {
  // A single immediate may run in the turn that asked for it, before any socket was looked at.
  await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
}

interface Answer {
  readonly status: number;
  readonly headers: ReceivedHeaders;
  readonly body: ReceivedBody;
}

/** undici's own `request()` wraps the body in a Node stream, which costs a short call more than the sending of it. */
function dispatch(dispatcher: Dispatcher, connecting: Connecting, url: string, init: SendInit): Promise<Answer> {
  // The SDKs give an address in its normal form.
  const pathAt = url.indexOf("/", url.indexOf("://") + 3);
  const message = {
    origin: url.slice(0, pathAt),
    path: url.slice(pathAt),
    method: (init.method ?? "GET") as "POST",
    headers: init.headers as Headers,
    body: (init.body ?? null) as string | Uint8Array | null,
  };
  const attempt = init[attemptKey];
  const since = now();
  return new Promise((resolve, reject) => {
    let connection: Dispatcher.DispatchController | undefined;
    let body: ReceivedBody | undefined;
    // It may be over before it came this far, while the SDK was loaded: nobody would wait for the connection.
    if (attempt?.failure !== undefined) throw new Error("The attempt is over.");
    const stopWaiting = connecting.wait();
    attempt?.onFailure(() => {
      stopWaiting();
      connection?.abort(new Error("The attempt is over."));
    });
    dispatcher.dispatch(message, {
      onRequestStart(controller) {
        connection = controller;
        stopWaiting();
        if (attempt) attempt.queuedMs = now() - since;
        // Thrown and not aborted, which would close a connection that others wait for.
        if (attempt?.failure !== undefined) throw new Error("The attempt is over.");
      },
      onResponseStart(controller, status, headers) {
        // 1xx announces an answer that is still to come.
        if (status < 200) return;
        body = new ReceivedBody(controller);
        resolve({ status, headers: new ReceivedHeaders(headers), body });
      },
      onResponseData: (_controller, chunk) => body?.push(chunk),
      onResponseEnd: () => body?.end(),
      onResponseError(_controller, error) {
        stopWaiting();
        body?.end(error);
        reject(error);
      },
    });
  });
}

function undecodable(provider: string, status: number, encoding: string | null): UnexpectedResponseError {
  const named = JSON.stringify(encoding?.slice(0, 80));
  return new UnexpectedResponseError(
    `The answer of ${provider} has the content-encoding ${named}, which nobody asked for and which cannot be decoded. A proxy or server on the way is set up wrongly.`,
    { provider, status },
  );
}
