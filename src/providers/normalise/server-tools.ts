import type { Part } from "../../content.js";
import { isPlainObject } from "../../json.js";
import type { Message } from "../../message.js";
import { isOpaque } from "./reasoning.js";
import type { Step } from "./rules.js";

/**
 * Leaves out calls of a provider's own tools that have no result, and results without their call: an answer that was cut off
 * holds them, and Anthropic refuses them (https://github.com/anthropics/claude-code/issues/65726). A last message may wait for
 * its results, since the provider goes on from it.
 */
export const fitServerTools: Step = (messages, { rules, warn }) => {
  if (rules.reasoning !== "signed" || !messages.some(holdsOpaque)) return messages;
  const called = new Set<unknown>();
  const answered = new Set<unknown>();
  for (const part of messages.flatMap(opaqueParts)) {
    if (isCall(part)) called.add(dataOf(part).id);
    else answered.add(dataOf(part).tool_use_id);
  }
  const fits = (part: Part, isLast: boolean) => {
    const { id, tool_use_id } = dataOf(part);
    if (isCall(part)) return isLast || answered.has(id);
    return tool_use_id === undefined || called.has(tool_use_id);
  };
  return messages.map((message, at) => {
    const { content } = message;
    if (typeof content === "string" || !holdsOpaque(message)) return message;
    const kept = content.filter((part) => !isOpaque(part) || fits(part, at === messages.length - 1));
    if (kept.length === content.length) return message;
    warn(
      "server_tool_left_out",
      `A call of a tool of ${rules.provider}'s own, or its result, is alone; it was left out.`,
    );
    return { ...message, content: kept };
  });
};

function opaqueParts({ content }: Message): readonly Part[] {
  return typeof content === "string" ? [] : content.filter(isOpaque);
}

function holdsOpaque({ content }: Message): boolean {
  return typeof content !== "string" && content.some(isOpaque);
}

function dataOf(part: Part): Readonly<Record<string, unknown>> {
  return part.type === "reasoning" && isPlainObject(part.data) ? part.data : {};
}

function isCall(part: Part): boolean {
  const { type } = dataOf(part);
  return typeof type === "string" && type.endsWith("tool_use");
}
