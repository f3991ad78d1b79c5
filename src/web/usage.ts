import { sumUsage, type Usage } from "../model.js";
import type { CallResponse } from "../response.js";

/** Tokens of all steps together; undefined where a step does not know its own. */
export function usageOf({ steps }: CallResponse<unknown>): Usage | undefined {
  return sumUsage(steps.map(({ usage }) => usage));
}
