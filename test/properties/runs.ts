const given = process.env.PROPERTY_SEED;

/** Whether everything is tried as often as its sentence says; otherwise a tenth of it, so that `npm test` is quick. */
export const everyRun = process.env.RUNS === "all";

/**
 * What `fc.assert` is told: a tenth of 10,000 runs, or all of them with `RUNS=all`, from a new seed each time, or from
 * the one in `PROPERTY_SEED`. The seed is printed on every run, since what was found once must be found again.
 */
export function runsOf(file: string, numRuns = 10_000): { readonly seed: number; readonly numRuns: number } {
  const seed = given ? Number(given) : Math.floor(Math.random() * 2 ** 31);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`PROPERTY_SEED must be a whole number, not ${given}.`);
  console.log(`${file}: the seed is ${seed}. PROPERTY_SEED=${seed} repeats this run.`);
  return { seed, numRuns: everyRun ? numRuns : numRuns / 10 };
}
