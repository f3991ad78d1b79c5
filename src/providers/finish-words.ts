import { OverloadedError, type ProviderError, ServerError } from "../errors.js";
import type { FinishReason } from "../model.js";

/** What the word for the end of an answer means. The last two are failures: what came before them is not an answer. */
export type Ending = FinishReason | "failed" | "overloaded";

/**
 * By kind, since servers and proxies pass on the words of the model's own API; the first pattern that matches counts.
 * The word is compared in lower case and by its letters alone, so `MAX_TOKENS`, `maxTokens` and `max-tokens` are the same.
 *
 * - OpenAI: https://platform.openai.com/docs/api-reference/chat/object
 * - Anthropic: https://docs.anthropic.com/en/api/handling-stop-reasons
 * - Gemini: https://ai.google.dev/api/generate-content#FinishReason
 * - DeepSeek's `insufficient_system_resource`: https://api-docs.deepseek.com/api/create-chat-completion
 * - Zhipu's `sensitive` and `network_error`: https://docs.bigmodel.cn/api-reference
 * - Mistral's `model_length` and `error`: https://docs.mistral.ai/api
 * - Hugging Face's `eos_token`: https://huggingface.co/docs/text-generation-inference
 */
const kinds: readonly (readonly [RegExp, Ending])[] = [
  [/insufficient|overload|capacity/, "overloaded"],
  [/error|fail|abort|cancel|interrupt|timeout|ratelimit|quota|malformed|unexpected|missing|toomany/, "failed"],
  [
    /filter|safe|sensitive|moderat|prohibit|block|recitation|guard|refus|policy|violat|harm|spii|^language$/,
    "content-filter",
  ],
  [/length|limit|max.*token|window|truncat|exceed|incomplete/, "length"],
  [/tool|function/, "tool-calls"],
  [/^pause/, "pause"],
  [/^end|stop|eos|complete|finish|done|success/, "stop"],
];

/** The kind of a finish reason, however it is spelled; "unknown" if it is of no known kind. */
export function endingOf(word: string): Ending {
  const letters = word
    .toLowerCase()
    .replace(/[^a-z]/g, "")
    .replace(/^finishreason/, "");
  return kinds.find(([pattern]) => pattern.test(letters))?.[1] ?? "unknown";
}

/** The error for an answer whose finish reason says that it failed. */
export function failedEnding(provider: string, word: string, ending: "failed" | "overloaded"): ProviderError {
  const shown = JSON.stringify(word.slice(0, 100));
  return new (ending === "failed" ? ServerError : OverloadedError)(
    `${provider} broke off its answer with finish_reason ${shown}.`,
    { provider, type: word.slice(0, 100) },
  );
}
