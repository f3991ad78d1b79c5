import { ConfigurationError } from "../../errors.js";
import type { Message } from "../../message.js";
import { placementProblem } from "../../tool-use.js";
import type { Emit } from "../exchange.js";
import { checkBlankText, leaveOutBlanks } from "./blanks.js";
import { leaveOutCachePoints, placeCachePoints } from "./cache-points.js";
import { fitCalls } from "./calls.js";
import { fitReasoning } from "./reasoning.js";
import { fitResults, placeResults } from "./results.js";
import type { Pass, Step, WireRules } from "./rules.js";
import { fitServerTools } from "./server-tools.js";
import { fitSystemMessages, orderTurns } from "./turns.js";

/** Each step relies on what the steps before it have made. */
const steps: readonly Step[] = [
  leaveOutCachePoints,
  placeResults,
  fitCalls,
  fitResults,
  fitServerTools,
  fitReasoning,
  fitSystemMessages,
  leaveOutBlanks,
  placeCachePoints,
  orderTurns,
];

/**
 * The messages of a request as a wire takes them. The caller's messages are not changed; what is left out or added is
 * warned of.
 *
 * @throws ConfigurationError that names the message and the part that no change could make fit.
 */
export function normalise(messages: readonly Message[], rules: WireRules, emit: Emit): readonly Message[] {
  if (isPlainTalk(messages, rules)) return messages;
  const problem = placementProblem(messages);
  if (problem) throw new ConfigurationError(problem);
  checkBlankText(messages, rules);
  const warned = new Set<string>();
  const pass: Pass = {
    rules,
    warn(code, message) {
      // A conversation may hold the same a hundred times.
      if (!warned.has(message)) emit({ type: "warning", code, message });
      warned.add(message);
    },
  };
  return steps.reduce((fitted, step) => step(fitted, pass), messages);
}

/** Whether the messages are text alone, in an order that every wire takes; most requests are. */
function isPlainTalk(messages: readonly Message[], { userFirst }: WireRules): boolean {
  let begun = false;
  for (const { role, content } of messages) {
    if (typeof content !== "string" || role === "tool" || !/\S/.test(content)) return false;
    if (role === "system" ? begun : !begun && role === "assistant" && userFirst) return false;
    begun ||= role !== "system";
  }
  // A last message of the assistant is where the model goes on, which each wire takes in its own way.
  return begun && messages.at(-1)?.role !== "assistant";
}
