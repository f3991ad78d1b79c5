import { isPlainObject } from "../../json.js";
import type { Usage } from "../../model.js";
import { count, objectOf, tokensIn } from "../wire-parts.js";

type Wire = Record<string, unknown>;

/**
 * What is known after another event of a stream. The counts are of all so far, so the last one holds; what an event leaves
 * out keeps its value, and so does a count that is 0 behind another, since counts do not shrink.
 */
export function laterUsage(known: Wire | undefined, wire: unknown): Wire | undefined {
  if (!isPlainObject(wire)) return known;
  const told = Object.entries(wire).filter(([name, value]) => value != null && !(value === 0 && known?.[name]));
  return { ...known, ...Object.fromEntries(told) };
}

/**
 * Here `input_tokens` counts neither what was read from the cache nor what was written to it. Undefined if the wire says
 * nothing, which zeros alone do not either.
 */
export function usageOf(wire: unknown): Usage | undefined {
  if (!isPlainObject(wire)) return undefined;
  const cachedInputTokens = count(wire.cache_read_input_tokens);
  const written = writtenOf(wire);
  const inputTokens = count(wire.input_tokens) + cachedInputTokens + written.all;
  const outputTokens = count(wire.output_tokens);
  if (inputTokens + outputTokens === 0) return undefined;
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens,
    cacheWriteTokens: written.all,
    ...(written.hour > 0 && { cacheWrite1hTokens: written.hour }),
    reasoningTokens: count(objectOf(wire.output_tokens_details).thinking_tokens),
    totalTokens: inputTokens + outputTokens,
  };
}

/** Source: https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching#1-hour-cache-duration */
function writtenOf(wire: Wire): { readonly all: number; readonly hour: number } {
  const parts = objectOf(wire.cache_creation);
  const hour = count(parts.ephemeral_1h_input_tokens);
  const all = tokensIn(wire.cache_creation_input_tokens) || hour + count(parts.ephemeral_5m_input_tokens);
  return { all, hour: Math.min(hour, all) };
}
