// Tries callwright on other runtimes, in bundles, in Jest and as the README says: copies this folder to a place outside of
// the repository, where no other package can be found by accident, and installs the package there as it would be published.
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { must, npmCi, pack, root, runTests } from "../steps.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "callwright-runtimes-"));
try {
  cpSync(here, folder, { recursive: true, filter: (path) => !path.includes("node_modules") });
  console.log("Installing the packages of test/interop/runtimes …");
  npmCi(folder);
  const archive = pack(folder);
  must("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", archive], folder);
  const variables = { CALLWRIGHT_ARCHIVE: archive, CALLWRIGHT_README: join(root, "README.md") };
  await runTests("runtimes", folder, readdirSync(folder), variables);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
