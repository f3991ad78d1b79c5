// Tries callwright with software that nobody here wrote: installs it once, installs the package as it would be published,
// and runs all tests beside this file.
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
import { must, npmCi, pack, root, runTests } from "./steps.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const modules = join(here, "node_modules");

/** Installs the packages of the lock file, unless they are there. */
function install() {
  const lock = createHash("sha256")
    .update(readFileSync(join(here, "package-lock.json")))
    .digest("hex");
  const stamp = join(modules, ".installed-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  console.log("Installing the packages of test/interop …");
  npmCi(here);
  writeFileSync(stamp, lock);
}

/** Puts the package where npm would, from an archive, with its own versions of its dependencies, which the root has. */
function installCallwright() {
  const folder = mkdtempSync(join(tmpdir(), "callwright-interop-"));
  try {
    const archive = pack(folder);
    const target = join(modules, "callwright");
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target);
    must("tar", ["-xzf", archive, "-C", target, "--strip-components", "1"], folder);
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

install();
installCallwright();
await runTests("interop", here, readdirSync(here));
