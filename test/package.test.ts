import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript-6";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string) => readFileSync(`${root}${file}`, "utf8");
const manifest: Record<string, Record<string, unknown>> = JSON.parse(read("package.json"));
interface LockedPackage {
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const lock: { packages: Record<string, LockedPackage> } = JSON.parse(read("package-lock.json"));

/** Runs an ES module in a process of its own, at the root of the package, and gives what it printed. */
const runModule = (code: string, ...flags: string[]) =>
  execFileSync(process.execPath, [...flags, "--input-type=module", "--eval", code], { cwd: root, encoding: "utf8" });

test("npm packs the build, the licence and the texts, and nothing else", () => {
  const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const paths: string[] = JSON.parse(packed)[0].files.map((file: { path: string }) => file.path);
  const allowed = /^(dist\/.+\.(js|d\.ts)|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;
  expect(paths.filter((path) => !allowed.test(path))).toEqual([]);
  expect(paths).toEqual(expect.arrayContaining(["README.md", "LICENSE", "CHANGELOG.md", "dist/index.d.ts"]));
});

test("every file that package.json points at is built", () => {
  const targets = (node: unknown): string[] =>
    typeof node === "string" ? [node] : Object.values(node as object).flatMap(targets);
  const pointed = targets([manifest.exports, manifest.imports, manifest.bin]);
  expect(pointed.filter((file) => !existsSync(`${root}${file}`))).toEqual([]);
});

test("every file of the build comes from a source file", () => {
  const built = readdirSync(`${root}dist`, { recursive: true, encoding: "utf8" }).filter((file) => /\.\w+$/.test(file));
  expect(built.filter((file) => !existsSync(`${root}src/${file.replace(/(\.d\.ts|\.js)$/, ".ts")}`))).toEqual([]);
});

test("installing callwright runs no script", () => {
  const installScripts = ["preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"];
  expect(Object.keys(manifest.scripts ?? {}).filter((name) => installScripts.includes(name))).toEqual([]);
});

test("nothing that comes with callwright runs a script when it is installed", () => {
  const scripted = Object.entries(lock.packages).filter(([path, entry]) => path !== "" && entry.hasInstallScript);
  expect(scripted.filter(([, { dev, devOptional }]) => !dev && !devOptional).map(([path]) => path)).toEqual([]);
});

test("every dependency and peer stands in docs/dependencies.md with a reason", () => {
  const rows = read("docs/dependencies.md").split("\n");
  const names = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const explained = (name: string) => rows.some((row) => row.startsWith(`| \`${name}\` |`) && row.length > 60);
  expect(names.filter((name) => !explained(name))).toEqual([]);
});

test("every peer is optional", () => {
  expect(Object.keys(manifest.peerDependenciesMeta ?? {}).sort()).toEqual(
    Object.keys(manifest.peerDependencies ?? {}).sort(),
  );
});

test("the lock file has the integrity of every package, and no address of a registry", () => {
  const packages = Object.entries(lock.packages).filter(([path]) => path !== "");
  expect(packages.filter(([, entry]) => entry.integrity === undefined).map(([path]) => path)).toEqual([]);
  expect(packages.filter(([, entry]) => entry.resolved !== undefined).map(([path]) => path)).toEqual([]);
});

test("the lock file knows the optional packages of every platform, without which `npm ci` refuses it", () => {
  const paths = Object.keys(lock.packages);
  const missing = Object.values(lock.packages)
    .flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}))
    .filter((name) => !paths.some((path) => path.endsWith(`node_modules/${name}`)));
  expect(missing).toEqual([]);
});

test("the types that users meet name only packages that come with callwright", () => {
  const foreign: string[] = [];
  const seen = new Set<string>();
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const { fileName: name } of ts.preProcessFile(read(file), true, true).importedFiles) {
      const [scope = "", rest = ""] = name.split("/");
      if (name.startsWith(".")) visit(posix.join(posix.dirname(file), name.replace(/\.js$/, ".d.ts")));
      else if (manifest.dependencies?.[scope.startsWith("@") ? `${scope}/${rest}` : scope] === undefined)
        foreign.push(`${file} names ${name}`);
    }
  };
  visit("dist/index.d.ts");
  visit("dist/testing/index.d.ts");
  visit("dist/web/index.d.ts");
  visit("dist/connect/index.d.ts");
  expect(foreign).toEqual([]);
});

for (const entry of ["callwright", "callwright/testing", "callwright/web", "callwright/connect"]) {
  test(`importing ${entry} loads neither an SDK, nor undici, zod, the price table or reflect-metadata`, () => {
    // The hooks see every resolution by import; what CommonJS required in turn stands in its cache.
    const hooks = `
      import { writeSync } from "node:fs";
      export async function resolve(specifier, context, next) {
        const resolved = await next(specifier, context);
        writeSync(1, resolved.url + "\\n");
        return resolved;
      }`;
    const loaded = runModule(`
      import { createRequire, register } from "node:module";
      register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});
      await import(${JSON.stringify(entry)});
      process.on("exit", () => console.log(Object.keys(createRequire(process.cwd() + "/").cache).join("\\n")));
    `);
    expect(loaded).toContain("/dist/errors.js");
    const heavy =
      /\/node_modules\/(openai|@anthropic-ai\/sdk|undici|zod|zod-to-json-schema|@pydantic\/genai-prices|reflect-metadata|yaml|commander|tsx)\//;
    expect(loaded.split("\n").filter((url) => heavy.test(url))).toEqual([]);
  });

  test(`require("${entry}") works, so nothing in it awaits at the top level`, () => {
    const print = `console.log(Object.keys(require(${JSON.stringify(entry)})).length > 0)`;
    const printed = execFileSync(process.execPath, ["--eval", print], { cwd: root, encoding: "utf8" });
    expect(printed.trim()).toBe("true");
  });
}

test("importing callwright opens nothing and adds no global", () => {
  const printed = runModule(`
    const globals = Object.getOwnPropertyNames(globalThis);
    await import("callwright");
    const open = process.getActiveResourcesInfo().filter((kind) => /Timeout|Immediate|TCP|TLS|DNS|MessagePort/.test(kind));
    const added = Object.getOwnPropertyNames(globalThis).filter((name) => !globals.includes(name));
    console.log(JSON.stringify({ open, added }));
  `);
  expect(JSON.parse(printed)).toEqual({ open: [], added: [] });
});
