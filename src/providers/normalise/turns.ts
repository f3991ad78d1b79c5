import type { Part } from "../../content.js";
import { text } from "../../content.js";
import { ConfigurationError } from "../../errors.js";
import { assistant, type Message, user } from "../../message.js";
import type { Step } from "./rules.js";

/** Where system messages stand before the first turn only, a later one becomes a marked message of the user. */
export const fitSystemMessages: Step = (messages, { rules, warn }) => {
  const first = messages.findIndex(({ role }) => role !== "system");
  if (rules.systemAnywhere || first < 0 || !messages.some(({ role }, at) => at > first && role === "system"))
    return messages;
  return messages.map((message, at) => {
    if (message.role !== "system" || at < first) return message;
    warn(
      "system_in_conversation",
      `${rules.provider} takes system messages only before the first turn; a later one was sent as a marked user turn.`,
    );
    return { role: "user", content: marked(message.content) };
  });
};

function marked(content: Message["content"]): Message["content"] {
  if (typeof content === "string") return `<system>\n${content}\n</system>`;
  const words = content.map((part) => (part.type === "text" ? part.text : "")).join("");
  const cachePoints: readonly Part[] = content.filter(({ type }) => type === "cache-point");
  return [text(marked(words) as string), ...cachePoints];
}

/** What is said in the place of a turn that the wire needs and nobody said. */
const opening = user("(The assistant begins the conversation.)");
const acknowledgement = assistant("Understood.");

/**
 * Adds the turns that the wire's order needs. Mistral takes no user message right behind tool results:
 * https://github.com/NousResearch/hermes-agent/issues/20154
 *
 * @throws ConfigurationError if nothing is left to answer.
 */
export const orderTurns: Step = (messages, { rules, warn }) => {
  const { provider, userFirst, userAfterResults } = rules;
  const first = messages.findIndex(({ role }) => role !== "system");
  if (messages.length === 0 || (userFirst && first < 0))
    throw new ConfigurationError(`The request holds no message that ${provider} could answer. Add a user message.`);
  const startsWrong = userFirst && messages[first]?.role === "assistant";
  if (!startsWrong && userAfterResults) return messages;
  const ordered: Message[] = [];
  for (const [at, message] of messages.entries()) {
    if (startsWrong && at === first) {
      warn(
        "turn_added",
        `A conversation with ${provider} begins with the user; a user message was added before the answer.`,
      );
      ordered.push(opening);
    } else if (!userAfterResults && message.role === "user" && messages[at - 1]?.role === "tool") {
      warn(
        "turn_added",
        `${provider} takes no user message behind tool results; an assistant message was added between.`,
      );
      ordered.push(acknowledgement);
    }
    ordered.push(message);
  }
  return ordered;
};
