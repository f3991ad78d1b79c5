import { fork } from "node:child_process";
import { once } from "node:events";
import { megabytes, pieceBytes } from "./memory/server.mjs";
import { printTable } from "./speed/figures.mjs";

/*
 * What a stream that is longer than memory takes: node bench/memory.mjs, after a build.
 * Exits with 1 where a reader does not get all of it through its heap.
 */
const heapMb = 160;

const server = fork(new URL("memory/server.mjs", import.meta.url), { execArgv: [] });
const [access] = await once(server, "message");
const rows = [];
for (const [wire, model] of [
  ["openai", "openai/gpt-4o-mini"],
  ["anthropic", "anthropic/claude-haiku-4-5"],
]) {
  const startedAt = performance.now();
  const reader = fork(new URL("memory/reader.mjs", import.meta.url), [model, JSON.stringify(access[wire])], {
    execArgv: [`--max-old-space-size=${heapMb}`],
  });
  const report = await Promise.race([once(reader, "message"), once(reader, "exit")]);
  const { characters = 0, kept = 0, rssMb = 0 } = typeof report[0] === "object" && report[0] ? report[0] : {};
  const whole = characters >= megabytes * 1e6 && kept === 0;
  if (!whole) process.exitCode = 1;
  const seconds = (performance.now() - startedAt) / 1000;
  rows.push([
    wire,
    `${(characters / 1e6).toFixed(1)} MB`,
    whole ? "complete" : "NOT complete",
    rssMb.toFixed(0),
    seconds.toFixed(1),
  ]);
}
server.disconnect();

console.log(
  `Node ${process.versions.node}, --max-old-space-size=${heapMb}; ${megabytes} MB of text in pieces of ${pieceBytes} bytes, read by textStream({ collect: false }).\n`,
);
printTable(["wire", "text read", "outcome", "peak RSS, MB", "seconds"], rows);
