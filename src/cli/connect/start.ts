import { keyVariable, urlVariable } from "../../connect/snowglobe-wire.js";
import { CallwrightError, ConfigurationError } from "../../errors.js";
import { checkCounts } from "../../numbers.js";
import { guarded, type Output } from "../output.js";
import { agentFile } from "./agent-file.js";
import { runAgent } from "./agent-process.js";
import type { StartJob } from "./job.js";
import { keyless } from "./keyless.js";
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

/** Lets simulated users talk to an agent. @returns The exit code: 1 where a check fails or the agent gives no answer. */
export async function start(options: StartOptions, output: Output): Promise<number> {
  const guard = guarded(output);
  try {
    const { cwd, agent, allowOutside, loadMs = 30_000, signal, appId, ...rest } = options;
    checkCounts({ concurrency: options.concurrency, timeoutMs: options.timeoutMs, loadMs });
    const file = await agentFile(cwd, agent, allowOutside);
    for (const warning of file.warnings) guard.err(warning);
    const job: StartJob = { ...rest, kind: "start", cwd, path: file.path };
    const snowglobe = options.scenarios === undefined ? await accessOf(cwd, appId ?? file.appId, guard) : undefined;
    guard.out(`Agent: ${file.path}`);
    // Others wait for the answers of Snowglobe's tests, so those are never echoes unasked.
    const asks = options.offline || snowglobe || options.model || options.user || options.judge;
    const why = asks ? undefined : await keyless(file.path);
    if (why) guard.err(why);
    const offline = options.offline || why !== undefined;
    return await runAgent(file, { ...job, offline, snowglobe }, guard, { loadMs, signal });
  } catch (error) {
    if (!CallwrightError.isInstance(error)) throw error;
    guard.err(error.message);
    return 1;
  }
}

async function accessOf(cwd: string, appId: string | undefined, { out, err }: Output) {
  if (appId === undefined)
    throw new ConfigurationError(
      "Give scenarios with --scenarios, or the application of Snowglobe with --app-id (or as appId in .callwright/agents.json).",
    );
  const { key, warning } = await readKey(cwd);
  if (warning) err(`Warning: ${warning}`);
  const apiKey = process.env[keyVariable] ?? key;
  if (!apiKey)
    throw new ConfigurationError(`There is no key of Snowglobe. Set ${keyVariable}, or write it to .callwright/key.`);
  const url = process.env[urlVariable];
  if (url) out(`Control plane: ${url} (from ${urlVariable})`);
  return { appId, apiKey, ...(url && { url }) };
}
