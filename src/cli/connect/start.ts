import { keyVariable, urlVariable } from "../../connect/snowglobe-wire.js";
import { CallwrightError, ConfigurationError } from "../../errors.js";
import { checkCounts } from "../../numbers.js";
import { line, own } from "../line.js";
import { guarded, type Output, type Printer } from "../output.js";
import { stopCode } from "../signals.js";
import { agentFile } from "./agent-file.js";
import { runAgent } from "./agent-process.js";
import type { StartJob } from "./job.js";
import { isStrict, keyless, notJudgedCode } from "./keyless.js";
import { readKey } from "./project.js";

export interface StartOptions {
  /** The project. */
  readonly cwd: string;
  /** The name of an agent of the project, or the path of its module. @default the project's only one */
  readonly agent?: string | undefined;
  /** A YAML, JSON or JSONL file of scenarios. @default none: tests come from Snowglobe */
  readonly scenarios?: string | undefined;
  /** @default 10 */
  readonly concurrency?: number | undefined;
  /** Answers in place of the agent's own model, such as "openai/gpt-4o". */
  readonly model?: string | undefined;
  /** Asks no model at all. @default false */
  readonly offline?: boolean | undefined;
  /** Plays users that are not scripted. @default "openai/gpt-4o-mini" */
  readonly user?: string | undefined;
  /** Decides the checks that are a criterion in words. @default "openai/gpt-4o-mini" */
  readonly judge?: string | undefined;
  /**
   * Whether a check that nobody judged, or a run that asked no model without being told so, gives the exit code 3.
   *
   * @default whether the environment variable CI is set, other than to 0 or false
   */
  readonly strict?: boolean | undefined;
  /** Where the transcript and the report go. @default .callwright/runs/ and the time */
  readonly folder?: string | undefined;
  /** Milliseconds for one answer. @default 120_000 */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds to load the agent's module. @default 30_000 */
  readonly loadMs?: number | undefined;
  /** The application of Snowglobe. @default that of the agent in .callwright/agents.json */
  readonly appId?: string | undefined;
  readonly allowOutside?: boolean | undefined;
  /** Ends it gently; see `untilSignalled`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Lets simulated users talk to an agent.
 *
 * @returns The exit code: 1 if a check fails or the agent gives no answer, 2 if an option or a file is wrong, 3 if checks
 * were not judged and that matters, 130 or 143 if the signal aborted.
 */
export async function start(options: StartOptions, output: Output): Promise<number> {
  const guard = guarded(output);
  try {
    const { cwd, agent, allowOutside, loadMs = 30_000, signal, appId, ...rest } = options;
    checkCounts({ concurrency: options.concurrency, timeoutMs: options.timeoutMs, loadMs });
    const strict = isStrict(options.strict);
    const file = await agentFile(cwd, agent, allowOutside);
    for (const warning of file.warnings) guard.err(warning);
    const job: StartJob = { ...rest, kind: "start", cwd, path: file.path, strict };
    const snowglobe = options.scenarios === undefined ? await accessOf(cwd, appId ?? file.appId, guard) : undefined;
    guard.out(line`Agent: ${file.path}`);
    // Others wait for the answers of Snowglobe's tests, so those are never echoes unasked.
    const asks = options.offline || snowglobe || options.model || options.user || options.judge;
    const why = asks ? undefined : await keyless(file.path);
    if (why) guard.err(own(why));
    const offline = options.offline || why !== undefined;
    const printer = snowglobe ? guarded(output, process.env, [snowglobe.apiKey]) : guard;
    const code = await runAgent(file, { ...job, offline, snowglobe }, printer, { loadMs, signal });
    if (signal?.aborted && code !== 2) return stopCode(signal.reason);
    return code === 0 && why && strict ? notAsked(guard) : code;
  } catch (error) {
    if (!CallwrightError.isInstance(error)) throw error;
    guard.err(error.message);
    return 2;
  }
}

/** @returns The exit code of a run that asked no model without being told so. */
export function notAsked({ err }: Printer): number {
  err(own(`No model was asked, so the exit code is ${notJudgedCode}. That is --strict, the default in CI.`));
  return notJudgedCode;
}

async function accessOf(cwd: string, appId: string | undefined, { out, err }: Printer) {
  if (appId === undefined)
    throw new ConfigurationError(
      "Give scenarios with --scenarios, or the application of Snowglobe with --app-id (or as appId in .callwright/agents.json).",
    );
  const { key, warning } = await readKey(cwd);
  if (warning) err(own(`Warning: ${warning}`));
  const apiKey = process.env[keyVariable] ?? key;
  if (!apiKey)
    throw new ConfigurationError(`There is no key of Snowglobe. Set ${keyVariable}, or write it to .callwright/key.`);
  const url = process.env[urlVariable];
  if (url) out(line`Control plane: ${url} (from ${own(urlVariable)})`);
  return { appId, apiKey, ...(url && { url }) };
}
