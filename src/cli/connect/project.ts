import { lstat, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigurationError } from "../../errors.js";
import { isPlainObject } from "../../json.js";
import { parseJsonText } from "../../json-text.js";
import { inProject } from "../inside.js";

export const folder = ".callwright";
const agentsFile = `${folder}/agents.json`;
const keyFile = `${folder}/key`;
const ignored = [keyFile, `${folder}/runs/`];

/** An agent as the project knows it. */
export interface KnownAgent {
  readonly file: string;
  /** The application of Snowglobe that it stands for. */
  readonly appId?: string | undefined;
}

/** @throws ConfigurationError where the file is not of its form. */
export async function readAgents(cwd: string): Promise<ReadonlyMap<string, KnownAgent>> {
  const text = await textOf(await inProject(cwd, agentsFile));
  if (text === undefined) return new Map();
  const read = parseJsonText(text);
  const agents = "value" in read && isPlainObject(read.value) ? read.value.agents : undefined;
  if (!isPlainObject(agents)) throw unreadable("it holds no agents");
  return new Map(
    Object.entries(agents).map(([name, agent]) => {
      if (!isPlainObject(agent) || typeof agent.file !== "string") throw unreadable(`${name} has no file`);
      return [name, { file: agent.file, ...(typeof agent.appId === "string" && { appId: agent.appId }) }];
    }),
  );
}

function unreadable(why: string): ConfigurationError {
  return new ConfigurationError(`${agentsFile} cannot be read: ${why}. Mend it, or remove it and run connect init.`);
}

export async function addAgent(cwd: string, name: string, agent: KnownAgent): Promise<void> {
  const agents = new Map(await readAgents(cwd)).set(name, agent);
  await mkdir(await inProject(cwd, folder), { recursive: true });
  const text = JSON.stringify({ version: 1, agents: Object.fromEntries(agents) }, null, 2);
  await writeFile(await inProject(cwd, agentsFile), `${text}\n`);
}

/** The agent of a name; without one, the only one. @throws ConfigurationError */
export async function findAgent(cwd: string, name?: string): Promise<KnownAgent> {
  const agents = await readAgents(cwd);
  const found = name === undefined ? [...agents.values()] : [agents.get(name)];
  if (found.length === 1 && found[0]) return found[0];
  const names = [...agents.keys()].join(", ");
  if (agents.size === 0)
    throw new ConfigurationError(
      "This project has no agent yet. Run connect init, or give the path of one with --agent.",
    );
  throw new ConfigurationError(`Which agent? Give its name or a path with --agent. Known are ${names}.`);
}

const keyHint = `# The key of the control plane. Only you can read this file, and git ignores it.
# SNOWGLOBE_API_KEY=…
`;

/** Writes the file for the key where there is none; it is never overwritten. @returns Whether it was written. */
export async function writeKey(cwd: string, apiKey?: string): Promise<boolean> {
  await mkdir(await inProject(cwd, folder), { recursive: true });
  const text = apiKey === undefined ? keyHint : `SNOWGLOBE_API_KEY=${apiKey}\n`;
  try {
    await writeFile(await inProject(cwd, keyFile), text, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

/** The key in the file, and a warning where others could read it. */
export async function readKey(cwd: string): Promise<{ readonly key?: string; readonly warning?: string }> {
  const path = await inProject(cwd, keyFile);
  const line = (await textOf(path))?.split("\n").find((each) => each.trim() !== "" && !each.startsWith("#"));
  if (line === undefined) return {};
  const loose = process.platform !== "win32" && ((await stat(path)).mode & 0o077) !== 0;
  return {
    key: line.replace(/^\s*SNOWGLOBE_API_KEY\s*=/, "").trim(),
    ...(loose && { warning: `${keyFile} can be read by others. Run chmod 600 ${keyFile}.` }),
  };
}

/** Adds what git must not take, once. @returns What was added. */
export async function ignore(cwd: string): Promise<readonly string[]> {
  const path = await inProject(cwd, ".gitignore");
  const text = (await textOf(path)) ?? "";
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const missing = ignored.filter(
    (entry) => !lines.includes(entry) && !lines.includes(`/${entry}`) && !lines.includes(`${folder}/`),
  );
  const before = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  if (missing.length > 0) await writeFile(path, `${before}${missing.join("\n")}\n`);
  return missing;
}

export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

export async function isIn(cwd: string, file: string): Promise<boolean> {
  return exists(join(cwd, file));
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
