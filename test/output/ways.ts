import {
  type CallDecorator,
  type CallOptions,
  call,
  type OutputMode,
  type OutputStream,
  type Schema,
} from "callwright";
import type { WireReply, WireRequest, WireServer } from "callwright/testing";

const references = { openai: "openai/gpt-4o-mini", anthropic: "anthropic/claude-haiku-4-5" } as const;

/** One wire, and one way to ask it for a value. */
export interface Way {
  readonly provider: keyof typeof references;
  readonly mode: OutputMode;
}

/** Both wires in all three modes, for tests of what must not depend on them. */
export const ways = (["openai", "anthropic"] as const).flatMap((provider) =>
  (["native", "tool", "text"] as const).map((mode): [title: string, way: Way] => [
    `${provider}, ${mode}`,
    { provider, mode },
  ]),
);

/** The options of a call that asks this server in this way. */
export function optionsOf(server: WireServer, { provider, mode }: Way) {
  return { ...server[provider], outputMode: mode };
}

/** One question, and the value of its answer. */
export function ask<V>(server: WireServer, way: Way, responseModel: Schema<V>, options: CallOptions = {}): Promise<V> {
  // Of options that are put together, the compiler does not know what they make.
  const all = { ...options, ...optionsOf(server, way), responseModel } as object;
  const decorate = call(references[way.provider], all) as CallDecorator<any>;
  return decorate(() => "Which book?")();
}

/** The same as a stream. */
export function askStreamed<V>(
  server: WireServer,
  way: Way,
  responseModel: Schema<V>,
  options: CallOptions = {},
): Promise<OutputStream<V>> {
  return ask(server, way, responseModel as Schema, { ...options, stream: true }) as Promise<OutputStream<V>>;
}

/** An answer that gives this JSON, as models do in the mode at hand; a string is sent as it stands, a list in pieces. */
export function gives({ mode }: Way, value: unknown): WireReply {
  const text = typeof value === "string" || isPieces(value) ? value : JSON.stringify(value);
  if (mode !== "tool") return { text };
  return { toolCalls: [{ name: "answer", args: typeof text === "string" ? text : text.join("") }] };
}

function isPieces(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((piece) => typeof piece === "string");
}

/** What a request says of the value that it wants, in one form for both wires. */
export function wanted({ wire, body }: WireRequest) {
  const openai = wire === "openai";
  const native = openai ? body.response_format?.json_schema?.schema : body.output_config?.format?.schema;
  const tools = (body.tools ?? []).map((tool: any) => (openai ? tool.function : tool));
  const choice = body.tool_choice?.function ?? body.tool_choice;
  return {
    native,
    tools: tools.map(({ name }: any) => name),
    answer: tools.find(({ name }: any) => name === "answer"),
    forced: choice?.name ?? choice?.type ?? choice,
    last: textOf(body.messages.at(-1)),
  };
}

function textOf({ content }: any): string {
  return typeof content === "string" ? content : content.map((part: any) => part.text ?? part.content).join("");
}
