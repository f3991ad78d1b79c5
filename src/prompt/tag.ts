import { parseTag } from "../template/grammar.js";
import { renderTag } from "../template/render.js";
import { Prompt } from "./prompt.js";
import { type PromptValue, readPromptValue } from "./value.js";

/**
 * A prompt as a tagged template, or from messages or a config. Its type is that of the call which it feeds.
 *
 * Lines of the literal text that start with `SYSTEM:`, `USER:`, `ASSISTANT:` or `MESSAGES:` begin a message of that
 * role; without one, all is a user message. Values are put in as they are.
 *
 * @throws TemplateError where a value cannot be rendered.
 */
export function prompt<R = Prompt>(strings: TemplateStringsArray, ...values: unknown[]): R;
export function prompt<R = Prompt>(value?: PromptValue): R;
export function prompt(first?: TemplateStringsArray | PromptValue, ...values: unknown[]): unknown {
  if (isTemplate(first)) return new Prompt(renderTag(parseTag(first), values));
  const { messages, config } = readPromptValue(first);
  return new Prompt(messages, config);
}

function isTemplate(value: unknown): value is TemplateStringsArray {
  return Array.isArray(value) && "raw" in value;
}
