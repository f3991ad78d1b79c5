import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ConfigurationError } from "../errors.js";
import { own } from "../own.js";
import { unsendable } from "./check-reply.js";
import { type Exchange, openExchange, readBody } from "./exchange.js";
import type { WireReply, WireReplyMaker, WireRequest } from "./reply.js";
import { send } from "./send.js";
import { refusalOf } from "./strict/check.js";
import type { Problem } from "./strict/problem.js";
import { newId } from "./wires/wire.js";

/** A real HTTP server on 127.0.0.1 that speaks OpenAI Chat Completions, OpenAI Responses and Anthropic Messages. */
export interface WireServer extends AsyncDisposable {
  /** Spread into the options of a call, a model, or OpenAI's own client. */
  readonly openai: { readonly baseURL: string; readonly apiKey: string };
  /** Spread into the options of a call, a model, or Anthropic's own client. */
  readonly anthropic: { readonly baseURL: string; readonly apiKey: string };
  /** Spread into the options of a call to `mistral/…`, whose API has rules of its own. */
  readonly mistral: { readonly baseURL: string; readonly apiKey: string };
  /**
   * Scripts the next replies, in order; the last one repeats. A function sees the request. Each call replaces the script
   * before it, and without any the server answers "Hello from the wire server.".
   *
   * @throws ConfigurationError that names the first reply, counted from 1, and the member that is wrong.
   */
  reply(...replies: readonly WireReplyMaker[]): void;
  /** All requests so far, in the order in which they were complete. */
  readonly requests: readonly WireRequest[];
  /** Resolves with request number `count`, counted from 1, when it has arrived, also before it is answered. */
  arrived(count?: number): Promise<WireRequest>;
  /** The most requests that were open at once. */
  readonly peakInFlight: number;
  /** How many TCP connections were accepted so far. */
  readonly connections: number;
  /** How many TCP connections are open now. */
  readonly openConnections: number;
  /** Destroys open connections and resolves when the server is closed. Until then it keeps the process alive. */
  close(): Promise<void>;
}

export interface WireServerOptions {
  /** @default a free one */
  readonly port?: number;
  /**
   * Refuses what the real API would refuse, with its status and its words: a request that is refused is recorded, with the
   * reason in `refused`, and uses up no reply. What depends on a single model (its context window, the options it takes) is
   * not checked. Below `mistral.baseURL` the rules are Mistral's. Requests of Chat Completions for a model that is not
   * OpenAI's by its name may have members that OpenAI does not know, since they are for a compatible server.
   *
   * @default true
   */
  readonly strict?: boolean;
}

/**
 * Starts a server whose answers and faults a test scripts, for the real clients to talk to.
 *
 * @throws Error with the code `EADDRINUSE` when the port is taken.
 */
export async function wireServer(options: WireServerOptions = {}): Promise<WireServer> {
  const { port = 0, strict = true } = own(options);
  const requests: WireRequest[] = [];
  const open = new Set<Exchange>();
  const awaited = new Map<number, ((request: WireRequest) => void)[]>();
  let script: readonly WireReplyMaker[] = [];
  let replied = 0;
  let peakInFlight = 0;
  let connections = 0;
  let openConnections = 0;
  let closed: Promise<void> | undefined;

  const server = createServer(async (incoming, response) => {
    const exchange = openExchange(incoming, response);
    const { request, gone } = exchange;
    open.add(exchange);
    peakInFlight = Math.max(peakInFlight, open.size);
    response.once("close", () => open.delete(exchange));
    try {
      const arrived = await readBody(incoming, request);
      const refusal = strict && exchange.known ? refusalOf(exchange.wire.strictness, arrived) : undefined;
      request.refused = refusal?.message;
      requests.push(request);
      for (const resolve of awaited.get(requests.length) ?? []) resolve(request);
      awaited.delete(requests.length);
      // A client may send its next request when the answer before has come, which is a moment before it has ended here.
      if (!response.socket) await once(response, "socket", { signal: gone });
      await send(exchange, refusal ? refused(exchange, refusal) : await nextReply(exchange));
    } catch (error) {
      if (gone.aborted || response.destroyed) return;
      if (response.headersSent) exchange.hangUp();
      else
        await send(exchange, {
          status: 500,
          text: `The reply failed: ${error}`,
          headers: { "x-should-retry": "false" },
        });
    }
  });
  // Node would close connections that rest for five seconds; tests count how many the client opens.
  server.keepAliveTimeout = 0;
  server.on("connection", (socket) => {
    connections++;
    openConnections++;
    socket.once("close", () => openConnections--);
  });

  async function nextReply({ known, request }: Exchange): Promise<WireReply> {
    if (!known) return { status: 404, text: `Invalid URL (${request.method} ${request.path})` };
    const reply = script[Math.min(replied++, script.length - 1)] ?? {};
    return own(await (typeof reply === "function" ? reply(request) : reply));
  }

  function close(): Promise<void> {
    closed ??= new Promise((resolve) => {
      server.close(() => resolve());
      for (const exchange of open) exchange.hangUp();
      server.closeAllConnections();
    });
    return closed;
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    openai: { baseURL: `${origin}/v1`, apiKey: "sk-wire-server-openai" },
    anthropic: { baseURL: origin, apiKey: "sk-ant-wire-server" },
    mistral: { baseURL: `${origin}/mistral/v1`, apiKey: "wire-server-mistral" },
    reply(...replies) {
      for (const [index, reply] of replies.entries()) checkReply(reply, index + 1);
      script = replies;
      replied = 0;
    },
    requests,
    async arrived(count = 1) {
      return (
        requests[count - 1] ??
        new Promise((resolve) => {
          awaited.set(count, [...(awaited.get(count) ?? []), resolve]);
        })
      );
    },
    get peakInFlight() {
      return peakInFlight;
    },
    get connections() {
      return connections;
    },
    get openConnections() {
      return openConnections;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function checkReply(reply: WireReplyMaker, number: number): void {
  if (typeof reply === "function") return;
  const problem = typeof reply === "object" && reply !== null ? unsendable(reply) : "must be an object or a function.";
  if (problem !== undefined) throw new ConfigurationError(`Reply ${number}: ${problem}`);
}

function refused({ wire }: Exchange, problem: Problem): WireReply {
  const requestId = newId("req_");
  const headers = { [wire.requestIdHeader]: requestId };
  return { status: problem.status ?? 400, json: wire.refusal(problem, requestId), headers };
}
