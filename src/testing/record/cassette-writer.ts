import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { cassetteText, parseCassette } from "./cassette-file.js";
import { isAbandoned, lockOf, removeAbandoned, withLock } from "./cassette-lock.js";
import type { RecordedExchange } from "./recorded.js";

/**
 * Writes what one recorder has into a cassette, beside what other recorders of the same cassette write at the same time,
 * in this process or in another.
 *
 * @param replaced The text of the file that this recorder replaces; what anybody wrote since then stays.
 */
export function cassetteWriter(
  path: string,
  replaced: string | undefined,
): (own: readonly RecordedExchange[]) => Promise<void> {
  let written: readonly RecordedExchange[] = [];

  return async (own) => {
    await mkdir(dirname(path), { recursive: true });
    await withLock(path, async () => {
      const text = await readFile(path, "utf8").catch(() => undefined);
      const others = text === undefined || text === replaced ? [] : without(exchangesIn(text, path), written);
      await replace(path, cassetteText([...others, ...own]));
      written = own;
    });
  };
}

function exchangesIn(text: string, path: string): readonly RecordedExchange[] {
  try {
    return parseCassette(text, path);
  } catch {
    // It is replaced, as by any recording anew.
    return [];
  }
}

/** Those of a list that are not among the others; each of these is left out once. */
function without(all: readonly RecordedExchange[], others: readonly RecordedExchange[]): RecordedExchange[] {
  const left = new Map<string, number>();
  for (const each of others) left.set(JSON.stringify(each), (left.get(JSON.stringify(each)) ?? 0) + 1);
  return all.filter((each) => {
    const text = JSON.stringify(each);
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  });
}

/** Writes beside the file and then renames, so that nobody ever reads half a cassette. */
async function replace(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(beside, text, { flag: "wx" });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Removes the files that a process left when it was killed while it wrote. */
export function removeLeftovers(path: string): void {
  try {
    const folder = dirname(path);
    if (!existsSync(folder)) return;
    const found = readdirSync(folder).filter((file) => file.startsWith(`${basename(path)}.`) && file.endsWith(".tmp"));
    const lock = lockOf(path);
    // They were there before the lock was looked at: nobody who writes now has begun them.
    if (existsSync(lock)) {
      if (!isAbandoned(lock)) return;
      removeAbandoned(lock);
    }
    for (const file of found) rmSync(join(folder, file), { force: true });
  } catch {
    // Such as in a folder that may only be read, where nothing is written either.
  }
}
