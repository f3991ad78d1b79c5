import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { printTable, spread } from "./speed/figures.mjs";

/*
 * What callwright weighs: node bench/size.mjs, after a build. Exits with 1 above a ceiling.
 * Ceilings are raised by hand, with a reason in the commit.
 */
const ceilings = { packedKb: 340, unpackedKb: 1150, importMs: 150 };

const root = fileURLToPath(new URL("..", import.meta.url));
const [packed] = JSON.parse(
  execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: root, encoding: "utf8" }),
);

// A new process each time: a module is loaded once in each.
const measureImport = `
  const startedAt = performance.now();
  await import("./dist/index.js");
  console.log(performance.now() - startedAt);`;
const importMs = Array.from({ length: 11 }, () =>
  Number(execFileSync(process.execPath, ["--input-type=module", "-e", measureImport], { cwd: root })),
);

const packedKb = packed.size / 1000;
const unpackedKb = packed.unpackedSize / 1000;
printTable(
  ["what", "figure", "ceiling"],
  [
    ["tarball, kB", packedKb.toFixed(1), String(ceilings.packedKb)],
    [`unpacked, kB in ${packed.entryCount} files`, unpackedKb.toFixed(1), String(ceilings.unpackedKb)],
    ["import, ms", spread(importMs), String(ceilings.importMs)],
  ],
);
// The fastest import counts: whatever else runs on the machine only slows it down.
const over =
  packedKb > ceilings.packedKb || unpackedKb > ceilings.unpackedKb || Math.min(...importMs) > ceilings.importMs;
if (over) process.exitCode = 1;
