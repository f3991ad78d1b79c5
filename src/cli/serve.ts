import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Message } from "../message.js";
import { isModel } from "../model.js";
import { templateFact } from "../prompt/base-prompt.js";
import { Session } from "../session/session.js";
import { handler } from "../web/handler.js";
import { toNodeListener } from "../web/node-listener.js";
import type { Served } from "../web/serve.js";
import { CliError } from "./cli-error.js";
import { type Exports, loadModule } from "./load-module.js";
import { callsOf, type NamedCall } from "./named-call.js";
import { aborted, untilSignalled } from "./signals.js";
import type { Terminal } from "./terminal.js";

export interface ServeOptions {
  readonly file: string;
  /** 0 takes a free one. @default 8787 */
  readonly port?: number | undefined;
  /** @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** Asked for as `authorization: Bearer …`; needed where others can reach the port. */
  readonly apiKey?: string | undefined;
  /** Origins whose pages may ask. @default none */
  readonly cors?: readonly string[] | undefined;
  readonly allowOutside?: boolean | undefined;
}

const graceMs = 10_000;

/**
 * Serves what a module exports as an OpenAI-compatible endpoint until it is stopped. What is under way then is finished,
 * within 10 seconds.
 *
 * @throws CliError where there is nothing to serve, the port is taken, or others could ask without a key.
 */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<void> {
  const { file, port = 8787, host = "127.0.0.1", apiKey, cors, allowOutside = false } = options;
  const isOpen = !/^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
  if (isOpen && !apiKey)
    throw new CliError(
      `Others can reach ${host}, so clients need a key. Set CALLWRIGHT_API_KEY to one of your choice.`,
    );
  const served = servedIn((await loadModule(file, allowOutside, terminal)).exports);
  const names = Object.keys(served);
  if (names.length === 0)
    throw new CliError(`${file} exports nothing that can be served: no call, no model and no session.`);
  const handle = handler(served, {
    ...(apiKey && { apiKey }),
    cors,
    onError: (error) => terminal.err(error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
  });

  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, toNodeListener(handle));
  server.maxConnections = 256;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(new CliError(`No server can listen on ${host}:${port} (${error.code}). Choose another --port.`)),
    );
    server.listen(port, host, resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  if (isOpen) terminal.err(`Warning: everybody who reaches ${host}:${taken} and knows the key can ask.`);
  terminal.out(`Serving ${names.join(", ")} at http://${host.includes(":") ? `[${host}]` : host}:${taken}/v1`);
  terminal.out("Stop with Ctrl+C.");

  const { signal, release } = untilSignalled();
  await aborted(signal);
  const cancel = setTimeout(() => server.closeAllConnections(), graceMs);
  // A connection whose last answer has ended rests, and clients keep it for seconds.
  const closeResting = setInterval(() => server.closeIdleConnections(), 50);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  clearTimeout(cancel);
  clearInterval(closeResting);
  release();
}

/** Calls by their names, and models and sessions by those of their exports. */
export function servedIn(module: Exports): Record<string, Served> {
  const calls = callsOf(module).map((call): [string, Served] => [call.name, ofMessages(call)]);
  const others = Object.entries(module).filter(([, value]) => Session.isInstance(value) || isModel(value));
  return Object.fromEntries([...calls, ...(others as [string, Served][])]);
}

/** A call with a template finds the conversation in its variable `messages`, and the last question in `prompt`. */
function ofMessages({ fn, invoke }: NamedCall): Served {
  const takesVariables = templateFact.of(fn) !== undefined;
  return ((messages: Message[], request: unknown) =>
    takesVariables ? invoke({ messages, prompt: lastText(messages) }) : invoke(messages, request)) as Served;
}

function lastText(messages: readonly Message[]): string {
  const content = messages.findLast(({ role }) => role === "user")?.content ?? "";
  if (typeof content === "string") return content;
  return content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
}
