import type { Part } from "../../content.js";
import { ConfigurationError } from "../../errors.js";
import type { Message } from "../../message.js";
import type { Step, WireRules } from "./rules.js";

/** @throws ConfigurationError for a question of nothing but white space, if the wire refuses that. */
export function checkBlankText(messages: readonly Message[], { provider, refusesBlankText }: WireRules): void {
  const last = messages.at(-1);
  if (!refusesBlankText || last?.role !== "user" || !isBlank(last)) return;
  throw new ConfigurationError(
    `messages[${messages.length - 1}] is blank, and ${provider} refuses blank messages. Write a text, or leave the message out.`,
  );
}

function isBlank({ content }: Message): boolean {
  return typeof content === "string" ? isBlankText(content) : content.every(isBlankPart);
}

function isBlankPart(part: Part): boolean {
  return part.type === "cache-point" || (part.type === "text" && isBlankText(part.text));
}

function isBlankText(text: string): boolean {
  return !/\S/.test(text);
}

/**
 * Leaves out answers and system messages that say nothing, everywhere, and all other blank text if the wire refuses it.
 * Mistral takes no answer without content or calls: https://github.com/OpenHands/OpenHands/issues/8685
 */
export const leaveOutBlanks: Step = (messages, pass) => {
  const { rules } = pass;
  const left: Message[] = [];
  for (const message of messages) {
    const fitted = message.role === "tool" ? fitToolMessage(message, rules) : fitMessage(message, rules);
    if (says(fitted, rules)) left.push(fitted);
    else if (message.role === "user")
      pass.warn("blank_message", `${rules.provider} refuses blank messages; a user message was left out.`);
  }
  const last = left.at(-1);
  if (last?.role === "assistant" && rules.refusesBlankText) left[left.length - 1] = trimmed(last);
  return left;
};

function says({ role, content }: Message, { reasoning, refusesBlankText }: WireRules): boolean {
  if (role === "user" && !refusesBlankText) return true;
  if (typeof content === "string") return !isBlankText(content);
  // Where reasoning is a field of the message, the message needs more than that.
  return content.some(({ type }) => type !== "reasoning" || (reasoning !== "text" && role === "assistant"));
}

function fitMessage(message: Message, { refusesBlankText }: WireRules): Message {
  const { role, content } = message;
  if (typeof content === "string" || (content.length > 0 && !content.some(isBlankWords))) return message;
  const rest = content.filter((part) => !isBlankWords(part));
  if (rest.length === 0 && role === "user" && !refusesBlankText) return { role, content: "" };
  return { role, content: rest };
}

function fitToolMessage(message: Message, { refusesBlankText }: WireRules): Message {
  const { role, content } = message;
  if (typeof content === "string" || !refusesBlankText) return message;
  const fitted = content.map((part): Part => {
    if (part.type !== "tool-result" || typeof part.content === "string" || !part.content.some(isBlankWords))
      return part;
    const rest = part.content.filter((each) => !isBlankWords(each));
    return { ...part, content: rest.length > 0 ? rest : "" };
  });
  return { role, content: fitted };
}

function isBlankWords(part: Part): boolean {
  return part.type === "text" && isBlankText(part.text);
}

/** The model goes on from here, and Anthropic refuses to go on from a blank: https://github.com/tailcallhq/forgecode/issues/1872 */
function trimmed(message: Message): Message {
  const { role, content } = message;
  if (typeof content === "string") return { role, content: content.trimEnd() };
  const last = content.findLastIndex(({ type }) => type !== "cache-point");
  return {
    role,
    content: content.map((part, position) =>
      position === last && part.type === "text" ? { ...part, text: part.text.trimEnd() } : part,
    ),
  };
}
