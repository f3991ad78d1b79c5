// What the two runs of this folder share: commands, the package as it would be published, and counted tests.
import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const windows = process.platform === "win32";

/** Runs a command to its end; if it fails, prints all that it wrote and ends the process. */
export function must(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", shell: windows });
  if (status === 0) return stdout;
  console.error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
  process.exit(1);
}

export const npmCi = (folder) => must("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder);

/** Builds the package and packs it into a folder. Returns the path of the archive. */
export function pack(folder) {
  must("npm", ["run", "build"], root);
  const packed = must("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root);
  return join(folder, JSON.parse(packed)[0].filename);
}

/**
 * Runs test files, and sets the exit code. The command line may name some of them by a part of their names; the counts go
 * to the file of `--outputFile.json=<file>` as well.
 */
export async function runTests(what, folder, found, variables = {}) {
  const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
  const files = found
    .filter((file) => file.endsWith(".test.mjs") && (wanted.length === 0 || wanted.some((name) => file.includes(name))))
    .sort();
  // Each file starts servers and loads a library that takes its time; more than two would only wait for each other.
  const flags = ["--test", "--test-concurrency=2", "--test-timeout=300000", "--test-reporter=spec"];
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0", ...variables };
  for (const name of Object.keys(env)) if (/^(OPENAI|ANTHROPIC)_|_PROXY$/i.test(name)) delete env[name];
  const child = spawn(process.execPath, [...flags, ...files], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (data) => {
    printed += data;
    process.stdout.write(data);
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  const count = (name) => Number(new RegExp(`^\\W*${name} (\\d+)$`, "m").exec(printed)?.[1] ?? 0);
  const [passed, failed, skipped] = [count("pass"), count("fail") + count("cancelled"), count("skipped")];
  const report = process.argv.find((argument) => argument.startsWith("--outputFile.json="));
  if (report) {
    const counts = { numPassedTests: passed, numFailedTests: failed };
    writeFileSync(report.slice(report.indexOf("=") + 1), JSON.stringify(counts));
  }
  console.log(`${what} on Node ${process.versions.node}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = code === 0 && failed === 0 && passed > 0 ? 0 : 1;
}
