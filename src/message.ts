import { isPart, type Part, text } from "./content.js";
import { ConfigurationError } from "./errors.js";

export interface Message {
  readonly role: "system" | "user" | "assistant" | "tool";
  readonly content: string | readonly Part[];
}

declare module "./errors.js" {
  interface CarriedMessage extends Message {}
}

export type Content = string | Part | readonly (string | Part)[];

/** What can be asked: a user's text, one message, or a conversation. */
export type Input = string | Message | readonly Message[];

export function system(content: Content): Message {
  return { role: "system", content: contentOf(content) };
}
export function user(content: Content): Message {
  return { role: "user", content: contentOf(content) };
}
export function assistant(content: Content): Message {
  return { role: "assistant", content: contentOf(content) };
}

function contentOf(content: Content): string | readonly Part[] {
  if (typeof content === "string") return content;
  if (isPart(content)) return [content];
  return content.map((part) => (typeof part === "string" ? text(part) : part));
}

/** Objects of the library that stand for messages (a prompt) or for text (a response) say so by these keys, whichever copy made them. */
export const messagesKey = Symbol.for("callwright.messages");
export const textKey = Symbol.for("callwright.text");

const roles = new Set(["system", "user", "assistant", "tool"]);

export function isMessage(value: unknown): value is Message {
  if (typeof value !== "object" || value === null || !roles.has((value as Message).role)) return false;
  const { content } = value as Message;
  return typeof content === "string" || (Array.isArray(content) && content.every(isPart));
}

/**
 * The messages of an input, in a new list.
 *
 * @throws ConfigurationError that names the place of an element that is no message.
 */
export function messagesOf(input: Input): Message[] {
  if (typeof input === "string") return [user(input)];
  const list: readonly unknown[] = Array.isArray(input) ? input : [input];
  const wrong = list.findIndex((message) => !isMessage(message));
  if (wrong >= 0)
    throw new ConfigurationError(
      `Message ${wrong} is no message. Make messages with system(), user() or assistant(), or as { role, content }.`,
    );
  return [...list] as Message[];
}

/** The text of a message, without its other parts. */
export function textOf(message: Message): string {
  if (typeof message.content === "string") return message.content;
  let all = "";
  for (const part of message.content) if (part.type === "text") all += part.text;
  return all;
}
