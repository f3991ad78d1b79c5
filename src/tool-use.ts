import type { CachePoint, Part, ToolCallPart, ToolResultPart } from "./content.js";
import { type Message, partsByRole } from "./message.js";

/** A tool call in a conversation, and the result that answers it. */
export interface PairedCall {
  readonly call: ToolCallPart;
  /** The index of the message that makes the call. */
  readonly at: number;
  result?: PlacedResult;
}

/** A result in a conversation. */
export interface PlacedResult {
  readonly result: ToolResultPart;
  readonly at: number;
  readonly position: number;
  /** The cache points that stand right behind it. */
  readonly cachePoints: readonly CachePoint[];
}

export interface ToolUse {
  /** All calls, in order. */
  readonly calls: readonly PairedCall[];
  /** Results that answer no call. */
  readonly strays: readonly PlacedResult[];
}

/**
 * Pairs the calls of a conversation with their results. An id may repeat: in one answer, the results answer its calls in
 * order; in a later answer, the call begins anew.
 */
export function pairToolUse(messages: readonly Message[]): ToolUse {
  const calls: PairedCall[] = [];
  const strays: PlacedResult[] = [];
  const open = new Map<string, PairedCall[]>();
  for (const [at, { content }] of messages.entries()) {
    if (typeof content === "string") continue;
    for (const [position, part] of content.entries()) {
      if (part.type === "tool-call") {
        const paired: PairedCall = { call: part, at };
        calls.push(paired);
        const same = open.get(part.id);
        if (same?.[0]?.at === at) same.push(paired);
        else open.set(part.id, [paired]);
      } else if (part.type === "tool-result") {
        const result = { result: part, at, position, cachePoints: cachePointsBehind(content, position) };
        const answered = open.get(part.id)?.shift();
        if (answered) answered.result = result;
        else strays.push(result);
      }
    }
  }
  return { calls, strays };
}

function cachePointsBehind(parts: readonly Part[], position: number): readonly CachePoint[] {
  const next = parts[position + 1];
  return next?.type === "cache-point" ? [next] : [];
}

/** What is wrong with the first part that stands in a message of the wrong role; undefined if there is none. */
export function placementProblem(messages: readonly Message[]): string | undefined {
  for (let at = 0; at < messages.length; at++) {
    const problem = problemOf(messages[at] as Message, at);
    if (problem) return problem;
  }
  return undefined;
}

function problemOf({ role, content }: Message, at: number): string | undefined {
  const fitting = partsByRole[role];
  let answers = false;
  if (typeof content !== "string") {
    for (let position = 0; position < content.length; position++) {
      const { type } = content[position] as Part;
      if (!fitting.has(type))
        return `messages[${at}].content[${position}] is ${withArticle(type)} part, which cannot stand in a message of the role "${role}". It takes ${[...fitting].join(", ")} parts.`;
      answers ||= type === "tool-result";
    }
  }
  return role === "tool" && !answers
    ? `messages[${at}] is a tool message without a tool result. Answer each tool call with a tool-result part.`
    : undefined;
}

export function describeStray({ result, at, position }: PlacedResult): string {
  return `messages[${at}].content[${position}] is the result of the tool call ${quoted(result.id)}, and no message before it makes that call. Put the answer that made the call before it, or leave the result out.`;
}

export function describeUnanswered({ call, at }: PairedCall): string {
  return `messages[${at}] calls the tool ${quoted(call.name)} (call id ${quoted(call.id)}), and the call has no result. Add a tool message with its result, or leave the call out.`;
}

/** Quoted, and cut if it is long: ids and names are a model's words. */
export function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}

function withArticle(type: string): string {
  return /^[aio]/.test(type) ? `an ${type}` : `a ${type}`;
}
