import { isPlainObject } from "../../json.js";
import type { Emit } from "../exchange.js";
import type { ToolSlots } from "../tool-slots.js";
import { objectOf } from "../wire-parts.js";
import type { Reasoning } from "./reasoning.js";
import type { WireMessage } from "./wire.js";

/** Where the parts of a message go. */
export interface MessageReader {
  readonly emit: Emit;
  readonly slots: ToolSlots;
  readonly reasoning: Reasoning;
  /** Whether the message is whole, so that each of its tool calls is a call. */
  readonly whole: boolean;
}

/** Emits what a message or a delta of it says, and returns whether it says anything. */
export function readMessage(message: WireMessage, reader: MessageReader): boolean {
  const { emit, reasoning } = reader;
  let said = reasoning.read(message);
  const { content, refusal } = message;
  if (content) {
    reasoning.flush();
    said = readContent(content, emit) || said;
  }
  if (refusal) said = emitText("refusal-delta", refusal, emit) || said;
  if (message.tool_calls || message.function_call) said = readCalls(message, reader) || said;
  return said;
}

function readCalls({ tool_calls: calls, function_call: legacy }: WireMessage, reader: MessageReader): boolean {
  reader.reasoning.flush();
  let said = false;
  if (Array.isArray(calls))
    for (const [position, call] of calls.entries())
      if (isPlainObject(call))
        said = readCall(call, call.function, reader.whole ? position : call.index, reader) || said;
  // The form before tools, which has one call without an id. https://platform.openai.com/docs/api-reference/chat/object
  if (isPlainObject(legacy) && !(Array.isArray(calls) && calls.length > 0))
    said = readCall({}, legacy, 0, reader) || said;
  return said;
}

function readCall(
  { id, extra_content: extra }: Record<string, unknown>,
  called: unknown,
  index: unknown,
  { slots }: MessageReader,
): boolean {
  const { name, arguments: args } = objectOf(called);
  return slots.add({ index, id, name, arguments: args, extra });
}

function readContent(content: unknown, emit: Emit): boolean {
  if (!Array.isArray(content)) return readBlock(content, emit);
  let said = false;
  for (const block of content) said = readBlock(block, emit) || said;
  return said;
}

/** A text, or a part of a list of content; Mistral's models that think answer in such: https://docs.mistral.ai/capabilities/reasoning */
function readBlock(block: unknown, emit: Emit): boolean {
  if (typeof block === "string") return emitText("text-delta", block, emit);
  const { type, text, thinking, refusal } = objectOf(block);
  if (type === "thinking" || type === "reasoning")
    return emitText("reasoning-delta", textOfThoughts(thinking ?? text), emit);
  if (type === "refusal") return emitText("refusal-delta", refusal, emit);
  return (type === "text" || type === "output_text" || type === undefined) && emitText("text-delta", text, emit);
}

function emitText(type: "text-delta" | "reasoning-delta" | "refusal-delta", text: unknown, emit: Emit): boolean {
  if (typeof text !== "string" || text === "") return false;
  emit({ type, text });
  return true;
}

function textOfThoughts(thoughts: unknown): unknown {
  if (!Array.isArray(thoughts)) return thoughts;
  return thoughts
    .map((thought) => (typeof thought === "string" ? thought : objectOf(thought).text))
    .filter((text) => typeof text === "string")
    .join("");
}
