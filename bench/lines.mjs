import { cpus } from "node:os";
import { rateLimit } from "../dist/index.js";
import { printTable } from "./speed/figures.mjs";

/*
 * What it costs to wait in rateLimit(): so many calls join its line, and then one abort ends them all.
 *
 *   node bench/lines.mjs        2,000 and 16,000 calls; exits with 1 if a call costs more than four times as much in the longer line
 */
const sizes = [2000, 16_000];
const limits = [{ concurrency: 1 }, { requestsPerMinute: 1 }, { tokensPerMinute: 1 }];

const silent = {
  id: "own/silent",
  async *run() {
    yield { type: "start", id: "1", model: "silent" };
    await new Promise(() => {});
  },
};
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function measure(options, count) {
  const limited = rateLimit(options)(silent);
  const controller = new AbortController();
  const run = () => {
    const context = { deadline: performance.now() + 86_400_000_000 };
    const request = { messages: [{ role: "user", content: "Hi" }], stream: true, signal: controller.signal, context };
    return limited.run(request)[Symbol.asyncIterator]().next();
  };
  await run();
  const began = process.cpuUsage();
  const waiting = Array.from({ length: count }, run).map((next) => next.catch(() => {}));
  await turn();
  const joined = process.cpuUsage(began);
  const left = process.cpuUsage();
  controller.abort();
  await Promise.all(waiting);
  return { join: perCall(joined, count), leave: perCall(process.cpuUsage(left), count) };
}

function perCall({ user, system }, count) {
  return (user + system) / count;
}

const rows = [];
for (const options of limits) {
  await measure(options, sizes[0]);
  const [few, many] = [await measure(options, sizes[0]), await measure(options, sizes[1])];
  for (const step of ["join", "leave"]) {
    const ratio = many[step] / few[step];
    if (ratio > 4) process.exitCode = 1;
    const figures = [few, many].map((measured) => measured[step].toFixed(1));
    rows.push([Object.keys(options)[0], step, ...figures, `${ratio.toFixed(2)} ×`, ratio > 4 ? "≤ 4 MISSED" : "≤ 4"]);
  }
}
console.log(
  `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}. CPU a call in µs, user and system.\n`,
);
printTable(["limit", "step", ...sizes.map((size) => `${size} calls`), "ratio", "target"], rows);
// A limit by time would wait for its next turn.
process.exit();
