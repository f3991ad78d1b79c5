import { pathToFileURL } from "node:url";
import { isPlainObject } from "../json.js";
import { CliError } from "./cli-error.js";
import { moduleFile } from "./module-file.js";
import type { Terminal } from "./terminal.js";

export type Exports = Readonly<Record<string, unknown>>;

/**
 * Loads a module of the project into this process: what `run` and `serve` are told to run.
 *
 * @throws CliError where the file may not be loaded; what the module throws.
 */
export async function loadModule(file: string, allowOutside: boolean, terminal: Terminal): Promise<Exports> {
  const missing = `There is no file ${file}. Give the path of a module that exports a call.`;
  const found = await moduleFile(terminal.cwd, file, { allowOutside, missing }).catch((cause) => {
    throw new CliError(cause.message, { cause });
  });
  const { path, loader, warnings } = found;
  for (const warning of warnings) terminal.err(warning);
  for (const line of redirections(terminal.env)) terminal.err(line, "dim");
  if (loader !== undefined) await import(loader);
  const module = (await import(pathToFileURL(path).href)) as Exports;
  // What a CommonJS module exports stands under `default`, too, and only there where nobody could tell its names.
  return isPlainObject(module.default) || isNamespace(module.default) ? { ...module.default, ...module } : module;
}

function isNamespace(value: unknown): value is Exports {
  return typeof value === "object" && value !== null && "__esModule" in value;
}

/** Where calls go instead of to their providers: whoever runs a file should see that. */
function redirections(env: Terminal["env"]): string[] {
  return ["OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"].flatMap((name) => (env[name] ? [`${name} is ${env[name]}.`] : []));
}
