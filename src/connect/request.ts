import { type Message, system, textOf } from "../message.js";
import { own } from "../own.js";
import { MissingConversationError } from "./errors.js";

/** What a simulator asks an agent: a conversation that ends with something the user said. */
export interface SimRequest {
  /** The conversation so far, oldest first. */
  readonly messages: readonly Message[];
  /** The same for all tests of one conversation. @throws MissingConversationError where the simulator gave none, or "". */
  readonly conversationId: string;
  /** The id of this one turn. It is run once. */
  readonly testId: string;
  /** What the user said last. */
  readonly prompt: string;
  /** The messages in a new list, with a system message before them. */
  toMessages(options?: { readonly system?: string | undefined }): Message[];
}

/** Makes a request of what a simulator knows; backends give these to `connect`. */
export function simRequest(fields: {
  readonly messages: readonly Message[];
  readonly testId: string;
  readonly conversationId?: string | undefined;
}): SimRequest {
  const { messages, testId, conversationId } = fields;
  const last = messages.findLast(({ role }) => role === "user");
  const request = {
    messages,
    testId,
    prompt: last ? textOf(last) : "",
    toMessages: (options: { readonly system?: string | undefined } = {}) => {
      const { system: text } = own(options);
      return text ? [system(text), ...messages] : [...messages];
    },
  };
  // Not enumerable, so that neither a copy nor a log of the request throws.
  return Object.defineProperty(request, "conversationId", {
    get() {
      if (conversationId) return conversationId;
      throw new MissingConversationError(
        `The test ${testId} came without the id of its conversation. Answer from request.messages alone, or let the simulator send the id.`,
        { testId },
      );
    },
  }) as typeof request & { readonly conversationId: string };
}
