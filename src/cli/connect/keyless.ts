import { readFile } from "node:fs/promises";
import { isTemplate, templateKey } from "./templates.js";

/**
 * Why no model can be asked and the stand-in may answer; undefined where a model is to be asked.
 *
 * Only for an agent as `connect init` wrote it: that is somebody who looks around. One that has been worked on is there to
 * be tried, and without its key that must fail and not pass.
 */
export async function keyless(agentFile: string, env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  if (env[templateKey] || env.OPENAI_BASE_URL) return undefined;
  if (!isTemplate(await readFile(agentFile, "utf8"))) return undefined;
  return `No ${templateKey} is set and the agent is as connect init wrote it, so this runs as with --offline. Set the key to ask the model.`;
}

/** What to do where an error comes from a key that is missing. */
export function hintFor(error: unknown): string | undefined {
  return /[A-Z]_API_KEY/.test(String(error))
    ? "To try it without a key and without a model, add --offline."
    : undefined;
}

/** The exit code of a run that failed nothing, but judged not all of what it should have. */
export const notJudgedCode = 3;

/** Whether a check that was not judged matters: unless told otherwise, in CI, where nobody reads what is printed. */
export function isStrict(strict: boolean | undefined, env: NodeJS.ProcessEnv = process.env): boolean {
  return strict ?? !["", "0", "false"].includes((env.CI ?? "").toLowerCase());
}
