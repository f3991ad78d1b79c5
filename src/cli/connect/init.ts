import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { CallwrightError, ConfigurationError } from "../../errors.js";
import { inProject } from "../inside.js";
import { line, own } from "../line.js";
import { guarded, type Output, type Printer } from "../output.js";
import { addAgent, exists, ignore, isIn, readAgents, writeKey } from "./project.js";
import {
  agentSource,
  type Language,
  scenariosSource,
  type TemplateName,
  templateKey,
  templateNames,
} from "./templates.js";

export interface InitOptions {
  /** The project. */
  readonly cwd: string;
  /** @default "basic" */
  readonly template?: TemplateName | undefined;
  /** @default "agent" */
  readonly name?: string | undefined;
  /** Where the agent is written. @default its name, with the ending of its language */
  readonly file?: string | undefined;
  /** @default "ts" where the project has a tsconfig.json and tsx, else "js" */
  readonly language?: Language | undefined;
  /** The application of Snowglobe that the agent stands for. */
  readonly appId?: string | undefined;
  /** Written to the key file, where there is none. */
  readonly apiKey?: string | undefined;
  /** Lets the file be outside of the project. @default false */
  readonly allowOutside?: boolean | undefined;
}

/** Writes an agent, a file of scenarios, and what the project remembers of both. It asks nothing. @returns The exit code: 2 if an option is wrong. */
export async function init(options: InitOptions, output: Output): Promise<number> {
  const { out, err } = guarded(output);
  try {
    await write(options, out);
    return 0;
  } catch (error) {
    if (!CallwrightError.isInstance(error) && !(error as NodeJS.ErrnoException).code) throw error;
    err((error as Error).message);
    return CallwrightError.isInstance(error) ? 2 : 1;
  }
}

async function write(options: InitOptions, out: Printer["out"]): Promise<void> {
  const { cwd, template = "basic", name = "agent", appId, apiKey, allowOutside } = options;
  if (!/^[\w-]{1,64}$/.test(name))
    throw new ConfigurationError(`${JSON.stringify(name)} cannot name an agent. Use letters, digits, - and _.`);
  if (!templateNames.includes(template))
    throw new ConfigurationError(
      `There is no template ${JSON.stringify(template)}. There are basic, stream and session.`,
    );
  const language = options.language ?? languageOf(options.file) ?? ((await usesTypeScript(cwd)) ? "ts" : "js");
  const file = options.file ?? `${name}.${language === "ts" ? "ts" : "mjs"}`;
  // All that could refuse it comes before anything is written.
  const place = await inProject(cwd, file, allowOutside);
  if (await exists(place))
    throw new ConfigurationError(`${file} is there already, and nothing was written. Choose another with --file.`);
  if ((await readAgents(cwd)).has(name))
    throw new ConfigurationError(
      `The project has an agent ${name} already, and nothing was written. Choose another with --name.`,
    );

  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, agentSource(template, language), { flag: "wx" });
  out(line`Wrote ${file}, an agent of the template ${own(template)}.`);
  const scenarios = await inProject(cwd, "scenarios.yaml");
  if (!(await exists(scenarios))) {
    await writeFile(scenarios, scenariosSource, { flag: "wx" });
    out(own("Wrote scenarios.yaml, two simulated users to begin with."));
  }
  await addAgent(cwd, name, { file: relative(cwd, place) || file, ...(appId !== undefined && { appId }) });
  const wroteKey = await writeKey(cwd, apiKey);
  const added = await ignore(cwd);
  const lines = [
    `Wrote .callwright/agents.json${wroteKey ? " and .callwright/key (only you can read it)" : ""}.`,
    ...(added.length > 0 ? [`Told git to ignore ${added.join(" and ")}.`] : []),
    ...(apiKey !== undefined && !wroteKey ? ["The key was not written: .callwright/key is there already."] : []),
    "",
    "Next:",
    "  npx callwright connect test",
    "  npx callwright connect start --scenarios scenarios.yaml",
    `Both ask openai/gpt-4o-mini with your ${templateKey}. Without it, as with --offline, a stand-in echoes.`,
  ];
  for (const each of lines) out(own(each));
}

function languageOf(file: string | undefined): Language | undefined {
  return file === undefined ? undefined : /\.[mc]?tsx?$/.test(file) ? "ts" : "js";
}

async function usesTypeScript(cwd: string): Promise<boolean> {
  if (!(await isIn(cwd, "tsconfig.json"))) return false;
  const manifest = await readFile(`${cwd}/package.json`, "utf8").catch(() => "");
  return /"tsx"\s*:/.test(manifest);
}
