import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript-6";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8"));

/** Where an import leads that is no package's, under the conditions of a worker. */
function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith("#"))
    return manifest.imports[specifier].default.replace("./dist/", "src/").replace(/\.js$/, ".ts");
  if (!specifier.startsWith(".")) return undefined;
  return posix.join(posix.dirname(file), specifier).replace(/\.js$/, ".ts");
}

test("callwright/web reaches nothing of Node where there is no Node", () => {
  const seen = new Set<string>();
  const packages = new Set<string>();
  const open = ["src/web/index.ts"];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    // As it is built: what is only a type is gone.
    const { outputText } = ts.transpileModule(readFileSync(`${root}${file}`, "utf8"), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
    });
    for (const { fileName } of ts.preProcessFile(outputText, true, true).importedFiles) {
      const target = targetOf(file, fileName);
      if (target === undefined) packages.add(fileName);
      else if (existsSync(`${root}${target}`)) open.push(target);
      else packages.add(target);
    }
  }
  expect(seen.size).toBeGreaterThan(50);
  expect(
    [...packages].filter((name) => name.startsWith("node:") || name === "undici" || name.startsWith("src/")),
  ).toEqual([]);
});
