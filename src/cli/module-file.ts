import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigurationError } from "../errors.js";
import { inProject } from "./inside.js";

/** A file that is about to be run. */
export interface ModuleFile {
  /** With all links followed. */
  readonly path: string;
  /** The loader that TypeScript needs, as a URL for `--import` or `import()`. */
  readonly loader: string | undefined;
  /** The tsconfig.json next to the file or in the nearest folder above it, which says where its imports lead. */
  readonly tsconfig: string | undefined;
  readonly warnings: readonly string[];
}

const javascript = [".js", ".mjs", ".cjs"];
const typescript = [".ts", ".mts", ".cts", ".tsx"];

/**
 * Finds a module of the project; it loads nothing.
 *
 * @throws ConfigurationError where it is no file of JavaScript or TypeScript on this machine, lies outside of the
 * project, or is TypeScript and tsx is missing. `missing` says what to do where there is no such file.
 */
export async function moduleFile(
  cwd: string,
  file: string,
  options: { readonly allowOutside?: boolean | undefined; readonly missing: string },
): Promise<ModuleFile> {
  const path = await inProject(cwd, file, options.allowOutside);
  const stats = await stat(path).catch(() => undefined);
  if (!stats?.isFile()) throw new ConfigurationError(options.missing);
  const ending = extname(path);
  if (![...javascript, ...typescript].includes(ending))
    throw new ConfigurationError(`${file} is no JavaScript and no TypeScript.`);
  const open = process.platform !== "win32" && (stats.mode & 0o002) !== 0;
  return {
    path,
    loader: typescript.includes(ending) ? tsxFor(path, file) : undefined,
    tsconfig: typescript.includes(ending) ? tsconfigFor(dirname(path)) : undefined,
    warnings: open
      ? [`Warning: everybody on this machine can change ${file}, and it is about to be run. Run chmod o-w ${file}.`]
      : [],
  };
}

function tsconfigFor(folder: string): string | undefined {
  const file = join(folder, "tsconfig.json");
  if (existsSync(file)) return file;
  const parent = dirname(folder);
  return parent === folder ? undefined : tsconfigFor(parent);
}

function tsxFor(path: string, file: string): string {
  for (const from of [path, import.meta.url]) {
    try {
      return pathToFileURL(createRequire(from).resolve("tsx")).href;
    } catch {}
  }
  throw new ConfigurationError(
    `${file} is TypeScript, and tsx, which loads it, is not installed. Run npm install --save-dev tsx, or write it in JavaScript.`,
  );
}
