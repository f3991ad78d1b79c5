import { type ModuleFile, moduleFile } from "../module-file.js";
import { findAgent, type KnownAgent } from "./project.js";

export interface AgentFile extends ModuleFile {
  readonly appId: string | undefined;
}

/**
 * Finds the file of an agent, by a name that the project knows or by a path; it loads nothing.
 *
 * @throws ConfigurationError where it is no file on this machine, or lies outside of the project.
 */
export async function agentFile(
  cwd: string,
  agent: string | undefined,
  allowOutside: boolean | undefined,
): Promise<AgentFile> {
  const { file, appId } = await known(cwd, agent);
  const missing = `There is no agent at ${file}. Run connect init, or give another path with --agent.`;
  return { ...(await moduleFile(cwd, file, { allowOutside, missing })), appId };
}

async function known(cwd: string, agent: string | undefined): Promise<KnownAgent> {
  const isPath = agent !== undefined && /[./\\:]/.test(agent);
  return isPath ? { file: agent } : findAgent(cwd, agent);
}
