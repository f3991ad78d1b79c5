import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigurationError } from "../../errors.js";
import { inProject } from "./inside.js";
import { findAgent, type KnownAgent } from "./project.js";

export interface AgentFile {
  /** With all links followed. */
  readonly path: string;
  readonly appId: string | undefined;
  /** What Node must be told to load it. */
  readonly flags: readonly string[];
  readonly warnings: readonly string[];
}

const javascript = [".js", ".mjs", ".cjs"];
const typescript = [".ts", ".mts", ".cts", ".tsx"];

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
  const path = await inProject(cwd, file, allowOutside);
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile())
    throw new ConfigurationError(`There is no agent at ${file}. Run connect init, or give another path with --agent.`);
  const ending = extname(path);
  if (![...javascript, ...typescript].includes(ending))
    throw new ConfigurationError(`${file} is no JavaScript and no TypeScript.`);
  const open = process.platform !== "win32" && (stats.mode & 0o002) !== 0;
  return {
    path,
    appId,
    flags: typescript.includes(ending) ? ["--import", tsxFor(path, file)] : [],
    warnings: open
      ? [`Warning: everybody on this machine can change ${file}, and it is about to be run. Run chmod o-w ${file}.`]
      : [],
  };
}

async function known(cwd: string, agent: string | undefined): Promise<KnownAgent> {
  const isPath = agent !== undefined && /[./\\:]/.test(agent);
  return isPath ? { file: agent } : findAgent(cwd, agent);
}

function tsxFor(path: string, file: string): string {
  for (const from of [path, import.meta.url]) {
    try {
      return pathToFileURL(createRequire(from).resolve("tsx")).href;
    } catch {}
  }
  throw new ConfigurationError(
    `${file} is TypeScript, and tsx, which loads it, is not installed. Run npm install --save-dev tsx, or write the agent in JavaScript.`,
  );
}
