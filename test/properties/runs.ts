const given = process.env.PROPERTY_SEED;

/**
 * What `fc.assert` is told: 10,000 runs from a new seed each time, or from the one in `PROPERTY_SEED`. The seed is
 * printed on every run, since what was found once must be found again.
 */
export function runsOf(file: string, numRuns = 10_000): { readonly seed: number; readonly numRuns: number } {
  const seed = given ? Number(given) : Math.floor(Math.random() * 2 ** 31);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`PROPERTY_SEED must be a whole number, not ${given}.`);
  console.log(`${file}: the seed is ${seed}. PROPERTY_SEED=${seed} repeats this run.`);
  return { seed, numRuns };
}
