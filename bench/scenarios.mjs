import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, defineAgent, local } from "../dist/connect/index.js";
import { writeReport } from "../dist/connect/report/report.js";
import { createTranscript } from "../dist/connect/transcript.js";
import { call } from "../dist/index.js";
import { printTable, slopeOf } from "./speed/figures.mjs";

/*
 * Simulated conversations by the thousand, against a local server: node --expose-gc bench/scenarios.mjs [thousands], after
 * a build. Exits with 1 where one is lost or asked for twice, or where the heap grows by more than a megabyte a thousand.
 */
const thousands = Number(process.argv[2] ?? 5);
const concurrency = 50;
const turns = 2;

const server = fork(new URL("scenarios/server.mjs", import.meta.url), { execArgv: [] });
const [access] = await once(server, "message");
const folder = mkdtempSync(join(tmpdir(), "callwright-scenarios-"));
const transcript = await createTranscript(join(folder, "transcripts.jsonl"));

function* scenarios() {
  for (let index = 0; index < thousands * 1000; index++) {
    const id = `scenario-${index}`;
    const turn = (number) => ({ say: `${id}, turn ${number}`, checks: [{ contains: `${id}, turn ${number}` }] });
    yield { id, turns: Array.from({ length: turns }, (_, number) => turn(number + 1)) };
  }
}

const rows = [];
const heaps = [];
const seen = new Set();
let startedAt = performance.now();
const backend = local({
  scenarios: scenarios(),
  async onResult(result) {
    await transcript.write(result);
    seen.add(result.id);
    if (seen.size % 1000 > 0) return;
    const seconds = (performance.now() - startedAt) / 1000;
    globalThis.gc();
    const heapMb = process.memoryUsage().heapUsed / 1e6;
    heaps.push(heapMb);
    rows.push([String(seen.size), ((1000 * turns) / seconds).toFixed(0), heapMb.toFixed(2)]);
    startedAt = performance.now();
  },
});
const answer = call("openai/gpt-4o-mini", access)((messages) => messages);
const outcome = await connect(defineAgent(answer), { backend, concurrency });
await transcript.close();
server.send("report");
const [counts] = await once(server, "message");
server.disconnect();

const { summary } = backend;
const reportedAt = performance.now();
await writeReport(join(folder, "report.html"), join(folder, "transcripts.jsonl"), {
  title: "Benchmark",
  subtitle: "",
  summary,
});
const reportMs = performance.now() - reportedAt;
const reportMb = statSync(join(folder, "report.html")).size / 1e6;
rmSync(folder, { recursive: true });

// The first thousand warms up, and a line needs two points.
const later = heaps.slice(1).map((heapMb, index) => [index, heapMb]);
const slope = later.length > 1 ? slopeOf(later).slope : 0;
const expected = thousands * 1000;
const whole =
  seen.size === expected &&
  summary.passed === expected &&
  outcome.delivered === expected * turns &&
  counts.requests === expected * turns &&
  counts.doubled === 0;
if (!whole || slope > 1) process.exitCode = 1;

console.log(
  `Node ${process.versions.node}; ${expected} scenarios of ${turns} turns, ${concurrency} at the same time.\n`,
);
printTable(["scenarios", "turns/s", "heap, MB"], rows);
console.log(`
${whole ? "None lost, none doubled" : "NOT COMPLETE"}: ${summary.passed} passed, ${outcome.delivered} answers for ${counts.requests} requests, peak ${counts.peak}.
Heap: ${slope.toFixed(2)} MB for each further thousand. Report: ${reportMb.toFixed(1)} MB in ${reportMs.toFixed(0)} ms.`);
