import { lstatSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { ConfigurationError } from "../../errors.js";

/**
 * The file of a cassette, inside its folder whatever its name is.
 *
 * @throws ConfigurationError for a name that leads out of the folder, or that no file can have on one of the systems.
 */
export function cassettePath(folder: string, name: string): string {
  const bare = String(name).replace(/\.json$/, "");
  const problem = problemOf(bare);
  if (problem) {
    const shown = JSON.stringify(String(name).slice(0, 80));
    throw new ConfigurationError(
      `No cassette can be named ${shown}: ${problem}. Take a name such as "books/recommend".`,
    );
  }
  const root = resolve(folder);
  const path = join(root, `${bare}.json`);
  refuseLinksOut(root, path);
  return path;
}

function problemOf(name: string): string | undefined {
  if (name.length > 200) return "it is longer than 200 characters";
  for (const part of name.split("/")) {
    if (part === "") return "it is empty, absolute, or has an empty part";
    if (/^\.|[. ]$/.test(part)) return "no part may begin with a dot, or end with a dot or a blank";
    if (!/^[\p{L}\p{M}\p{N} ._,()+=@-]+$/u.test(part)) return "it holds a character that not all systems allow";
    if (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(part)) return `Windows keeps ${part} for itself`;
  }
  return undefined;
}

/** A link inside the folder could lead out of it. */
function refuseLinksOut(root: string, path: string): void {
  for (let place = dirname(path); place.length > root.length; place = dirname(place)) {
    const link = lstatSync(place, { throwIfNoEntry: false });
    if (!link) continue;
    const real = realpathSync(place);
    if (real !== join(realpathSync(root), place.slice(root.length)))
      throw new ConfigurationError(
        `The cassette ${path} would lie outside of its folder, in ${real}. Remove the link.`,
      );
  }
}
