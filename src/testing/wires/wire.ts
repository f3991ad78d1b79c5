import { randomUUID } from "node:crypto";
import type { WireName, WireReply, WireUsage } from "../reply.js";
import type { Strictness } from "../strict/check.js";
import type { Problem } from "../strict/problem.js";

/** How one API writes answers. */
export interface Wire {
  readonly name: WireName;
  /** The header in which its answers carry their id. */
  readonly requestIdHeader: "x-request-id" | "request-id";
  /** The body of a whole answer. */
  plain(answer: Answer, text: string | undefined, request: RequestBody): object;
  /** The server-sent events of an answer. */
  stream(answer: Answer, request: RequestBody): AsyncIterable<string>;
  /** One payload as a server-sent event. */
  event(payload: object): string;
  /** Whether an event brings a piece of the text or of a tool's arguments. */
  isDelta(event: string): boolean;
  /** The body of an error. */
  error(status: number, message: string | undefined, requestId: string): object;
  /** What the API refuses. */
  readonly strictness: Strictness;
  /** The body of the answer to a request that is refused. */
  refusal(problem: Problem, requestId: string): object;
  /** The payload that reports an overload in mid-stream. */
  overload(requestId: string): object;
}

/** What of a request's body shapes the answer. */
export interface RequestBody {
  readonly model?: unknown;
  readonly stream?: unknown;
  readonly stream_options?: { readonly include_usage?: unknown } | null;
}

/** What the model says, before a wire encodes it. */
export interface Answer {
  readonly text: readonly string[] | AsyncIterable<string> | undefined;
  readonly toolCalls: readonly { readonly id: string | undefined; readonly name: string; readonly arguments: string }[];
  readonly usage: Required<WireUsage> | undefined;
  readonly finishReason: NonNullable<WireReply["finishReason"]>;
}

/** Fills in what a reply leaves out. */
export function answerOf(reply: WireReply): Answer {
  const { toolCalls = [], usage = { input: 10, output: 5 } } = reply;
  const { text = toolCalls.length > 0 ? undefined : "Hello from the wire server." } = reply;
  return {
    text: typeof text !== "string" ? text : reply.tcp ? wordsOf(text) : [text],
    toolCalls: toolCalls.map(({ id, name, args = {} }) => ({ id, name, arguments: jsonOf(args) })),
    usage: usage === null ? undefined : { cachedInput: 0, cacheWrite: 0, reasoning: 0, ...usage },
    finishReason: reply.finishReason ?? (toolCalls.length > 0 ? "tool-calls" : "stop"),
  };
}

export async function wholeText(text: Answer["text"]): Promise<string | undefined> {
  if (text === undefined) return undefined;
  let whole = "";
  for await (const piece of text) whole += piece;
  return whole;
}

/** Encodes an event once and then only changes its text: streams of many thousand chunks should cost the server little. */
export function textEvents(encode: (text: string) => string): (text: string) => string {
  const placeholder = randomUUID();
  const [before, after] = encode(placeholder).split(JSON.stringify(placeholder));
  return (text) => before + JSON.stringify(text) + after;
}

/** The model that was asked for, as it is in the answer. A client may send anything in its place. */
export function nameOfModel({ model }: RequestBody): string {
  return typeof model === "string" ? model : String(JSON.stringify(model));
}

/** Arguments as models stream them: a few characters at a time, never half a character. */
export function fragmentsOf(text: string): readonly string[] {
  return text.match(/[\s\S]{1,8}/gu) ?? [];
}

function wordsOf(text: string): readonly string[] {
  return text.split(/(?<=\s)(?=\S)/);
}

/** A new id in a provider's style, such as `chatcmpl-` and 32 more characters. */
export function newId(prefix: string): string {
  return prefix + randomUUID().replaceAll("-", "");
}

function jsonOf(args: unknown): string {
  return typeof args === "string" ? args : JSON.stringify(args);
}
