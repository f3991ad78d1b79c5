import { isPlainObject } from "../../json.js";

// What is read of the wire; all of it may be missing or null. Source: https://platform.openai.com/docs/api-reference/chat/object
export interface WireMessage {
  readonly content?: unknown;
  readonly refusal?: unknown;
  readonly tool_calls?: unknown;
  /** What `tool_calls` replaced. */
  readonly function_call?: unknown;
  readonly annotations?: unknown;
  // Not OpenAI's: how DeepSeek and xAI show what a model thought, and how Groq, OpenRouter and vLLM do.
  readonly reasoning_content?: unknown;
  readonly reasoning?: unknown;
  /** OpenRouter's: https://openrouter.ai/docs/use-cases/reasoning-tokens */
  readonly reasoning_details?: unknown;
  /** Of proxies in front of searching models; Perplexity and xAI have them in the chunk. */
  readonly citations?: unknown;
}
export interface WireChoice {
  readonly index?: unknown;
  readonly delta?: unknown;
  readonly message?: unknown;
  /** The field of the older Completions API, which some servers keep. */
  readonly text?: unknown;
  readonly finish_reason?: unknown;
  /** Moonshot's, with the finish. https://github.com/earendil-works/pi/issues/2017 */
  readonly usage?: unknown;
  readonly error?: unknown;
}
export interface WireChunk {
  readonly id?: unknown;
  readonly model?: unknown;
  readonly choices?: unknown;
  readonly usage?: unknown;
  /** Groq's, with the usage of a stream. https://console.groq.com/docs/api-reference */
  readonly x_groq?: unknown;
  readonly error?: unknown;
  /** Perplexity's and xAI's: https://docs.perplexity.ai/api-reference/chat-completions-post, https://docs.x.ai/docs/guides/live-search */
  readonly citations?: unknown;
  readonly search_results?: unknown;
}

/** The first choice; asking for several is asking several times. */
export function choiceOf({ choices }: WireChunk): WireChoice | undefined {
  if (!Array.isArray(choices)) return undefined;
  for (const choice of choices) if (isPlainObject(choice) && isFirst(choice.index)) return choice;
  return undefined;
}

function isFirst(index: unknown): boolean {
  return index === 0 || index === undefined || index === null || index === "0";
}

/** Why the answer ended; undefined while it goes on, which some servers spell as `""` or `"null"`. */
export function finishWordOf({ finish_reason: word }: WireChoice): string | undefined {
  return typeof word === "string" && word !== "" && word !== "null" && word !== "None" ? word : undefined;
}
