import { CallwrightError } from "../../errors.js";
import { checkCounts } from "../../numbers.js";
import { guarded, type Output } from "../output.js";
import { agentFile } from "./agent-file.js";
import { runAgent } from "./agent-process.js";
import { keyless } from "./keyless.js";
import type { StartOptions } from "./start.js";

export type TestOptions = Pick<
  StartOptions,
  "cwd" | "agent" | "model" | "offline" | "timeoutMs" | "loadMs" | "allowOutside"
>;

/** Loads an agent and asks it one thing. @returns The exit code: 1 where it gives no response. */
export async function test(options: TestOptions, output: Output): Promise<number> {
  const guard = guarded(output);
  try {
    const { cwd, agent, allowOutside, loadMs = 30_000, timeoutMs = 60_000, model } = options;
    checkCounts({ loadMs, timeoutMs });
    const file = await agentFile(cwd, agent, allowOutside);
    for (const warning of file.warnings) guard.err(warning);
    guard.out(`Agent: ${file.path}`);
    const why = options.offline || model !== undefined ? undefined : await keyless(file.path);
    if (why) guard.err(why);
    const offline = options.offline || why !== undefined;
    const job = { kind: "test", path: file.path, cwd, model, offline, timeoutMs } as const;
    // Once more than the answer's own limit: for a loop that lets no timer of its process run.
    return await runAgent(file, job, guard, { loadMs, totalMs: loadMs + timeoutMs + 5000 });
  } catch (error) {
    if (!CallwrightError.isInstance(error)) throw error;
    guard.err(error.message);
    return 1;
  }
}
