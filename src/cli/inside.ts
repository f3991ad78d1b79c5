import { realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { ConfigurationError } from "../errors.js";

/**
 * The place of a path with all links followed, as far as it exists; it must be in the project.
 *
 * @throws ConfigurationError where it leads out, and where it is a URL.
 */
export async function inProject(cwd: string, path: string, allowOutside = false): Promise<string> {
  checkLocal(path);
  const place = await followed(resolve(cwd, path));
  const way = relative(await realpath(cwd), place);
  if (!allowOutside && (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)))
    throw new ConfigurationError(
      `${path} lies outside of the project ${cwd}. Move it in, or allow it with allowOutside (--allow-outside).`,
    );
  return place;
}

/** @throws ConfigurationError for what is no path of a file here, such as `https://…`, `data:…` and `node:…`. */
function checkLocal(path: string): void {
  if (path === "" || /[\u0000-\u001f]/.test(path)) throw new ConfigurationError(`${JSON.stringify(path)} is no path.`);
  if (/^[a-z][a-z0-9+.-]+:/i.test(path))
    throw new ConfigurationError(`${path} is a URL. Only files on this machine are loaded: give a path.`);
}

async function followed(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const parent = dirname(path);
    // A link that leads nowhere may lead out, once it leads somewhere.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || parent === path) throw error;
    return join(await followed(parent), basename(path));
  }
}
