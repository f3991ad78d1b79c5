// Compiles the tests of this folder twice, once for each kind of decorators, into .modes/<mode>.
// A file without its mode's helper fails, so that neither run can silently be the other.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const modes = {
  legacy: { helper: "__decorate(", flags: ["--experimentalDecorators", "--emitDecoratorMetadata"] },
  tc39: { helper: "__esDecorate(", flags: [] },
};

for (const [mode, { helper, flags }] of Object.entries(modes)) {
  const outDir = `${root}.modes/${mode}`;
  rmSync(outDir, { recursive: true, force: true });
  const tsc = spawnSync(
    process.execPath,
    [`${root}node_modules/typescript/bin/tsc`, "-p", `${root}test/modes`, "--outDir", outDir, ...flags],
    { stdio: "inherit" },
  );
  if (tsc.status !== 0) fail(`the ${mode} run of test/modes does not compile`);

  const files = readdirSync(outDir, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
  if (files.length === 0) fail(`the ${mode} run of test/modes emitted nothing`);
  for (const file of files) {
    if (!readFileSync(`${outDir}/${file}`, "utf8").includes(helper))
      fail(`.modes/${mode}/${file} holds no ${helper}…): a test without decorators belongs in test/`);
  }
  console.log(`${mode}: ${files.length} files, each with ${helper}…)`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
