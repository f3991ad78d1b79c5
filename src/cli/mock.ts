import type { WireReply, WireReplyMaker, WireRequest } from "../testing/reply.js";
import { type WireServer, wireServer } from "../testing/wire-server.js";
import { visibleInLine } from "../visible.js";
import { CliError } from "./cli-error.js";
import { faultOf, readScript } from "./mock-script.js";
import { aborted, untilSignalled } from "./signals.js";
import type { Terminal } from "./terminal.js";

export interface MockOptions {
  /** 0 takes a free one. @default 8788 */
  readonly port?: number | undefined;
  /** A file of replies, in order; the last one repeats. */
  readonly script?: string | undefined;
  /** What every reply says, without a script. */
  readonly text?: string | undefined;
  /** What goes wrong with every reply, without a script. */
  readonly fault?: string | undefined;
  /** Refuses what the real API would refuse. @default true */
  readonly strict?: boolean | undefined;
  /** Prints no requests. @default false */
  readonly quiet?: boolean | undefined;
}

/**
 * Plays a provider on 127.0.0.1 until it is stopped: OpenAI's Chat Completions and Responses, and Anthropic's
 * Messages.
 *
 * @throws CliError where the script cannot be read, or the port is taken.
 */
export async function mock(options: MockOptions, terminal: Terminal): Promise<void> {
  const { port = 8788, strict = true, quiet = false } = options;
  const replies = await repliesFrom(options);
  const server = await wireServer({ port, strict }).catch((cause) => {
    throw new CliError(`No server can listen on port ${port} (${cause.code}). Choose another --port.`, { cause });
  });
  server.reply(...replies.map((reply, index) => told(reply, index, quiet ? undefined : terminal)));
  if (!quiet) void printRefusals(server, terminal);
  const { openai, anthropic } = server;
  terminal.out("Playing OpenAI and Anthropic on 127.0.0.1. In another terminal:");
  // Any key will do; one that looks like a key would be printed as ***.
  terminal.out(`  export OPENAI_BASE_URL=${openai.baseURL} OPENAI_API_KEY=any`);
  terminal.out(`  export ANTHROPIC_BASE_URL=${anthropic.baseURL} ANTHROPIC_API_KEY=any`);
  terminal.out("Stop with Ctrl+C.");
  const { signal, release } = untilSignalled();
  await aborted(signal);
  await server.close();
  release();
}

async function repliesFrom({ script, text, fault }: MockOptions): Promise<readonly WireReply[]> {
  if (script === undefined)
    return [{ ...(fault !== undefined && faultOf(fault, "--fault")), ...(text !== undefined && { text }) }];
  if (text === undefined && fault === undefined) return readScript(script);
  throw new CliError("Give --script alone: its replies say what their text and their fault are.");
}

/** The same reply, with a line for each request. */
function told(reply: WireReply, index: number, terminal: Terminal | undefined): WireReplyMaker {
  if (!terminal) return reply;
  return (request: WireRequest) => {
    terminal.out(`${lineOf(request)}  reply ${index + 1}`);
    return reply;
  };
}

/** Prints a line for each request that is refused, which uses up no reply, until the process ends. */
async function printRefusals(server: WireServer, terminal: Terminal): Promise<void> {
  for (let count = 1; ; count++) {
    const request = await server.arrived(count);
    if (request.refused !== undefined)
      terminal.out(`${lineOf(request)}  refused: ${visibleInLine(request.refused, 1000)}`);
  }
}

/** What a client sends must not end its line, or look like another one. */
function lineOf({ method, path, wire, body }: WireRequest): string {
  const { model, stream } = (body ?? {}) as { model?: unknown; stream?: unknown };
  const name = typeof model === "string" ? model : model === undefined ? "no model" : JSON.stringify(model);
  const parts = [`${method} ${path}`, wire, name, stream === true ? "streamed" : "plain"];
  return parts.map((part) => visibleInLine(part)).join("  ");
}
