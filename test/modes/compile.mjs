// Compiles the tests of this folder once for each kind of decorators and each meaning of class fields, into .modes/<build>.
// A file without its build's helper fails, so that no run can silently be another.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

const legacy = {
  helper: "__decorate(",
  options: { experimentalDecorators: true, emitDecoratorMetadata: true },
};
const tc39 = { helper: "__esDecorate(", options: {} };

const builds = {
  legacy: { ...legacy, useDefineForClassFields: true },
  tc39: { ...tc39, useDefineForClassFields: true },
  "legacy-assign": { ...legacy, useDefineForClassFields: false },
  "tc39-assign": { ...tc39, useDefineForClassFields: false },
};

for (const [build, { helper, options, useDefineForClassFields }] of Object.entries(builds)) {
  const outDir = `${root}.modes/${build}`;
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const config = {
    extends: "../../test/modes/tsconfig.json",
    compilerOptions: { ...options, useDefineForClassFields, outDir: "." },
    include: ["../../test/modes"],
    // A folder holds what only its own kind of decorators can do.
    exclude: [`../../test/modes/${build.startsWith("legacy") ? "tc39" : "legacy"}`],
  };
  writeFileSync(`${outDir}/tsconfig.json`, JSON.stringify(config));
  const tsc = spawnSync(process.execPath, [`${root}node_modules/typescript/bin/tsc`, "-p", outDir], {
    stdio: "inherit",
  });
  if (tsc.status !== 0) fail(`the ${build} run of test/modes does not compile`);

  const files = readdirSync(outDir, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
  if (files.length === 0) fail(`the ${build} run of test/modes emitted nothing`);
  for (const file of files) {
    if (!readFileSync(`${outDir}/${file}`, "utf8").includes(helper))
      fail(`.modes/${build}/${file} holds no ${helper}…): a test without decorators belongs in test/`);
  }
  console.log(`${build}: ${files.length} files, each with ${helper}…)`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
