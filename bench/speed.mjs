import { fork } from "node:child_process";
import { once } from "node:events";
import { cpus } from "node:os";
import { median, printTable, spread } from "./speed/figures.mjs";
import { answer, bytesAnEvent, eventsPerWrite, pieces, question } from "./speed/load.mjs";
import { compare, measures } from "./speed/measure.mjs";
import { peers } from "./speed/peers.mjs";

/*
 * What a decorated call costs, against the vendor's SDK as it comes.
 *
 *   npm run bench                      all peers; exits with 1 where a target is missed
 *   node bench/speed.mjs --quick       a few calls of each, to see that it runs; no target counts
 *   node bench/speed.mjs openai        one peer
 */
const quick = process.argv.includes("--quick");
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("--"));

const rows = [];
let missed = 0;
for (const peer of peers) {
  if (wanted.length > 0 && !wanted.includes(peer.wire)) continue;
  const sdk = await peer.load().catch((error) => ({ missing: error.code ?? error.message }));
  if (sdk.missing) {
    rows.push([peer.name, `not installed (${sdk.missing})`]);
    continue;
  }
  for (const measure of measures) {
    // A new server for each, since it keeps all requests that it ever got.
    const server = fork(new URL("speed/server.mjs", import.meta.url), { execArgv: [] });
    const [{ [peer.wire]: access }] = await once(server, "message");
    const { bare, ours } = await compare(measure, { bare: peer.bare(sdk, access), ours: peer.ours(access) }, quick);
    server.disconnect();
    const ratio = median(ours) / median(bare);
    const target = peer.targets[measure.name];
    const reached = measure.more ? ratio >= target : ratio <= target;
    if (!reached) missed++;
    const goal = quick ? "" : `${measure.more ? "≥" : "≤"} ${target}${reached ? "" : " MISSED"}`;
    rows.push([
      `${peer.name} ${sdk.version}`,
      measure.title,
      spread(bare),
      spread(ours),
      `${ratio.toFixed(2)} ×`,
      goal,
    ]);
  }
}

console.log(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}. Server: callwright/testing, in a process of its own.
Request: ${question.length} characters. Answer: ${answer.length} characters. Stream: ${pieces.length} chunks of ${bytesAnEvent("openai", pieces)} (openai) and ${bytesAnEvent("anthropic", pieces)} (anthropic) bytes, ${eventsPerWrite} in a TCP write.
CPU: user and system time of this process, in µs. Medians (least–most) of ${measures.map(({ blocks, calls, title }) => `${blocks} blocks of ${calls} (${title})`).join(", ")};
the blocks of both sides alternate, after a warm-up of ${measures.map(({ warmUp }) => warmUp).join(", ")} blocks a side.${quick ? "\n--quick: a single small block without a warm-up; these figures mean nothing." : ""}
`);
printTable(["peer", "what", "bare SDK", "callwright", "ratio", "target"], rows);
if (missed > 0 && !quick) process.exitCode = 1;
// Bare SDKs keep their connections for a while.
process.exit();
