import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const here = fileURLToPath(new URL(".", import.meta.url));

const packages = `${here}node_modules`;

/** The programs of the runtimes, from the npm packages of this platform; no install script has to run for them. */
export const programs = {
  node: () => process.execPath,
  bun: () => inPackage(`${packages}/@oven`, "bin/bun"),
  deno: () => inPackage(`${packages}/@deno`, "deno"),
  workerd: () => inPackage(`${packages}/@cloudflare`, "bin/workerd"),
};

/** The package of this platform holds the program; which one that is depends on the machine. */
function inPackage(scope, program) {
  const found = readdirSync(scope).map((name) => `${scope}/${name}/${program}`);
  const [path] = found.filter((path) => existsSync(path));
  if (path === undefined) throw new Error(`No ${program} for this platform in ${scope}.`);
  return path;
}

/** Runs a program to its end; rejects if it fails, with all that it wrote. */
export async function run(command, args, { env, ...options } = {}) {
  const child = spawn(command, args, {
    cwd: here,
    env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...options,
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (data) => {
    output += data;
  });
  child.stderr.on("data", (data) => {
    errors += data;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}\n${errors}`);
  return output;
}
