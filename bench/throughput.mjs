import { fork } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { median, printTable, spread } from "./speed/figures.mjs";
import { bytesAnEvent, question, tokens } from "./speed/load.mjs";
import { peers } from "./speed/peers.mjs";

/*
 * How many streamed calls are read to their end in a second: node bench/throughput.mjs, after a build. Exits with 1
 * where a target is missed.
 *
 *   node bench/throughput.mjs openai   one peer
 *   --quick                            a few calls of each, to see that it runs; no target counts
 */
const { values, positionals: wanted } = parseArgs({
  options: { quick: { type: "boolean", default: false } },
  allowPositionals: true,
});
const { quick } = values;
const inFlight = 100;
const shape = { tokens: 50, eventsPerWrite: 5, gapMs: 0 };
const { warmUp, blocks, calls } = quick ? { warmUp: 0, blocks: 1, calls: 200 } : { warmUp: 2, blocks: 10, calls: 500 };
const targets = { openai: 1.5 };
const expected = tokens(shape.tokens).join("").length;

const rows = [];
for (const peer of peers) {
  if (wanted.length > 0 && !wanted.includes(peer.wire)) continue;
  const sdk = await peer.load().catch((error) => ({ missing: error.code ?? error.message }));
  if (sdk.missing) {
    rows.push([peer.name, `not installed (${sdk.missing})`]);
    continue;
  }
  const server = fork(new URL("load/server.mjs", import.meta.url), [JSON.stringify(shape)], { execArgv: [] });
  const [{ atOnce }] = await once(server, "message");
  const access = atOnce[peer.wire];
  const figures = await compare(peer.bare(sdk, access), peer.ours(access), server);
  server.disconnect();
  const of = (side, figure) => figures[side].map((each) => each[figure]);
  const ratio = median(of("ours", "perSecond")) / median(of("bare", "perSecond"));
  const target = targets[peer.wire];
  const missed = !quick && target !== undefined && ratio < target;
  if (missed) process.exitCode = 1;
  for (const side of ["bare", "ours"]) {
    rows.push([
      side === "bare" ? `${peer.name} ${sdk.version}, bare` : `callwright over ${peer.name}`,
      spread(of(side, "perSecond")),
      spread(of(side, "cpuMs")),
      `${(100 * median(of(side, "serverBusy"))).toFixed(0)} %`,
      side === "bare" ? "" : `${ratio.toFixed(2)} ×`,
      side === "bare" || target === undefined || quick ? "" : `≥ ${target}${missed ? " MISSED" : ""}`,
    ]);
  }
}

console.log(`node bench/throughput.mjs ${process.argv.slice(2).join(" ")}
Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}. Server: bench/load/server.mjs, in a process of its own.
Request: ${question.length} characters. Answer: ${shape.tokens} tokens, ${shape.eventsPerWrite} in a TCP write, in events of ${bytesAnEvent("openai", tokens(shape.tokens))} (openai) and ${bytesAnEvent("anthropic", tokens(shape.tokens))} (anthropic) bytes. ${inFlight} calls in flight.
CPU: user and system time of this process. Medians (least–most) of ${blocks} blocks of ${calls} calls a side; the blocks alternate, after a warm-up of ${warmUp} a side.
`);
printTable(["client", "calls/s", "CPU a call, ms", "server busy", "ratio", "target"], rows);
// Bare SDKs keep their connections for a while.
process.exit();

/** Each side is first every other time, so that what disturbs one disturbs the other. */
async function compare(bare, ours, server) {
  const figures = { bare: [], ours: [] };
  for (let block = -warmUp; block < blocks; block++) {
    const sides = [
      ["bare", bare],
      ["ours", ours],
    ];
    for (const [side, { read }] of block % 2 ? sides.reverse() : sides) {
      const figure = await runBlock(read, server);
      if (block >= 0) figures[side].push(figure);
    }
  }
  return figures;
}

async function runBlock(read, server) {
  const serverBefore = await serverCpu(server);
  const before = process.cpuUsage();
  const startedAt = performance.now();
  let left = calls;
  const worker = async () => {
    while (left-- > 0) {
      const length = await read();
      if (length !== expected) throw new Error(`An answer has ${length} characters instead of ${expected}.`);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(before);
  return {
    perSecond: calls / seconds,
    cpuMs: (user + system) / 1000 / calls,
    serverBusy: ((await serverCpu(server)) - serverBefore) / seconds,
  };
}

/** Seconds so far. */
async function serverCpu(server) {
  server.send("report");
  const [{ cpu }] = await once(server, "message");
  return (cpu.user + cpu.system) / 1e6;
}
