import { madeMessage } from "./brand.js";
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
  return madeMessage.put({ role: "system", content: contentOf(content) });
}
export function user(content: Content): Message {
  return madeMessage.put({ role: "user", content: contentOf(content) });
}
export function assistant(content: Content): Message {
  return madeMessage.put({ role: "assistant", content: contentOf(content) });
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

/** Whether the library made `value`; data from outside that has the form of a message was not. */
export function isMadeMessage(value: unknown): value is Message {
  return madeMessage.isOn(value) && isMessage(value);
}

/** Messages with the mark of the library; those that lack it are copied, since they belong to the caller. */
export function asMade(messages: readonly Message[]): readonly Message[] {
  if (messages.every(madeMessage.isOn)) return messages;
  return messages.map((message) => (madeMessage.isOn(message) ? message : madeMessage.put({ ...message })));
}

/** The parts that a message of each role can hold. */
export const partsByRole: Readonly<Record<Message["role"], ReadonlySet<Part["type"]>>> = {
  system: new Set(["text", "cache-point"]),
  user: new Set(["text", "image", "audio", "document", "cache-point"]),
  assistant: new Set(["text", "reasoning", "tool-call", "cache-point"]),
  tool: new Set(["tool-result", "cache-point"]),
};

/** The type of the first part that cannot stand in a message of its role or in the result of a tool. */
export function misplacedPart({ role, content }: Message): string | undefined {
  if (typeof content === "string") return undefined;
  for (const part of content) {
    if (!partsByRole[role].has(part.type)) return part.type;
    if (part.type !== "tool-result") continue;
    const inside = misplacedPart({ role: "user", content: part.content });
    if (inside) return inside;
  }
  return undefined;
}

/** Whether all that a conversation says beside system messages is blank; one of system messages alone can be sent. */
export function isSilent(messages: readonly Message[]): boolean {
  if (messages.some((message) => message.role !== "system" && !isBlank(message))) return false;
  return messages.some(({ role }) => role !== "system") || messages.every(isBlank);
}

/** Whether a message has no text but white space, and no part of another kind. */
function isBlank({ content }: Message): boolean {
  if (typeof content === "string") return !/\S/.test(content);
  return content.every((part) => part.type === "cache-point" || (part.type === "text" && !/\S/.test(part.text)));
}

/**
 * The messages of an input, in a new list.
 *
 * @throws ConfigurationError for a blank text, and for an element that is not a message; it names its place.
 */
export function messagesOf(input: Input): Message[] {
  if (typeof input === "string") {
    if (!/\S/.test(input)) throw new ConfigurationError("There is nothing to send: the text is empty.");
    return [user(input)];
  }
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
