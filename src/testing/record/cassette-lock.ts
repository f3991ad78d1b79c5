import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

/** The file that exists while one writes. */
export function lockOf(path: string): string {
  return `${path}.lock`;
}

/** Runs an action while no other process, and nobody else in this one, runs one for the same path. */
export async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  const lock = lockOf(path);
  while (!(await take(lock))) {
    if (isAbandoned(lock)) removeAbandoned(lock);
    else await pause(5 + Math.random() * 20);
  }
  try {
    return await action();
  } finally {
    await rm(lock, { force: true });
  }
}

async function take(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, JSON.stringify({ pid: process.pid, host: hostname() }), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes the lock of a process that is gone, but not that of another one that has just done the same. */
export function removeAbandoned(lock: string): void {
  const aside = `${lock}.${randomUUID()}.tmp`;
  try {
    renameSync(lock, aside);
    if (!isAbandoned(aside)) linkSync(aside, lock);
  } catch {
    // Somebody else was faster.
  } finally {
    rmSync(aside, { force: true });
  }
}

/** A cassette is written in milliseconds. */
const longestMs = 30_000;

/** Whether the process that took a lock is gone. On another machine, only time tells. */
export function isAbandoned(lock: string): boolean {
  try {
    const { mtimeMs } = statSync(lock);
    if (Date.now() - mtimeMs > longestMs) return true;
    const { pid, host } = JSON.parse(readFileSync(lock, "utf8"));
    return host === hostname() && Number.isInteger(pid) && !isRunning(pid);
  } catch {
    // It is gone, or its text is still being written.
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
