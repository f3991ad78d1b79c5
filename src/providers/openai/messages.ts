import type { Part, ReasoningPart, ToolCallPart, ToolResultPart } from "../../content.js";
import { type Message, textOf } from "../../message.js";
import { argumentsOf } from "../normalise/arguments.js";
import type { Preset } from "../presets/preset.js";
import { objectOf } from "../wire-parts.js";
import { encodeChatPart } from "./parts.js";

type Block = Record<string, unknown>;

/** Messages as Chat Completions spell them. */
export function encodeChatMessages(preset: Preset, model: string, messages: readonly Message[]): Block[] {
  const encoded: Block[] = [];
  const last = messages.length - 1;
  for (const [at, message] of messages.entries()) {
    if (message.role === "system") encoded.push({ role: "system", content: textOf(message) });
    else if (message.role === "user") encoded.push({ role: "user", content: encodeContent(preset, message.content) });
    else if (message.role === "tool") encoded.push(...encodeToolResults(message));
    else encoded.push(encodeAnswer(preset, model, message, at === last));
  }
  return encoded;
}

function encodeContent(preset: Preset, content: Message["content"]): string | Block[] {
  if (typeof content === "string") return content;
  const blocks = content.map((part) => encodeChatPart(preset, part));
  return preset.quirks.plainContent ? blocks.map(({ text }) => text).join("") : blocks;
}

function encodeAnswer(preset: Preset, model: string, message: Message, isLast: boolean): Block {
  const text = textOf(message);
  const parts = partsOf(message);
  const thoughts = parts.filter((part) => part.type === "reasoning");
  const calls = parts.filter((part) => part.type === "tool-call");
  const reasoning = thoughts.map((thought) => thought.text).join("");
  return {
    role: "assistant",
    content: calls.length > 0 ? text || null : text,
    ...reasoningFields(preset, reasoning, text),
    ...detailsOf(thoughts),
    ...(calls.length > 0 && { tool_calls: encodeCalls(preset, model, calls, thoughts) }),
    ...(isLast && calls.length === 0 && preset.quirks.prefill === "prefix" && { prefix: true }),
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

/** OpenRouter's list of all that the model thought, signatures included, as it came. */
function detailsOf(thoughts: readonly ReasoningPart[]): Block {
  const details = thoughts.flatMap(({ data }) => {
    const { reasoning_details } = objectOf(data);
    return Array.isArray(reasoning_details) ? reasoning_details : [];
  });
  return details.length > 0 ? { reasoning_details: details } : {};
}

function encodeCalls(
  preset: Preset,
  model: string,
  calls: readonly ToolCallPart[],
  thoughts: readonly ReasoningPart[],
): Block[] {
  const extras: unknown[] = calls.map(({ id }) => extraOf(thoughts, id));
  const { foreignCalls } = preset;
  if (foreignCalls?.models.test(model) && !extras.some((extra) => extra !== undefined)) extras[0] = foreignCalls.extra;
  return calls.map((call, index) => ({
    id: call.id,
    type: "function",
    function: { name: call.name, arguments: argumentsOf(call).json },
    ...(extras[index] !== undefined && { extra_content: extras[index] }),
  }));
}

/** What the server said beside a tool call, such as Gemini's thought signature, without which it refuses the call. */
function extraOf(thoughts: readonly ReasoningPart[], id: string): unknown {
  return thoughts.map(({ data }) => objectOf(data)).find((data) => data.toolCallId === id)?.extra_content;
}

function encodeToolResults(message: Message): Block[] {
  const results = partsOf(message).filter((part): part is ToolResultPart => part.type === "tool-result");
  return results.map(({ id, content, isError }) => {
    const text = textOf({ role: "tool", content });
    // The wire has no flag for failure.
    return { role: "tool", tool_call_id: id, content: isError ? `Error: ${text}` : text };
  });
}

function partsOf(message: Message): readonly Part[] {
  return typeof message.content === "string" ? [] : message.content;
}
