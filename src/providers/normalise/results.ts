import { type Part, type TextPart, type ToolResultPart, text } from "../../content.js";
import { ConfigurationError } from "../../errors.js";
import type { Message } from "../../message.js";
import { describeStray, describeUnanswered, type PairedCall, pairToolUse } from "../../tool-use.js";
import type { Pass, Step } from "./rules.js";

/**
 * Puts the results of an answer's calls right behind it, in one message and in the order of the calls.
 *
 * @throws ConfigurationError for a call without its result and a result without its call.
 */
export const placeResults: Step = (messages, pass) => {
  const { calls, strays } = pairToolUse(messages);
  const [stray] = strays;
  if (stray) throw new ConfigurationError(describeStray(stray));
  if (calls.length === 0) return messages;
  const unanswered = calls.find(({ result }) => !result);
  if (unanswered) throw new ConfigurationError(describeUnanswered(unanswered));

  // A loop and no flatMap, here and below, since that costs more than all else for a long history.
  const placed: Message[] = [];
  let next = 0;
  for (const [at, message] of messages.entries()) {
    if (message.role === "tool") continue;
    placed.push(message);
    const content: Part[] = [];
    for (let call = calls[next]; call?.at === at; call = calls[++next]) {
      if (isApart(messages, call)) warnMoved(pass);
      if (call.result) content.push(call.result.result, ...call.result.cachePoints);
    }
    if (content.length > 0) placed.push({ role: "tool", content });
  }
  return placed;
};

/** Whether anything but results stands between a call and its result. */
function isApart(messages: readonly Message[], { at, result }: PairedCall): boolean {
  for (let between = at + 1; between < (result?.at ?? 0); between++)
    if (messages[between]?.role !== "tool") return true;
  return false;
}

function warnMoved({ warn, rules }: Pass): void {
  warn("tool_result_moved", `${rules.provider} takes tool results right behind their calls only; one was moved there.`);
}

/** Where results hold text only, their other parts follow as the user's. */
export const fitResults: Step = (messages, { rules }) => {
  if (rules.partsInResults || !messages.some(holdsParts)) return messages;
  return messages.flatMap((message): Message[] => {
    const { role, content } = message;
    if (!holdsParts(message) || typeof content === "string") return [message];
    const shown: Part[] = [];
    const results = content.map((part) => (part.type === "tool-result" ? textOnly(part, shown) : part));
    const fitted: Message = { role, content: results };
    return shown.length > 0 ? [fitted, { role: "user", content: shown }] : [fitted];
  });
};

function holdsParts({ role, content }: Message): boolean {
  if (role !== "tool" || typeof content === "string") return false;
  return content.some((part) => part.type === "tool-result" && typeof part.content !== "string");
}

/** The result with its text alone; its other parts are added to `shown`. */
function textOnly(result: ToolResultPart, shown: Part[]): ToolResultPart {
  if (typeof result.content === "string") return result;
  const isText = (part: Part): part is TextPart => part.type === "text";
  for (const part of result.content)
    if (!isText(part) && part.type !== "cache-point")
      shown.push(text(`From the result of ${result.name} (${result.id}):`), part);
  const words = result.content.filter(isText).map((part) => part.text);
  return { ...result, content: words.join("") };
}
