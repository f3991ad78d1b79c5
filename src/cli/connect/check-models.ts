import { model as modelOf } from "../../call/language-model.js";
import { CallwrightError } from "../../errors.js";
import type { ModelRef } from "../../model.js";
import { CliError } from "../cli-error.js";
import type { Job } from "./job.js";

/** @throws CliError for a reference that names no model. */
export function checkModels(job: Job): void {
  const { model, user, judge } = { user: undefined, judge: undefined, ...job };
  for (const [option, reference] of Object.entries({ model, user, judge })) {
    if (reference === undefined) continue;
    try {
      modelOf(reference as ModelRef);
    } catch (cause) {
      if (!CallwrightError.isInstance(cause)) throw cause;
      throw new CliError(`--${option}: ${cause.message}`, { cause });
    }
  }
}
