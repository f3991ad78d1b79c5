// Tries callwright with software that nobody here wrote: installs it once, installs the package as it would be published,
// runs all tests beside this file, and says how many passed. `--outputFile.json=<file>` gets the counts as well.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkTable } from "./tried-with.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const modules = join(here, "node_modules");
const windows = process.platform === "win32";

function must(command, args, cwd) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", shell: windows });
  if (status === 0) return stdout;
  console.error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`);
  process.exit(1);
}

/** The lock file that the installed packages are from. */
function install() {
  const lock = createHash("sha256")
    .update(readFileSync(join(here, "package-lock.json")))
    .digest("hex");
  const stamp = join(modules, ".installed-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.log("Installing the packages of test/interop …");
  must("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", here], here);
  writeFileSync(stamp, lock);
}

/** Puts the package where npm would, from a tarball, with its own versions of its dependencies, which the root has. */
function installCallwright() {
  must("npm", ["run", "build"], root);
  const folder = mkdtempSync(join(tmpdir(), "callwright-interop-"));
  try {
    const packed = must("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root);
    const [{ filename }] = JSON.parse(packed);
    const target = join(modules, "callwright");
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target);
    must("tar", ["-xzf", join(folder, filename), "-C", target, "--strip-components", "1"], folder);
    const { dependencies } = JSON.parse(readFileSync(join(target, "package.json"), "utf8"));
    for (const name of Object.keys(dependencies)) {
      const link = join(target, "node_modules", name);
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(join(root, "node_modules", name), link, "junction");
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (!checkTable()) process.exit(1);
install();
installCallwright();

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("-"));
const files = readdirSync(here)
  .filter((file) => file.endsWith(".test.mjs") && (wanted.length === 0 || wanted.some((name) => file.includes(name))))
  .sort();
// Each file starts servers and loads a library that takes its time; more than two would only wait for each other.
const flags = ["--test", "--test-concurrency=2", "--test-timeout=120000", "--test-reporter=spec"];
const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0" };
for (const name of Object.keys(env)) if (/^(OPENAI|ANTHROPIC)_|_PROXY$/i.test(name)) delete env[name];
const child = spawn(process.execPath, [...flags, ...files], { cwd: here, env, stdio: ["ignore", "pipe", "inherit"] });
let printed = "";
child.stdout.on("data", (data) => {
  printed += data;
  process.stdout.write(data);
});
child.on("close", (code) => {
  const count = (name) => Number(new RegExp(`^\\W*${name} (\\d+)$`, "m").exec(printed)?.[1] ?? 0);
  const [passed, failed, skipped] = [count("pass"), count("fail") + count("cancelled"), count("skipped")];
  const report = process.argv.find((argument) => argument.startsWith("--outputFile.json="));
  if (report)
    writeFileSync(
      report.slice(report.indexOf("=") + 1),
      JSON.stringify({ numPassedTests: passed, numFailedTests: failed }),
    );
  console.log(`interop on Node ${process.versions.node}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = code === 0 && failed === 0 && passed > 0 ? 0 : 1;
});
