import type { Warning } from "../answer.js";
import type { Part, ToolCallPart } from "../content.js";
import type { Message } from "../message.js";
import { describeStray, describeUnanswered, pairToolUse, placementProblem, quoted } from "../tool-use.js";

/** What follows on a turn, with an answer to every call. */
export interface Continuation {
  readonly messages: readonly Message[];
  /** The calls that nobody ran and nobody answered. */
  readonly notRun: readonly ToolCallPart[];
  /** Why a message cannot follow; undefined if all can. */
  readonly problem: string | undefined;
}

const notRunResult = "This call was not run.";

/**
 * Puts `next` behind a turn, so that the conversation can be sent: results stand right behind their calls, and a call that is
 * left without one gets an error result.
 *
 * @param turn The messages before, whose last answer may wait for results.
 */
export function continueTurn(turn: readonly Message[], next: readonly Message[]): Continuation {
  const { calls, strays } = pairToolUse([...turn, ...next]);
  const [stray] = strays;
  // Counted from the turn, an index would name no message that the caller knows.
  const inNext = stray && { ...stray, at: stray.at - turn.length };
  const problem = placementProblem(next) ?? (inNext && describeStray(inNext));
  const late = new Set<number>();
  const open = new Map<number, ToolCallPart[]>();
  for (const { call, at, result } of calls) {
    const caller = Math.max(at - turn.length, -1);
    if (!result) open.set(caller, [...(open.get(caller) ?? []), call]);
    else if (caller < 0 && result.at >= turn.length) late.add(result.at - turn.length);
  }
  const messages = [
    ...next.filter((_, at) => late.has(at)),
    ...answers(open.get(-1)),
    ...next.flatMap((message, at) => (late.has(at) ? [] : [message, ...answers(open.get(at))])),
  ];
  return { messages, notRun: [...open.values()].flat(), problem };
}

function answers(calls: readonly ToolCallPart[] | undefined): Message[] {
  if (!calls) return [];
  const content = calls.map(
    ({ id, name }): Part => ({ type: "tool-result", id, name, content: notRunResult, isError: true }),
  );
  return [{ role: "tool", content }];
}

/**
 * Puts single messages behind a turn, each as if nothing followed: one that is not a result leaves the calls before it
 * without one, and a result that answers no call is left out.
 */
export function placeAdded(turn: readonly Message[], added: readonly Message[]): Placed {
  const placed: Message[] = [];
  const notRun: ToolCallPart[] = [];
  const problems: string[] = [];
  let last = [...turn];
  for (const message of added) {
    const { problem } = continueTurn(last, [message]);
    if (problem) {
      problems.push(problem);
      continue;
    }
    const before = message.role === "tool" ? { messages: [], notRun: [] } : continueTurn(last, []);
    const next = [...before.messages, message];
    placed.push(...next);
    notRun.push(...before.notRun);
    if (message.role === "user") last = [];
    last.push(...next);
  }
  return { messages: placed, notRun, problems };
}

export interface Placed {
  readonly messages: readonly Message[];
  readonly notRun: readonly ToolCallPart[];
  /** Why messages were left out. */
  readonly problems: readonly string[];
}

export function warningOf({ id, name }: ToolCallPart): Warning {
  const message = `The tool call ${quoted(name)} (call id ${quoted(id)}) had no result; it was sent with the error result ${quoted(notRunResult)}`;
  return { code: "tool_not_run", message };
}

/** What is wrong with a saved conversation so that no provider would take it; calls may be open at its end. */
export function savedProblem(messages: readonly Message[]): string | undefined {
  const misplaced = placementProblem(messages);
  if (misplaced) return misplaced;
  const { calls, strays } = pairToolUse(messages);
  const [stray] = strays;
  if (stray) return describeStray(stray);
  const end = messages.findLastIndex(({ role }) => role !== "tool");
  const unanswered = calls.find(({ at, result }) => !result && at < end);
  return unanswered && describeUnanswered(unanswered);
}
