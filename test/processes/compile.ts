import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript-6";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Compiles a script of this folder, so that a plain `node` can run it; tsx takes longer to load than most scripts to
 * run. It imports the built package.
 *
 * @returns The path of the script that it wrote.
 */
export function compile(script: string): string {
  const { outputText } = ts.transpileModule(readFileSync(`${root}test/processes/${script}`, "utf8"), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    fileName: script,
  });
  mkdirSync(`${root}.processes`, { recursive: true });
  const path = `${root}.processes/${script.replace(/\.ts$/, ".mjs")}`;
  writeFileSync(path, outputText);
  return path;
}
