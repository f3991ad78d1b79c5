import { isPlainObject } from "../../json.js";
import type { Usage } from "../../model.js";
import { count, objectOf, tokensIn } from "../wire-parts.js";
import type { WireChoice, WireChunk } from "./wire.js";

/**
 * The tokens of a chunk or a whole answer, wherever they stand; undefined if it does not say. Empty objects and zeros say
 * nothing: some servers put them where the real counts come later. https://github.com/jeremychone/rust-genai/pull/242
 *
 * @param reasoningInTotal See `ChatQuirks`.
 */
export function usageIn(chunk: WireChunk, choice: WireChoice | undefined, reasoningInTotal = false): Usage | undefined {
  return (
    usageOf(chunk.usage, reasoningInTotal) ??
    usageOf(chunk.x_groq && objectOf(chunk.x_groq).usage, reasoningInTotal) ??
    usageOf(choice?.usage, reasoningInTotal)
  );
}

function usageOf(usage: unknown, reasoningInTotal: boolean): Usage | undefined {
  if (!isPlainObject(usage)) return undefined;
  // The second name is that of the Responses API and of Anthropic, which some proxies pass on.
  const prompt = tokensIn(usage.prompt_tokens) ?? tokensIn(usage.input_tokens);
  const completion = tokensIn(usage.completion_tokens) ?? tokensIn(usage.output_tokens);
  const total = tokensIn(usage.total_tokens);
  if (!prompt && !completion) return undefined;

  const cache = cacheOf(usage);
  const cached = cache.read + cache.written;
  const said = (prompt ?? 0) + (completion ?? 0);
  // OpenAI counts cached tokens in those of the prompt, some others beside them.
  // https://github.com/Portkey-AI/gateway/pull/1754
  const isBeside = cached > (prompt ?? 0) || (cached > 0 && !reasoningInTotal && total === said + cached);
  const inputTokens = (prompt ?? 0) + (isBeside ? cached : 0);
  const rest = Math.max(0, (total ?? 0) - inputTokens);
  const outputTokens = reasoningInTotal ? Math.max(completion ?? 0, rest) : (completion ?? rest);
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens: cache.read,
    cacheWriteTokens: cache.written,
    reasoningTokens: reasoningOf(usage),
    totalTokens: Math.max(total ?? 0, inputTokens + outputTokens),
  };
}

function cacheOf(usage: Record<string, unknown>): { readonly read: number; readonly written: number } {
  const details = objectOf(usage.prompt_tokens_details ?? usage.input_tokens_details);
  return {
    // DeepSeek told it in a field of its own before it took over OpenAI's; Moonshot's is `cached_tokens`; the last is
    // Anthropic's name, which proxies pass on.
    read: count(
      details.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens ?? usage.cache_read_input_tokens,
    ),
    written: count(details.cache_write_tokens ?? usage.cache_creation_input_tokens),
  };
}

function reasoningOf(usage: Record<string, unknown>): number {
  const details = objectOf(usage.completion_tokens_details ?? usage.output_tokens_details);
  return count(details.reasoning_tokens ?? usage.reasoning_tokens);
}
