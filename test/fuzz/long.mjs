/*
 * Many inputs for all targets, against the built package: npm run build, then
 *
 *   node test/fuzz/long.mjs --runs 1000000
 *
 *   --seed 7            the same inputs again
 *   --target schemas    only the targets whose names contain this
 *   --done 12           goes on behind round 12 of a run with the same numbers
 *
 * Each of the 50 rounds feeds every target with its share. At the end, also after an interruption, it prints how the inputs
 * of each target ended. What was found is kept in test/fuzz/corpus, and the exit code is 1.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { register } from "tsx/esm/api";

register();
const { targets } = await import("./targets.ts");
const { fuzz } = await import("./run.ts");

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "100000" },
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    target: { type: "string", default: "" },
    done: { type: "string", default: "0" },
  },
});
const [runs, seed, done] = [values.runs, values.seed, values.done].map(Number);
const rounds = 50;
const chosen = targets.filter(({ name }) => name.includes(values.target));
const weights = chosen.reduce((sum, { weight = 1 }) => sum + weight, 0);
const totals = new Map(chosen.map(({ name }) => [name, { inputs: 0, cpuSeconds: 0, found: 0, endings: new Map() }]));
const began = performance.now();

console.log(`${runs} inputs, seed ${seed}, Node ${process.versions.node}, ${chosen.length} targets, ${rounds} rounds.`);
process.on("SIGINT", finish);
process.on("SIGTERM", finish);
for (let round = done; round < rounds; round++) {
  for (const target of chosen) {
    const share = Math.ceil((runs * (target.weight ?? 1)) / weights / rounds);
    add(await fuzz(target, { seed, runs: share, from: round * share }));
  }
  const { inputs, found } = sums();
  console.log(`Round ${round + 1}: ${inputs} inputs in ${seconds()} s, ${found} found.`);
}
finish();

function add({ target, inputs, cpuSeconds, endings, findings }) {
  const total = totals.get(target);
  total.inputs += inputs;
  total.cpuSeconds += cpuSeconds;
  total.found += findings.length;
  for (const [ending, times] of Object.entries(endings)) {
    total.endings.set(ending, (total.endings.get(ending) ?? 0) + times);
  }
  for (const finding of findings) keep(finding);
}

function sums() {
  const all = [...totals.values()];
  const sum = (name) => all.reduce((before, total) => before + total[name], 0);
  return { inputs: sum("inputs"), found: sum("found") };
}

function seconds() {
  return ((performance.now() - began) / 1000).toFixed(0);
}

function finish() {
  for (const [name, { inputs, cpuSeconds, found, endings }] of totals) {
    const sorted = [...endings].sort(([, a], [, b]) => b - a);
    console.log(
      `${name}: ${inputs} inputs, ${((cpuSeconds / inputs) * 1000).toFixed(2)} ms of CPU each, ${found} found`,
    );
    console.log(`  ${sorted.map(([ending, times]) => `${ending} ${times}`).join(", ")}`);
  }
  const { inputs, found } = sums();
  console.log(`${inputs} inputs in ${seconds()} s, ${found} found.`);
  process.exit(found > 0 ? 1 : 0);
}

function keep({ target, run, input, problem }) {
  const folder = new URL(`corpus/${target}/`, import.meta.url);
  const text = JSON.stringify({ problem: problem.split("\n")[0].slice(0, 200), input }, null, 2);
  const file = new URL(`${createHash("sha256").update(text).digest("hex").slice(0, 12)}.json`, folder);
  mkdirSync(folder, { recursive: true });
  if (typeof run === "number") writeFileSync(file, `${text}\n`);
  console.log(`\n${target}, run ${run}, kept as ${file.pathname}\n${problem.slice(0, 1500)}\n`);
}
