import { fork } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { faults } from "./soak/faults.mjs";
import { printTable, slopeOf } from "./speed/figures.mjs";

/*
 * Whether anything is lost or left behind when much goes wrong for long: node bench/soak.mjs, after a build. Exits with
 * 1 where a target is missed.
 *
 *   --minutes 60, --seconds 20   how long; 5 minutes otherwise
 *   --calls 60000                so many calls instead
 *   --seed 7                     the same calls and faults again
 *   --in-flight 64               calls at once
 */
const { values } = parseArgs({
  options: {
    minutes: { type: "string" },
    seconds: { type: "string" },
    calls: { type: "string" },
    seed: { type: "string" },
    "in-flight": { type: "string", default: "64" },
  },
});
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
const seconds = Number(values.seconds ?? Number(values.minutes ?? 5) * 60);
const load = {
  seed,
  seconds,
  calls: values.calls && Number(values.calls),
  inFlight: Number(values["in-flight"]),
  // Between two batches all is quiet, and the heap is measured.
  batch: seconds < 60 || values.calls < 20_000 ? 1000 : 5000,
  // Room in the ledger for more than one process can make.
  most: Number(values.calls ?? Math.ceil(seconds * 5000)),
};
const flags = ["--expose-gc", "--trace-warnings", "--unhandled-rejections=strict"];
/** Neither the code that is compiled nor the pools that fill up count as a leak. */
const warmUpCalls = Math.min(10_000, (load.calls ?? seconds * 200) / 3);
const leastPerMinute = 12_000;
const leastSamples = 5;

console.log(`node bench/soak.mjs ${process.argv.slice(2).join(" ")}
Node ${process.versions.node} ${flags.join(" ")}, ${cpus().length} × ${cpus()[0]?.model}. Seed ${seed}.
Server: callwright/testing, in a process of its own. ${load.inFlight} calls in flight, in batches of ${load.batch}; both SDKs; plain, streamed (1 to 40 chunks of 1 to 11 bytes), with tools, and with a schema.
One call in five meets one of ${faults.length} faults; one in fifty is served to a client that sends requests ahead or reads slowly; every other batch runs with a polluted Object.prototype.
`);

const client = fork(new URL("soak/client.mjs", import.meta.url), [JSON.stringify(load)], {
  execArgv: flags,
  stdio: ["ignore", "inherit", "pipe", "ipc"],
});
let complaints = "";
client.stderr.setEncoding("utf8").on("data", (text) => {
  complaints += text;
});
const [report] = await Promise.race([once(client, "message"), once(client, "exit")]);
if (typeof report !== "object") {
  console.error(`The client ended with exit code ${report}.\n${complaints}`);
  process.exit(1);
}
const exitCode = await Promise.race([once(client, "exit"), setTimeout(5000, ["none"], { ref: false })]).then(
  ([code]) => code,
);
if (exitCode === "none") client.kill();

const { calls, answered, failed, dropped, samples } = report;
const perMinute = (calls / report.seconds) * 60;
const settled = samples.filter((sample) => sample.calls > warmUpCalls);
const growth = slopeOf(settled.map(({ calls, heapMb }) => [calls / 10_000, heapMb]));
const rows = [
  // A short soak is for its counts, which hold on any machine.
  [
    "calls",
    `${calls} in ${report.seconds.toFixed(0)} s`,
    `≥ ${leastPerMinute} a minute`,
    seconds < 60 || perMinute >= leastPerMinute,
  ],
  [
    "answered + failed with a typed error + dropped by their callers",
    `${answered} + ${failed} + ${dropped}`,
    "every call, once",
    answered + failed + dropped === calls,
  ],
  ["calls that ended in another way than planned", report.surprises, 0],
  [
    "calls whose tries the server counts otherwise",
    `${report.wrongTries} (${report.tries} tries)`,
    0,
    !report.wrongTries,
  ],
  [
    "calls whose tokens the server counts otherwise",
    `${report.wrongTokens} (${report.tokens} tokens)`,
    0,
    !report.wrongTokens,
  ],
  ["calls whose caller reads other tokens", report.wrongTold, 0],
  ["warnings and unhandled rejections", complaints ? complaints.slice(0, 200) : 0, 0, !complaints],
  ["listeners on the shared signal, at most", report.peakListeners, 1, report.peakListeners <= 1],
  ["listeners between batches and at the end", Math.max(report.listeners, ...samples.map((each) => each.listeners)), 0],
  ["connections 1 s after close()", report.openConnections, 0],
  ["exit code, without being told to exit", exitCode, 0],
  ["process.getActiveResourcesInfo()", report.resources ?? "as before", "as before", !report.resources],
  [
    "heap growth a 10,000 calls, MB",
    settled.length < leastSamples
      ? `${settled.length} samples are too few to say`
      : `${growth.slope.toFixed(3)} ± ${growth.error.toFixed(3)} (${settled.length} samples)`,
    "< 1",
    settled.length < leastSamples || growth.slope < 1,
  ],
];
printTable(
  ["what", "figure", "target", ""],
  rows.map(([what, figure, target, reached = figure === target]) => {
    if (!reached) process.exitCode = 1;
    return [what, String(figure), String(target), reached ? "" : "MISSED"];
  }),
);
const counts = report.kinds.map(([, count]) => count);
console.log(
  `\nHeap after forced collections: ${heapOf(samples[0])} MB at first, ${heapOf(samples.at(-1))} MB at last; fitted after ${Math.round(warmUpCalls)} calls of warm-up. Peak RSS ${report.rssMb.toFixed(0)} MB. Kinds of calls and faults: ${counts.length}, the rarest ${Math.min(...counts)} times.`,
);
for (const example of report.examples) console.log(example);

function heapOf(sample) {
  return sample?.heapMb.toFixed(1);
}
