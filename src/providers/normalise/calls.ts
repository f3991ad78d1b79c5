import { type Part, type ToolCallPart, type ToolResultPart, text } from "../../content.js";
import { isPlainObject } from "../../json.js";
import type { Message } from "../../message.js";
import { argumentsOf } from "./arguments.js";
import { callIds } from "./call-ids.js";
import type { Step, WireRules } from "./rules.js";

/** Gives calls the ids, names and arguments that the wire takes, and results the ids of their calls. */
export const fitCalls: Step = (messages, { rules }) => {
  if (!messages.some(({ role }) => role === "tool")) return messages;
  const idFor = callIds(rules.callIds);
  const fitted: Message[] = [];
  for (const [at, message] of messages.entries()) {
    const results = messages[at + 1];
    // The results of an answer's calls are right behind it, in the same order.
    if (message.role === "assistant" && results?.role === "tool")
      fitted.push(...fitTurn(message, results, idFor, rules));
    else if (message.role !== "tool") fitted.push(message);
  }
  return fitted;
};

function fitTurn(answer: Message, results: Message, idFor: (id: string) => string, rules: WireRules): Message[] {
  const calls = partsOf(answer).filter((part) => part.type === "tool-call");
  const fitted = calls.map((call) => fitCall(call, idFor(call.id), rules));
  if (fitted.every((call, index) => call === calls[index])) return [answer, results];

  const idsBefore = calls.map(({ id }) => id);
  const idNow = (id: unknown) => fitted[idsBefore.indexOf(String(id))]?.id;
  let call = 0;
  const parts = partsOf(answer).map((part): Part => {
    if (part.type === "tool-call") return fitted[call++] ?? part;
    if (part.type !== "reasoning" || !isPlainObject(part.data) || part.data.toolCallId === undefined) return part;
    return { ...part, data: { ...part.data, toolCallId: idNow(part.data.toolCallId) } };
  });
  let result = 0;
  const answers = partsOf(results).map((part): Part => {
    if (part.type !== "tool-result") return part;
    const index = result++;
    return fitResult(part, calls[index], fitted[index]);
  });
  return [
    { role: "assistant", content: parts },
    { role: "tool", content: answers },
  ];
}

function partsOf({ content }: Message): readonly Part[] {
  return typeof content === "string" ? [] : content;
}

function fitCall(call: ToolCallPart, id: string, { longestToolName }: WireRules): ToolCallPart {
  const name = fitName(call.name, longestToolName);
  const { json, broken } = argumentsOf(call);
  if (id === call.id && name === call.name && json === call.arguments && !broken) return call;
  return { type: "tool-call", id, name, arguments: json };
}

/** Models call tools that nobody offered, by names that no provider takes back. */
function fitName(name: string, longest: number): string {
  const fitted = name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, longest);
  return fitted || "unnamed";
}

/** What the model wrote as arguments, and no wire takes, stands in the result instead. */
function fitResult(
  result: ToolResultPart,
  call: ToolCallPart | undefined,
  fitted: ToolCallPart | undefined,
): ToolResultPart {
  if (!call || !fitted) return result;
  const answer = { ...result, id: fitted.id };
  if (!argumentsOf(call).broken || tells(result, call.arguments)) return answer;
  const told = `The arguments of this call are not a JSON object: ${call.arguments}`;
  const { content } = result;
  return typeof content === "string"
    ? { ...answer, content: content ? `${content}\n\n${told}` : told }
    : { ...answer, content: [...content, text(told)] };
}

function tells({ content }: ToolResultPart, written: string): boolean {
  return typeof content === "string"
    ? content.includes(written)
    : content.some((part) => part.type === "text" && part.text.includes(written));
}
