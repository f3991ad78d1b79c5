import type { FinishReason } from "./model.js";

/** What tells whether an answer is whole. */
export interface Ending {
  /** Undefined if the answer broke off. */
  readonly finishReason: FinishReason | undefined;
  readonly refusal?: string | undefined;
}

/**
 * Why an answer is not whole, as the rest of a sentence that begins with "The answer"; undefined if it is whole. Calls of
 * such an answer are not run, even if their arguments are valid: what the model would have added is not known.
 *
 * "unknown" counts as whole, since some servers never say why the model stopped.
 */
export function whyIncomplete({ finishReason, refusal }: Ending): string | undefined {
  if (refusal !== undefined) return "was refused by the model";
  switch (finishReason) {
    case undefined:
      return "broke off before its end";
    case "length":
      return "was cut off at the token limit";
    case "content-filter":
      return "was stopped by the provider's content filter";
    case "pause":
      return "was paused by the provider and did not go on";
    default:
      return undefined;
  }
}

/** The calls that may be run: none of an answer that is not whole. */
export function usableCalls<C>(answer: Ending & { readonly toolCalls: readonly C[] }): readonly C[] {
  return whyIncomplete(answer) === undefined ? answer.toolCalls : [];
}
