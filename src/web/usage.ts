import type { Usage } from "../model.js";
import type { CallResponse } from "../response.js";

/** Tokens of all steps together; undefined where a step does not know its own. */
export function usageOf({ steps }: CallResponse<unknown>): Usage | undefined {
  return steps
    .map(({ usage }) => usage)
    .reduce(
      (sum, usage) =>
        sum &&
        usage && {
          inputTokens: sum.inputTokens + usage.inputTokens,
          outputTokens: sum.outputTokens + usage.outputTokens,
          cachedInputTokens: sum.cachedInputTokens + usage.cachedInputTokens,
          cacheWriteTokens: sum.cacheWriteTokens + usage.cacheWriteTokens,
          cacheWrite1hTokens: (sum.cacheWrite1hTokens ?? 0) + (usage.cacheWrite1hTokens ?? 0) || undefined,
          reasoningTokens: sum.reasoningTokens + usage.reasoningTokens,
          totalTokens: sum.totalTokens + usage.totalTokens,
        },
    );
}
