import { begun, type Provider } from "../streams/wire-chunks.js";
import type { Cell } from "./row.js";

/** A whole answer of text, as each wire spells it. */
export function wholeAnswer(provider: Provider, text: string): Record<string, unknown> {
  if (provider === "openai")
    return {
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1,
      model: "gpt-4o-mini",
      choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
      usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    };
  return {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-haiku-4-5",
    content: [{ type: "text", text }],
    stop_reason: "end_turn",
    usage: { input_tokens: 10, output_tokens: 5 },
  };
}

/** The beginning of what the cell asks for: the chunks of these texts, or JSON that goes as far as into the text. */
export function beginningOf({ provider, streamed }: Cell, texts: readonly string[]): readonly (object | string)[] {
  if (streamed) return begun(provider, texts);
  const json = JSON.stringify(wholeAnswer(provider, texts.join("")));
  return [json.slice(0, json.indexOf(texts.at(-1) as string) + 1)];
}

/** What the wire says of an error of this type, alone or inside a stream. */
export function errorOf(provider: Provider, type: string, message: string): object {
  const error = { type, message };
  return provider === "openai" ? { error } : { type: "error", error };
}

/** Where `chunks` are no stream, this says so. */
export function typeOf({ streamed }: Cell): Readonly<Record<string, string>> {
  return { "content-type": streamed ? "text/event-stream" : "application/json" };
}
