import { NotCalledError } from "../errors.js";
import { type Input, type Message, messagesKey } from "../message.js";
import type { Limits, Model, ModelRef, Params, Timeouts, ToolChoice } from "../model.js";
import { own } from "../own.js";
import type { ToolLike } from "../tool/function-tool.js";

declare const promptKind: unique symbol;

/** What a prompt function may return instead of messages, for this call only. */
export interface DynamicConfig {
  /** Win over a template. */
  messages?: Input | Prompt | undefined;
  /** Variables for the template; they win over arguments of the same name. */
  computed?: Readonly<Record<string, unknown>> | undefined;
  /** Instead of the call's own tools. */
  tools?: readonly ToolLike[] | undefined;
  toolChoice?: ToolChoice | undefined;
  params?: Params | undefined;
  model?: ModelRef | Model | undefined;
  client?: unknown;
  signal?: AbortSignal | undefined;
  timeouts?: Timeouts | undefined;
  limits?: Limits | undefined;
  metadata?: Readonly<Record<string, unknown>> | undefined;
}

const contentsKey = Symbol.for("callwright.prompt");

/** What a prompt holds: `messages` is undefined if a template must bring them. */
interface PromptContents {
  readonly messages: readonly Message[] | undefined;
  readonly config: DynamicConfig;
}

/** Messages ready to send, with settings for the one call that they are for. */
export class Prompt {
  declare readonly [promptKind]: true;
  readonly #messages: readonly Message[] | undefined;
  readonly #config: DynamicConfig;

  constructor(messages: readonly Message[] | undefined, config: DynamicConfig = {}) {
    this.#messages = messages;
    this.#config = own(config);
  }

  get messages(): readonly Message[] {
    return this.#messages ?? [];
  }

  get [messagesKey](): readonly Message[] {
    return this.messages;
  }

  /** One user message as its text; several with their roles. Other parts are named in brackets. */
  toString(): string {
    return spellMessages(this.messages);
  }

  toJSON(): unknown {
    return { messages: this.messages };
  }

  /** For any copy of the package that gets the prompt. */
  get [contentsKey](): PromptContents {
    return { messages: this.#messages, config: this.#config };
  }
}

/** The contents of a prompt, whichever copy of the package made it; undefined for anything else. */
export function promptContents(value: unknown): PromptContents | undefined {
  return typeof value === "object" && value !== null && contentsKey in value
    ? (value[contentsKey] as PromptContents)
    : undefined;
}

export function spellMessages(messages: readonly Message[]): string {
  const [only] = messages;
  if (messages.length === 1 && only?.role === "user") return spell(only);
  return messages.map((message) => `${message.role.toUpperCase()}: ${spell(message)}`).join("\n");
}

function spell(message: Message): string {
  if (typeof message.content === "string") return message.content;
  return message.content.map((part) => (part.type === "text" ? part.text : `[${part.type}]`)).join("");
}

// A body that was never decorated gives its caller a prompt, typed as the response that the decorator would have made.
const membersOfAnswers = [
  "content",
  "reasoning",
  "refusal",
  "toolCalls",
  "tools",
  "tool",
  "toolErrors",
  "message",
  "finishReason",
  "usage",
  "cost",
  "id",
  "model",
  "provider",
  "requestId",
  "steps",
  "warnings",
  "raw",
  "runTools",
  "resume",
  "response",
  "textStream",
  "abort",
  "output",
  Symbol.asyncIterator,
  Symbol.asyncDispose,
] as const;

for (const member of membersOfAnswers) {
  // Node 20 has no Symbol.asyncDispose in every build.
  if (member === undefined) continue;
  Object.defineProperty(Prompt.prototype, member, {
    configurable: true,
    get() {
      throw new NotCalledError(
        `A prompt has no ${String(member)}: it was never sent. Put @call("provider/model") above the method, or wrap the function with call("provider/model")(fn).`,
      );
    },
  });
}
