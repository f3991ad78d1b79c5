import type { Part } from "../content.js";
import type { Message } from "../message.js";

/** Where each part belongs that not every message may hold. */
const places = { "tool-call": "assistant", reasoning: "assistant", "tool-result": "tool" } as const;

/**
 * What is wrong with a conversation so that no provider would take it: a part in a role that cannot hold it, the result
 * of a call that nobody made, a call without its result. Undefined where all is well.
 *
 * @param mayEndOpen Whether the calls of the last answer may still wait for their results.
 */
export function toolUseProblem(messages: readonly Message[], mayEndOpen: boolean): string | undefined {
  let open = new Set<string>();
  for (const [position, { role, content }] of messages.entries()) {
    const [waiting] = open;
    if (role !== "tool" && waiting !== undefined) return unanswered(waiting);
    const parts: readonly Part[] = typeof content === "string" ? [] : content;
    const strange = parts.find(({ type }) => type in places && places[type as keyof typeof places] !== role);
    if (strange) return `Message ${position} holds a ${strange.type} part, but its role is ${role}.`;
    if (role === "tool") {
      if (parts.length === 0) return `Message ${position} is a tool's, but holds no result.`;
      for (const part of parts) {
        if (part.type === "cache-point") continue;
        if (part.type !== "tool-result") return `Message ${position} is a tool's, but holds a ${part.type} part.`;
        if (!open.delete(part.id)) return `Message ${position} holds the result of a call that nobody made.`;
      }
    } else open = new Set(parts.flatMap((part) => (part.type === "tool-call" ? [part.id] : [])));
  }
  const [waiting] = open;
  return mayEndOpen || waiting === undefined ? undefined : unanswered(waiting);
}

function unanswered(id: string): string {
  return `The tool call ${JSON.stringify(id.slice(0, 100))} has no result.`;
}
