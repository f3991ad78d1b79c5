import { isPart, type Part } from "../content.js";
import { ConfigurationError, TemplateError } from "../errors.js";
import { isPlainObject } from "../json.js";
import { type Input, isMessage, isSilent, type Message, messagesOf, textKey, user } from "../message.js";
import { own } from "../own.js";
import { kindOf } from "../realm.js";
import { type DynamicConfig, type Prompt, promptContents } from "./prompt.js";

/** What a prompt function may return. */
export type PromptValue =
  | string
  | Part
  | Message
  | Prompt
  | readonly (string | Part)[]
  | readonly Message[]
  | DynamicConfig;

/** A prompt value, understood. `messages` is undefined where a template must bring them. */
export interface Reading {
  readonly messages: readonly Message[] | undefined;
  readonly config: DynamicConfig;
}

const configKeys = new Set([
  "messages",
  "computed",
  "tools",
  "toolChoice",
  "params",
  "model",
  "client",
  "signal",
  "timeouts",
  "limits",
  "metadata",
]);

/**
 * Understands what a prompt function returned.
 *
 * @throws ConfigurationError that says what it got instead of a prompt.
 */
export function readPromptValue(value: unknown): Reading {
  if (value === undefined) return { messages: undefined, config: unchanged };
  const contents = promptContents(value);
  if (contents) return contents;
  if (typeof value === "string" || isPart(value)) return reading([user(value)]);
  if (isMessage(value)) return reading([value]);
  if (Array.isArray(value)) return reading(readList(value));
  if (isPlainObject(value)) return readConfig(value);
  if (typeof value === "object" && value !== null && textKey in value) {
    throw new ConfigurationError("A prompt function returned a response, so it makes a call itself. Decorate it once.");
  }
  throw new ConfigurationError(
    `A prompt function returned ${describe(value)}. Return a string, parts, messages, a prompt or a config such as { messages, params }.`,
  );
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : `a ${typeof value}`;
  const kind = kindOf(value);
  return kind === "Object" ? "an object of a class" : `an object (${kind})`;
}

function reading(messages: readonly Message[]): Reading {
  return { messages, config: unchanged };
}

function readList(list: readonly unknown[]): Message[] {
  if (list.length === 0 || list.every(isMessage)) return [...list] as Message[];
  if (list.every((each) => typeof each === "string" || isPart(each))) return [user(list as (string | Part)[])];
  const mixed = list.some(isMessage)
    ? "mixes messages with text or parts"
    : "holds something that is no text, part or message";
  throw new ConfigurationError(
    `The list that a prompt function returned ${mixed}. Return messages only, or strings and parts only.`,
  );
}

const unchanged: DynamicConfig = own({});

function readConfig(config: DynamicConfig): Reading {
  const stranger = Object.keys(config).find((key) => !configKeys.has(key));
  if (stranger !== undefined) {
    throw new ConfigurationError(
      `A prompt function returned an object with the key ${JSON.stringify(stranger.slice(0, 80))}, which no config has. Its keys are ${[...configKeys].join(", ")}.`,
    );
  }
  const { messages, ...others } = own(config);
  const rest = own(others);
  if (messages === undefined) return { messages: undefined, config: rest };
  const prompted = promptContents(messages);
  if (prompted) return { messages: prompted.messages ?? [], config: rest };
  return { messages: messagesOf(messages as Input), config: rest };
}

/** The messages of a reading that no template completes. @throws TemplateError if there are none, or all are blank. */
export function requireMessages({ messages }: Reading): readonly Message[] {
  if (!messages)
    throw new TemplateError(
      "There is nothing to send: the prompt function returned no messages, and there is no template. Return a prompt, or add @promptTemplate(…).",
    );
  if (isSilent(messages))
    throw new TemplateError(
      "There is nothing to send: the prompt rendered to no messages, since all of its sections are empty.",
    );
  return messages;
}
