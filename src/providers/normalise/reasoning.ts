import type { Part, ReasoningPart } from "../../content.js";
import { isPlainObject, isWellFormed } from "../../json.js";
import type { Message } from "../../message.js";
import type { Pass, Step, WireRules } from "./rules.js";

/** Leaves out reasoning that the wire does not take back: that of others, and what has no signature or leads to nothing. */
export const fitReasoning: Step = (messages, pass) => {
  if (!messages.some(holdsReasoning)) return messages;
  return messages.map((message) => (holdsReasoning(message) ? fitMessage(message, pass) : message));
};

function holdsReasoning({ role, content }: Message): boolean {
  return role === "assistant" && typeof content !== "string" && content.some(({ type }) => type === "reasoning");
}

function fitMessage(message: Message, pass: Pass): Message {
  const { rules } = pass;
  const parts = message.content as readonly Part[];
  const end = rules.reasoning === "text" ? parts.length : endOfContent(parts);
  const kept = parts.filter((part, position) => {
    if (part.type !== "reasoning") return true;
    // Each provider reads its own only; that is no loss, since it says nothing to others.
    if (part.origin !== rules.provider) return false;
    const fits = (position < end || isOpaque(part)) && takes[rules.reasoning](part);
    if (!fits) warnLeftOut(pass);
    return fits;
  });
  return kept.length === parts.length ? message : { ...message, content: kept };
}

/**
 * The position behind the last part that says something. Reasoning behind it led to nothing, as in an answer that was cut off,
 * and is refused: https://github.com/tailcallhq/forgecode/issues/2107
 */
function endOfContent(parts: readonly Part[]): number {
  return (
    parts.findLastIndex(
      (part) => part.type === "tool-call" || (part.type === "text" && /\S/.test(part.text)) || isOpaque(part),
    ) + 1
  );
}

/** What a provider's own tools left in an answer, which is kept as reasoning and is more than that. */
export function isOpaque(part: Part): boolean {
  return part.type === "reasoning" && isPlainObject(part.data) && !thoughts.has(part.data.type);
}

const thoughts = new Set<unknown>(["thinking", "redacted_thinking", "reasoning", undefined]);

const takes: Readonly<Record<WireRules["reasoning"], (part: ReasoningPart) => boolean>> = {
  text: () => true,
  // Without a signature, a thought is refused; changed by a character, too.
  signed: ({ text, data }) => {
    if (!isPlainObject(data)) return false;
    if (data.type === "redacted_thinking") return isText(data.data);
    return data.type !== "thinking" || (isText(data.signature) && isWellFormed(text));
  },
  encrypted: ({ data }) =>
    isPlainObject(data) && isText(data.type === "reasoning" ? data.encrypted_content : data.type),
};

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function warnLeftOut({ rules, warn }: Pass): void {
  warn(
    "reasoning_left_out",
    `Reasoning that ${rules.provider} does not take back was left out: it has no signature, or the answer ended with it.`,
  );
}
