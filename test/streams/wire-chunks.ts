import type { WireReply } from "callwright/testing";

/** The two wires, each by a model that speaks it: a test that runs for both differs in nothing else. */
export const references = ["openai/gpt-4o-mini", "anthropic/claude-haiku-4-5"] as const;
export type Provider = "openai" | "anthropic";
export const providerOf = (reference: string) => reference.split("/")[0] as Provider;

/** Chunks of OpenAI's Chat Completions stream, one method for each kind. */
export const chat = {
  delta: (delta: object, finish_reason: string | null = null, more: object = {}) => ({
    id: "chatcmpl-1",
    object: "chat.completion.chunk",
    created: 1,
    model: "gpt-4o-mini",
    choices: [{ index: 0, delta, finish_reason }],
    ...more,
  }),
  text: (content: string) => chat.delta({ content }),
  tools: (...calls: readonly ToolPiece[]) => chat.delta({ tool_calls: calls.map(spelled) }),
  finish: (reason = "stop", delta: object = {}) => chat.delta(delta, reason),
  usage: (prompt_tokens: number, completion_tokens: number) => ({
    ...chat.delta({}),
    choices: [],
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
  }),
  done: "data: [DONE]\n\n",
};

export interface ToolPiece {
  readonly index?: unknown;
  readonly id?: unknown;
  readonly name?: unknown;
  readonly args?: unknown;
}

/** A tool's piece as Chat Completions spells it; what is not given is left out. */
export function spelled({ index, id, name, args }: ToolPiece): object {
  return JSON.parse(JSON.stringify({ index, id, type: "function", function: { name, arguments: args } }));
}

/** Events of Anthropic's Messages stream, one method for each kind. */
export const messages = {
  start: (usage: object = { input_tokens: 10, output_tokens: 1 }) => ({
    type: "message_start",
    message: { id: "msg_1", type: "message", role: "assistant", model: "claude-haiku-4-5", content: [], usage },
  }),
  block: (index: number, content_block: object) => ({ type: "content_block_start", index, content_block }),
  textBlock: (index: number) => messages.block(index, { type: "text", text: "" }),
  toolBlock: (index: number, id: string, name: string, input: object = {}) =>
    messages.block(index, { type: "tool_use", id, name, input }),
  text: (index: number, text: string) => messages.delta(index, { type: "text_delta", text }),
  json: (index: number, partial_json: string) => messages.delta(index, { type: "input_json_delta", partial_json }),
  delta: (index: number, delta: object) => ({ type: "content_block_delta", index, delta }),
  stop: (index: number) => ({ type: "content_block_stop", index }),
  finish: (stop_reason = "end_turn", usage: object = { output_tokens: 5 }) => ({
    type: "message_delta",
    delta: { stop_reason, stop_sequence: null },
    usage,
  }),
  end: { type: "message_stop" },
  ping: { type: "ping" },
};

/** A whole answer of text, in the chunks of each wire. */
export function spoken(provider: Provider, texts: readonly string[]): readonly (object | string)[] {
  if (provider === "openai")
    return [...texts.map((text) => chat.text(text)), chat.finish(), chat.usage(10, 5), chat.done];
  return [
    messages.start(),
    messages.textBlock(0),
    ...texts.map((text) => messages.text(0, text)),
    messages.stop(0),
    messages.finish(),
    messages.end,
  ];
}

/** The beginning of an answer, which may end or break after it. */
export function begun(provider: Provider, texts: readonly string[]): readonly (object | string)[] {
  return spoken(provider, texts).slice(0, -3);
}

/** The same as server-sent events, with the line ends of the standard's examples. */
export function eventText(chunks: readonly (object | string)[]): string {
  return chunks
    .map((chunk) => {
      if (typeof chunk === "string") return chunk;
      const name = "type" in chunk ? `event: ${chunk.type}\n` : "";
      return `${name}data: ${JSON.stringify(chunk)}\n\n`;
    })
    .join("");
}

/** What a signal that something has been seen looks like: a promise, and the function that resolves it. */
export function signalled(): { readonly seen: Promise<void>; readonly see: () => void } {
  let see = () => {};
  const seen = new Promise<void>((resolve) => {
    see = resolve;
  });
  return { seen, see };
}

/** An answer that begins with these texts and then says nothing more; each request gets it from the start. */
export function stalling(texts: readonly string[]): WireReply {
  return {
    text: {
      async *[Symbol.asyncIterator]() {
        yield* texts;
        await new Promise(() => {});
      },
    },
  };
}
