import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { tokens } from "../speed/load.mjs";
import { peers } from "../speed/peers.mjs";

/*
 * Opens many streams and reads them to their end, with one client in a process of its own, so that its memory and its
 * event loop are its own.
 */
const { wire, side, streams, rampMs, warmUp, tokens: count, paced, atOnce } = JSON.parse(process.argv[2]);
const peer = peers.find((each) => each.wire === wire);
const sdk = await peer.load();
const readerOf = (access) => (side === "bare" ? peer.bare(sdk, access[wire]) : peer.ours(access[wire])).read;
const expected = tokens(count).join("").length;
let complete = 0;
let problem;

await warm(readerOf(atOnce));
const read = readerOf(paced);
// What the warm-up left to do is not measured.
await setTimeout(500);

const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();
const cpuBefore = process.cpuUsage();
const startedAt = performance.now();
const reading = [];
while (reading.length < streams) {
  const due = Math.min(streams, Math.ceil((streams * (performance.now() - startedAt)) / rampMs));
  while (reading.length < due) reading.push(readOne(read));
  await setTimeout(5);
}
await Promise.all(reading);
const { user, system } = process.cpuUsage(cpuBefore);
delay.disable();

process.send({
  complete,
  problem,
  seconds: (performance.now() - startedAt) / 1000,
  cpuMs: (user + system) / 1000 / streams,
  rssMb: process.resourceUsage().maxRSS / 1000,
  p99Ms: delay.percentile(99) / 1e6,
  maxMs: delay.max / 1e6,
});
process.disconnect();
// Bare SDKs keep their connections for a while.
process.exit();

async function readOne(read) {
  try {
    const length = await read();
    if (length === expected) complete++;
    else problem ??= `${length} characters instead of ${expected}`;
  } catch (error) {
    problem ??= String(error);
  }
}

async function warm(read) {
  let left = warmUp;
  const worker = async () => {
    while (left-- > 0) await read();
  };
  await Promise.all(Array.from({ length: 20 }, worker));
}
