import { pathToFileURL } from "node:url";
import { isPlainObject } from "../json.js";
import { CliError } from "./cli-error.js";
import { moduleFile } from "./module-file.js";
import type { Terminal } from "./terminal.js";

export interface LoadedModule {
  readonly exports: Exports;
  /** The file, with all links followed. */
  readonly path: string;
}

export type Exports = Readonly<Record<string, unknown>>;

/**
 * Loads a module of the project into this process: what `run` and `serve` are told to run.
 *
 * @throws CliError where the file may not be loaded; what the module throws.
 */
export async function loadModule(file: string, allowOutside: boolean, terminal: Terminal): Promise<LoadedModule> {
  const missing = `There is no file ${file}. Give the path of a module that exports a call.`;
  const found = await moduleFile(terminal.cwd, file, { allowOutside, missing }).catch((cause) => {
    throw new CliError(cause.message, { cause });
  });
  const { path, loader, warnings } = found;
  for (const warning of warnings) terminal.err(warning);
  for (const line of redirections(terminal.env)) terminal.err(line, "dim");
  if (loader !== undefined) await importWith(loader, found.tsconfig);
  return { exports: namesOf((await import(pathToFileURL(path).href)) as Exports), path };
}

/** tsx reads the tsconfig.json of the folder that the command runs in, unless this variable names another. */
async function importWith(loader: string, tsconfig: string | undefined): Promise<void> {
  const { TSX_TSCONFIG_PATH: before } = process.env;
  if (before !== undefined || tsconfig === undefined) return void (await import(loader));
  process.env.TSX_TSCONFIG_PATH = tsconfig;
  try {
    await import(loader);
  } finally {
    delete process.env.TSX_TSCONFIG_PATH;
  }
}

/**
 * The exports of a module by their names. Those of a CommonJS module stand under `default` as well, or only there if Node
 * could not tell their names, and newer versions of Node also list the whole as `module.exports`.
 */
function namesOf(module: Exports): Exports {
  const { "module.exports": _, default: whole, ...names } = module;
  if (isNamespace(whole)) return { ...names, ...whole };
  if (isPlainObject(whole)) return { ...whole, ...names, ...(!Object.hasOwn(whole, "default") && { default: whole }) };
  return "default" in module ? { ...names, default: whole } : names;
}

function isNamespace(value: unknown): value is Exports {
  return typeof value === "object" && value !== null && "__esModule" in value;
}

/** Where calls go instead of to their providers: whoever runs a file should see that. */
function redirections(env: Terminal["env"]): string[] {
  return ["OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"].flatMap((name) => (env[name] ? [`${name} is ${env[name]}.`] : []));
}
