import { expect, test } from "vitest";
import { everyRun } from "../properties/runs.js";
import { fuzz } from "./run.js";
import { targets } from "./targets.js";

const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31));
const runs = Number(process.env.FUZZ_RUNS ?? (everyRun ? 1700 : 170));
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(runs))
  throw new RangeError("FUZZ_SEED and FUZZ_RUNS must be whole numbers.");
console.log(`test/fuzz: ${runs} inputs a target, seed ${seed}. FUZZ_SEED=${seed} FUZZ_RUNS=${runs} repeats this run.`);

test.each(targets)(
  "$name: whatever comes in, it ends in a right answer or a typed error, with nothing left",
  async (target) => {
    const { findings } = await fuzz(target, { seed, runs });
    // The file of the corpus that keeps the input needs no more than this.
    expect(findings.map(({ problem, run, input }) => `run ${run}: ${problem}\n${JSON.stringify({ input })}`)).toEqual(
      [],
    );
  },
  // Only so that thousands of inputs have their time; the watchdog finds what hangs.
  Math.max(60_000, runs * 100),
);
