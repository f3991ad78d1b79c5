// Compiles the type tests as users of the package would: three compilers, both decorator modes.
// Then the source with the older compilers, and the tests and examples with the newest.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const compilers = { "TypeScript 5.9": "typescript-5", "TypeScript 6": "typescript-6", "TypeScript 7": "typescript" };
const modes = { legacy: ["--experimentalDecorators", "--emitDecoratorMetadata"], tc39: [] };

if (!existsSync(`${root}dist/index.d.ts`)) {
  console.error("The type tests read the built package: run `npm run build` first.");
  process.exit(1);
}

for (const compiler of Object.keys(compilers)) {
  for (const [mode, flags] of Object.entries(modes)) {
    compile(`the type tests, ${mode}`, compiler, "test/types", flags);
    compile(`a first program, with the README's settings, ${mode}`, compiler, "test/types/settings", flags);
  }
}
compile("the source", "TypeScript 5.9", "tsconfig.json");
compile("the source", "TypeScript 6", "tsconfig.json");
compile("tests and examples", "TypeScript 7", "test");

function compile(what, compiler, project, flags = []) {
  const started = performance.now();
  const tsc = `${root}node_modules/${compilers[compiler]}/bin/tsc`;
  const { status } = spawnSync(process.execPath, [tsc, "--noEmit", "-p", project, ...flags], {
    cwd: root,
    stdio: "inherit",
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${status === 0 ? "ok" : "FAILED"}  ${compiler}: ${what} (${seconds} s)`);
  if (status !== 0) process.exit(1);
}
