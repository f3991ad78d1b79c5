import { fork } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { median, printTable, spread } from "./speed/figures.mjs";
import { bytesAnEvent, question, tokens } from "./speed/load.mjs";
import { peers } from "./speed/peers.mjs";

/*
 * What thousands of slow streams at once take: node bench/load.mjs, after a build. Exits with 1 where a target is missed.
 *
 *   --wire anthropic    over the other SDK; no targets
 *   --streams 2000      one number of streams; targets count for 1000 and 5000
 *   --runs 1            how often each is run
 *   --quick             a few streams, to see that it runs; no target counts
 */
const { values } = parseArgs({
  options: {
    wire: { type: "string", default: "openai" },
    streams: { type: "string" },
    runs: { type: "string", default: "3" },
    quick: { type: "boolean", default: false },
  },
});
const { wire, quick } = values;
const runs = quick ? 1 : Number(values.runs);
const sizes = quick ? [100] : values.streams ? [Number(values.streams)] : [1000, 5000];
const shape = { tokens: 20, eventsPerWrite: 1, gapMs: quick ? 50 : 500 };
const load = { wire, rampMs: quick ? 200 : 2000, warmUp: 500, tokens: shape.tokens };
const targets = { 1000: { cpuMs: 3, rssMb: 260 }, 5000: { seconds: 18, rssMb: 1200, p99Ms: 150 } };
const columns = [
  ["wall, s", "seconds"],
  ["CPU a stream, ms", "cpuMs"],
  ["peak RSS, MB", "rssMb"],
  ["p99 loop delay, ms", "p99Ms"],
  ["most, ms", "maxMs"],
  ["connections at once", "peak"],
  ["server's CPU, s", "serverCpu"],
];

const peer = peers.find((each) => each.wire === wire);
const sdk = await peer.load().catch((error) => ({ missing: error.code ?? error.message }));
const rows = [];
for (const streams of sizes) {
  for (const side of ["ours", "bare"]) {
    const name = side === "ours" ? `callwright over ${peer.name} ${sdk.version}` : `${peer.name} ${sdk.version}, bare`;
    if (sdk.missing) {
      rows.push([String(streams), `${peer.name}, ${side}`, `not installed (${sdk.missing})`]);
      continue;
    }
    const reports = [];
    for (let run = 0; run < runs; run++) reports.push(await runOnce({ ...load, side, streams }));
    rows.push(rowOf(name, side, streams, reports));
  }
}

console.log(`node bench/load.mjs ${process.argv.slice(2).join(" ")}
Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}. Server: bench/load/server.mjs, in a process of its own; a new client process for each run.
Request: ${question.length} characters. Answer: ${shape.tokens} tokens, one in a TCP write, ${shape.gapMs} ms apart, in events of ${bytesAnEvent(wire, tokens(shape.tokens))} bytes. Streams are opened over ${load.rampMs} ms, after a warm-up of ${load.warmUp} streams.
CPU: user and system time of the client. Loop delay: perf_hooks, which measures every 10 ms and counts them in. Median (least–most) of ${runs} run${runs === 1 ? "" : "s"}.
`);
printTable(["streams", "client", "complete", ...columns.map(([title]) => title), "missed"], rows);

async function runOnce(load) {
  const server = fork(new URL("load/server.mjs", import.meta.url), [JSON.stringify(shape)], { execArgv: [] });
  const [access] = await once(server, "message");
  const client = fork(new URL("load/client.mjs", import.meta.url), [JSON.stringify({ ...load, ...access })], {
    execArgv: [],
  });
  const [report] = await Promise.race([once(client, "message"), once(client, "exit")]);
  if (typeof report !== "object") throw new Error(`The client of ${load.streams} streams ended with ${report}.`);
  server.send("report");
  const [{ cpu, peak }] = await once(server, "message");
  server.disconnect();
  return { ...report, peak, serverCpu: (cpu.user + cpu.system) / 1e6 };
}

function rowOf(name, side, streams, reports) {
  const least = Math.min(...reports.map(({ complete }) => complete));
  const problems = reports.flatMap(({ problem }) => problem ?? []);
  const missed = side === "ours" && wire === "openai" ? missesOf(streams, least, reports) : [];
  if (missed.length > 0) process.exitCode = 1;
  return [
    String(streams),
    name,
    `${((100 * least) / streams).toFixed(2)} %${problems.length > 0 ? ` (${problems[0].slice(0, 80)})` : ""}`,
    ...columns.map(([, figure]) => spread(reports.map((report) => report[figure]))),
    missed.join(", "),
  ];
}

function missesOf(streams, complete, reports) {
  const misses = Object.entries((quick ? undefined : targets[streams]) ?? {}).flatMap(([figure, most]) =>
    median(reports.map((report) => report[figure])) > most
      ? `${columns.find(([, name]) => name === figure)[0]} > ${most}`
      : [],
  );
  return complete < streams ? ["not all complete", ...misses] : misses;
}
