import type { Part, ReasoningPart, ToolCallPart, ToolResultPart } from "../../content.js";
import { ConfigurationError } from "../../errors.js";
import { wellFormed } from "../../json.js";
import { type Message, textOf } from "../../message.js";
import type { Preset } from "../presets/preset.js";
import { objectOf } from "../wire-parts.js";
import { encodeChatPart } from "./parts.js";
import { shortId } from "./short-id.js";

type Block = Record<string, unknown>;

/** Messages as Chat Completions spell them. All results of one assistant turn must stand together, so what they show waits until the last of them. */
export function encodeChatMessages(preset: Preset, messages: readonly Message[]): Block[] {
  const encoded: Block[] = [];
  let shown: Block[] = [];
  const show = () => {
    if (shown.length > 0) encoded.push(userOf(preset, shown));
    shown = [];
  };
  for (const message of messages) {
    if (message.role === "tool") encoded.push(...encodeToolResults(preset, message, shown));
    else {
      show();
      encoded.push(encodeMessage(preset, message));
    }
  }
  show();
  return encoded;
}

function encodeMessage(preset: Preset, message: Message): Block {
  if (message.role === "assistant") return encodeAssistant(preset, message);
  if (message.role === "system") return { role: "system", content: wellFormed(textOf(message)) };
  const { content } = message;
  if (typeof content === "string") return { role: "user", content: wellFormed(content) };
  return userOf(
    preset,
    content.flatMap((part) => encodeChatPart(preset, part)),
  );
}

function userOf({ quirks }: Preset, blocks: readonly Block[]): Block {
  return { role: "user", content: quirks.plainContent ? blocks.map(({ text }) => text).join("") : blocks };
}

function encodeAssistant(preset: Preset, message: Message): Block {
  const text = wellFormed(textOf(message));
  const parts = partsOf(message);
  const thoughts = parts.filter(
    (part): part is ReasoningPart => part.type === "reasoning" && part.origin === preset.provider,
  );
  const toolCalls = parts
    .filter((part): part is ToolCallPart => part.type === "tool-call")
    .map(({ id, name, arguments: json }) => ({
      id: toolId(preset, id),
      type: "function",
      function: { name, arguments: json || "{}" },
      ...extraOf(thoughts, id),
    }));
  const reasoning = thoughts.map((thought) => thought.text).join("");
  return {
    role: "assistant",
    content: toolCalls.length > 0 ? text || null : text,
    ...reasoningFields(preset, reasoning, text),
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
  };
}

function reasoningFields({ quirks: { reasoningBack } }: Preset, reasoning: string, text: string): Block {
  // DeepSeek misses the field where it is left out, and takes an empty one.
  if (reasoningBack === "reasoning_content") return { reasoning_content: reasoning };
  if (!reasoning || !reasoningBack) return {};
  if (reasoningBack === "reasoning") return { reasoning };
  const thinking = { type: "thinking", thinking: [{ type: "text", text: reasoning }] };
  return { content: text ? [thinking, { type: "text", text }] : [thinking] };
}

/** What the server said beside a tool call, such as Gemini's thought signature, without which it refuses the call. */
function extraOf(thoughts: readonly ReasoningPart[], id: string): Block {
  const extra = thoughts.map(({ data }) => objectOf(data)).find((data) => data.toolCallId === id);
  return extra ? { extra_content: extra.extra_content } : {};
}

function toolId({ quirks }: Preset, id: string): string {
  return quirks.toolIds === "9-alphanumeric" ? shortId(id) : id;
}

/** One tool message a result. They hold text only; other parts are added to `shown`, which follows as the user's. */
function encodeToolResults(preset: Preset, message: Message, shown: Block[]): Block[] {
  const results = partsOf(message).filter((part): part is ToolResultPart => part.type === "tool-result");
  if (results.length === 0)
    throw new ConfigurationError("A tool message holds no tool result. Answer each tool call with a tool-result part.");
  return results.map(({ id, name, content, isError }) => {
    let text = "";
    for (const part of typeof content === "string" ? [] : content) {
      if (part.type === "text") text += part.text;
      else if (part.type !== "cache-point")
        shown.push({ type: "text", text: `From the result of ${name} (${id}):` }, ...encodeChatPart(preset, part));
    }
    if (typeof content === "string") text = content;
    // The wire has no flag for failure.
    return {
      role: "tool",
      tool_call_id: toolId(preset, id),
      content: wellFormed(isError ? `Error: ${text}` : text),
    };
  });
}

function partsOf(message: Message): readonly Part[] {
  return typeof message.content === "string" ? [] : message.content;
}
