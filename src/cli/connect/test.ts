import { CallwrightError } from "../../errors.js";
import { checkCounts } from "../../numbers.js";
import { line, own } from "../line.js";
import { guarded, type Output } from "../output.js";
import { agentFile } from "./agent-file.js";
import { runAgent } from "./agent-process.js";
import { isStrict, keyless } from "./keyless.js";
import { notAsked, type StartOptions } from "./start.js";

export type TestOptions = Pick<
  StartOptions,
  "cwd" | "agent" | "model" | "offline" | "timeoutMs" | "loadMs" | "allowOutside" | "strict"
>;

/**
 * Loads an agent and asks it one thing.
 *
 * @returns The exit code: 1 if it gives no response, 2 if an option or a file is wrong, 3 if no model was asked and that
 * matters.
 */
export async function test(options: TestOptions, output: Output): Promise<number> {
  const guard = guarded(output);
  try {
    const { cwd, agent, allowOutside, loadMs = 30_000, timeoutMs = 60_000, model } = options;
    checkCounts({ loadMs, timeoutMs });
    const file = await agentFile(cwd, agent, allowOutside);
    for (const warning of file.warnings) guard.err(warning);
    guard.out(line`Agent: ${file.path}`);
    const why = options.offline || model !== undefined ? undefined : await keyless(file.path);
    if (why) guard.err(own(why));
    const offline = options.offline || why !== undefined;
    const job = { kind: "test", path: file.path, cwd, model, offline, timeoutMs } as const;
    // Once more than the answer's own limit: for a loop that lets no timer of its process run.
    const code = await runAgent(file, job, guard, { loadMs, totalMs: loadMs + timeoutMs + 5000 });
    return code === 0 && why && isStrict(options.strict) ? notAsked(guard) : code;
  } catch (error) {
    if (!CallwrightError.isInstance(error)) throw error;
    guard.err(error.message);
    return 2;
  }
}
