import { readdirSync, readFileSync } from "node:fs";
import { inspect } from "node:util";
import { Random } from "./random.js";
import type { Target } from "./target.js";
import { watchdog } from "./watchdog.js";

export interface Finding {
  readonly target: string;
  /** The name of the corpus file, or the number of the run. */
  readonly run: string | number;
  readonly input: unknown;
  readonly problem: string;
}

export interface Report {
  readonly target: string;
  /** Inputs that were tried, those of the corpus included. */
  readonly inputs: number;
  /** Seconds of work, which a busy machine does not make longer. */
  readonly cpuSeconds: number;
  /** How many inputs ended in which way. */
  readonly endings: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

export interface FuzzOptions {
  readonly seed: number;
  readonly runs: number;
  /** The first run. @default 0 */
  readonly from?: number;
  /** Stops earlier if so many inputs were found. @default 10 */
  readonly mostFindings?: number;
}

/** Inputs that were found once. They are tried first, always. */
export function corpusOf(target: string): { readonly file: string; readonly input: unknown }[] {
  const folder = new URL(`corpus/${target}/`, import.meta.url);
  let files: string[] = [];
  try {
    files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  } catch {
    // A target of which nothing was found yet has no folder.
  }
  return files.sort().map((file) => ({ file, input: JSON.parse(readFileSync(new URL(file, folder), "utf8")).input }));
}

/** Feeds a target with its corpus and with so many inputs that follow from the seed. */
export async function fuzz(target: Target, { seed, runs, from = 0, mostFindings = 10 }: FuzzOptions): Promise<Report> {
  const endings = new Map<string, number>();
  const findings: Finding[] = [];
  let inputs = 0;
  const usedBefore = process.cpuUsage();
  const guard = guardProcess();
  const stillRuns = watchdog(`${target.name}, seed ${seed}`);
  const tryOne = async (run: string | number, input: unknown) => {
    inputs++;
    stillRuns.at(typeof run === "number" ? run : -1);
    try {
      const ending = await target.run(input);
      guard.check();
      endings.set(ending, (endings.get(ending) ?? 0) + 1);
    } catch (error) {
      const problem = error instanceof Error ? (error.stack ?? String(error)) : inspect(error);
      findings.push({ target: target.name, run, input, problem });
    }
  };
  try {
    await target.open?.();
    for (const { file, input } of corpusOf(target.name)) await tryOne(file, input);
    for (let run = from; run < from + runs && findings.length < mostFindings; run++) {
      await tryOne(run, target.make(new Random(seed, target.name, run)));
      // Rejections that nobody handled are reported between two turns of the event loop.
      if (run % 16 === 15) await new Promise((resolve) => setImmediate(resolve));
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
    guard.check();
  } finally {
    await target.close?.();
    stillRuns.stop();
    guard.stop();
  }
  const { user, system } = process.cpuUsage(usedBefore);
  return {
    target: target.name,
    inputs,
    cpuSeconds: (user + system) / 1e6,
    endings: Object.fromEntries(endings),
    findings,
  };
}

const prototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Error.prototype];

/** Sees what goes past the caller: rejections that nobody handles, and members that are put on prototypes. */
function guardProcess(): { check(): void; stop(): void } {
  const before = prototypes.map((prototype) => Object.getOwnPropertyNames(prototype).length);
  let unhandled: unknown;
  const see = (reason: unknown) => {
    unhandled ??= { reason };
  };
  process.on("unhandledRejection", see);
  return {
    check() {
      const reason = unhandled;
      unhandled = undefined;
      if (reason) throw new Error(`An unhandled rejection, of this input or one of the 16 before: ${inspect(reason)}`);
      const after = prototypes.map((prototype) => Object.getOwnPropertyNames(prototype).length);
      if (after.some((count, index) => count !== before[index])) throw new Error("A prototype was changed.");
      for (const name in {}) throw new Error(`Every object has a member ${name} now.`);
    },
    stop: () => void process.off("unhandledRejection", see),
  };
}
