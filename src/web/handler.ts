import { ConfigurationError } from "../errors.js";
import { seconds } from "../gateway/answer.js";
import type { ChatCompletionChunk } from "../gateway/wire.js";
import { checkCounts, checkMilliseconds } from "../numbers.js";
import { own } from "../own.js";
import { linkSignals } from "../wait.js";
import { decodeChatRequest } from "./chat-request.js";
import { defaultDrainMs, eventBody, eventHeaders, formatEvent } from "./event-body.js";
import { createGuard, type GuardOptions } from "./guard.js";
import { jsonResponse, makeResponse } from "./make-response.js";
import { encodeError, errorResponse, publicError, RequestError } from "./public-error.js";
import { quietly } from "./quietly.js";
import { checkJsonType, readJsonBody } from "./read-body.js";
import { type Served, type Server, serve } from "./serve.js";

export interface HandlerOptions extends GuardOptions {
  /** The largest body that is read. @default 5_000_000 */
  readonly maxBodyBytes?: number | undefined;
  /** How long a body may take to arrive, in milliseconds. @default 30_000 */
  readonly bodyTimeoutMs?: number | undefined;
  /**
   * How long a client may take to read on before its stream is aborted, in milliseconds.
   *
   * @default 60_000
   */
  readonly drainTimeoutMs?: number | undefined;
  /** What stands before `/models` and `/chat/completions`. @default "/v1" */
  readonly basePath?: string | undefined;
  /**
   * Told of what goes wrong on the server's side, as it was thrown; the client learns only what a stranger may know.
   * What it throws itself is dropped, so that the client is answered all the same.
   *
   * @default none
   */
  readonly onError?: ((error: unknown, context: { readonly requestId: string }) => void) | undefined;
}

type Report = (error: unknown) => void;

/**
 * Serves functions that end in a call, models and sessions as an OpenAI-compatible endpoint: `GET /v1/models`,
 * `GET /v1/models/{name}` and `POST /v1/chat/completions`, whole and as server-sent events.
 *
 * What it gives never rejects: errors become answers in OpenAI's shape.
 *
 * @throws ConfigurationError for what cannot be served, an empty `apiKey`, and options that are out of range.
 */
export function handler(
  calls: Readonly<Record<string, Served>>,
  options: HandlerOptions = {},
): (request: Request) => Promise<Response> {
  const { maxBodyBytes = 5_000_000, bodyTimeoutMs = 30_000, drainTimeoutMs = defaultDrainMs } = own(options);
  const { basePath = "/v1", onError } = own(options);
  checkCounts({ maxBodyBytes });
  checkMilliseconds({ bodyTimeoutMs, drainTimeoutMs });
  if (!/^(\/[^/?#]+)*$/.test(basePath))
    throw new ConfigurationError(`basePath must be a path such as "/v1", not ${JSON.stringify(basePath)}.`);
  const guard = createGuard(options);
  const limits = { maxBytes: maxBodyBytes, timeoutMs: bodyTimeoutMs };
  const servers = new Map(Object.entries(calls).map(([name, served]) => [name, serve(name, served)]));
  if (servers.size === 0)
    throw new ConfigurationError("handler() has nothing to serve. Give it { name: (messages) => … }.");
  // Workers know no time before the first request.
  let created: number | undefined;

  return async (request) => {
    const requestId = `req_${crypto.randomUUID()}`;
    const report: Report = (error) => {
      const isClients = error instanceof RequestError && error.status < 500;
      if (!isClients && !request.signal.aborted) quietly(() => onError?.(error, { requestId }));
    };
    let cors: ReturnType<typeof guard.corsHeaders>;
    let response: Response;
    try {
      guard.checkAddress(request);
      cors = guard.corsHeaders(request);
      response = isPreflight(request) && cors ? preflight(request) : await route(request, report);
    } catch (error) {
      report(error);
      response = errorResponse(publicError(error));
    }
    for (const [name, value] of Object.entries({ "x-request-id": requestId, ...cors }))
      response.headers.set(name, value);
    return response;
  };

  async function route(request: Request, report: Report): Promise<Response> {
    await guard.checkKey(request);
    const { pathname } = new URL(request.url);
    const path = pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : "";
    if (path === "/chat/completions") {
      checkMethod(request, "POST");
      return complete(request, report);
    }
    if (path === "/models") {
      checkMethod(request, "GET");
      return jsonResponse({ object: "list", data: [...servers.keys()].map(modelData) });
    }
    if (path.startsWith("/models/")) {
      checkMethod(request, "GET");
      const name = decodeName(path.slice("/models/".length));
      serverOf(name);
      return jsonResponse(modelData(name));
    }
    throw new RequestError(
      404,
      "not_found",
      `There is nothing here. Ask ${basePath}/chat/completions or ${basePath}/models.`,
    );
  }

  async function complete(request: Request, report: Report): Promise<Response> {
    const asked = decodeChatRequest(await readJsonBody(request, limits));
    const server = serverOf(asked.name);
    // Last, so that what is wrong in itself is named first.
    checkJsonType(request);
    const { controller, unlink } = linkSignals([request.signal]);
    let streams = false;
    try {
      const { signal } = controller;
      const answer = await server(asked, { signal, headers: request.headers });
      if (!(Symbol.asyncIterator in answer)) return jsonResponse({ ...answer, model: asked.name });
      streams = true;
      const events = chunkTexts(answer, asked.name, report, unlink);
      const leave = (reason: unknown) => {
        controller.abort(reason);
        unlink();
      };
      return makeResponse(eventBody(events, leave, drainTimeoutMs), 200, eventHeaders);
    } finally {
      if (!streams) unlink();
    }
  }

  function serverOf(name: string): Server {
    const server = servers.get(name);
    if (server) return server;
    throw new RequestError(
      404,
      "model_not_found",
      `The model ${JSON.stringify(name.slice(0, 100))} does not exist. ${basePath}/models lists those that do.`,
      { param: "model" },
    );
  }

  function modelData(id: string) {
    created ??= seconds();
    return { id, object: "model", created, owned_by: "callwright" };
  }
}

/** Chunks as events. After an error comes no `[DONE]`, so that nobody takes the answer for whole. */
async function* chunkTexts(
  chunks: AsyncIterable<ChatCompletionChunk>,
  model: string,
  report: Report,
  unlink: () => void,
): AsyncGenerator<string, void> {
  try {
    for await (const chunk of chunks) yield formatEvent({ ...chunk, model });
    yield "data: [DONE]\n\n";
  } catch (error) {
    report(error);
    yield formatEvent(encodeError(publicError(error)));
  } finally {
    unlink();
  }
}

function checkMethod({ method }: Request, allowed: string): void {
  if (method !== allowed)
    throw new RequestError(405, "method_not_allowed", `Use ${allowed} here.`, { headers: own({ allow: allowed }) });
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function isPreflight({ method, headers }: Request): boolean {
  return method === "OPTIONS" && headers.has("access-control-request-method");
}

/** Whether the origin is allowed is said by the other headers. */
function preflight({ headers }: Request): Response {
  return makeResponse(null, 204, {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": headers.get("access-control-request-headers") ?? "",
    "access-control-max-age": "600",
  });
}
