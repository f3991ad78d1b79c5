import { sumUsage, type Usage } from "../model.js";
import { CallResponse } from "../response.js";

const nothing: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  totalTokens: 0,
};

/** What the turns of a session used and cost so far. */
export class Totals {
  usage: Usage = nothing;
  cost: number | undefined = 0;

  /** Counts every answer of a turn. */
  add(response: CallResponse<unknown>): void {
    const known = response.steps.flatMap(({ usage }) => (usage ? [usage] : []));
    this.usage = sumUsage([this.usage, ...known]) as Usage;
    const { cost } = response;
    this.cost = this.cost === undefined || cost === undefined ? undefined : this.cost + cost;
  }

  /** Counts the answers of a turn that failed after them, such as one that ran into `maxSteps`. */
  addFailed(error: unknown): void {
    const { response } = (error ?? {}) as { response?: unknown };
    if (CallResponse.isInstance(response)) this.add(response);
  }
}
