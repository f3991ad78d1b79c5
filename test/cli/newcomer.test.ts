import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "./project.js";

// What somebody does who has just heard of callwright: from an empty folder to a report, with the package as npm would
// deliver it, and without a key. Installing asks the registry for the dependencies; nothing else goes over the network.

const isWindows = process.platform === "win32";
const folder = mkdtempSync(join(tmpdir(), "callwright-newcomer-"));
const project = join(folder, "project");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// In CI a run that asks no model fails.
const { OPENAI_API_KEY: _, ANTHROPIC_API_KEY: __, OPENAI_BASE_URL: ___, CI: ____, ...env } = process.env;
const npm = (args: readonly string[], cwd: string) =>
  execFileSync("npm", args, { cwd, env, encoding: "utf8", shell: isWindows, stdio: ["ignore", "pipe", "pipe"] });
const callwright = (args: string) => {
  const from = performance.now();
  const { status, stdout, stderr } = spawnSync("npx", ["--no-install", "callwright", ...args.split(" ")], {
    cwd: project,
    env,
    encoding: "utf8",
    shell: isWindows,
  });
  return { status, stdout, text: `${stderr}${stdout}`, seconds: (performance.now() - from) / 1000 };
};

beforeAll(() => {
  const [{ filename }] = JSON.parse(npm(["pack", "--json", "--ignore-scripts", "--pack-destination", folder], root));
  mkdirSync(project);
  npm(["init", "-y"], project);
  npm(["install", "--no-audit", "--no-fund", "--prefer-offline", join(folder, filename)], project);
}, 180_000);

test("from an empty folder to a report, in under a minute, without a key", { timeout: 120_000 }, () => {
  let seconds = 0;
  const run = (args: string) => {
    const ran = callwright(args);
    seconds += ran.seconds;
    expect(ran.status, ran.text).toBe(0);
    return ran.text;
  };
  expect(run("connect init --yes")).toContain("Wrote agent.mjs");
  expect(run("connect test")).toMatch(/No OPENAI_API_KEY is set[\s\S]*No model was asked/);
  const report = /^Report: +(\S+)$/m.exec(run("connect start --scenarios scenarios.yaml"))?.[1] ?? "";
  expect(readFileSync(join(project, report), "utf8")).toContain("remembers-a-name");
  console.log(`init, test and start took ${seconds.toFixed(1)} s`);
  expect(seconds).toBeLessThan(60);
  expect(readdirSync(project).sort()).toEqual([
    ".callwright",
    ".gitignore",
    "agent.mjs",
    "node_modules",
    "package-lock.json",
    "package.json",
    "scenarios.yaml",
  ]);
});

test("a second init changes nothing and fails", () => {
  const before = statSync(join(project, "agent.mjs")).mtimeMs;
  const { status, text } = callwright("connect init --yes");
  expect([status, text]).toEqual([2, expect.stringMatching(/agent\.mjs is there already/)]);
  expect(statSync(join(project, "agent.mjs")).mtimeMs).toBe(before);
}, 30_000);

test("TypeScript without tsx is told what to install, and so is a call without its SDK", () => {
  writeFileSync(join(project, "a.ts"), "export const x: number = 1;");
  for (const args of ["run a.ts", "serve a.ts", "connect test --agent ./a.ts"]) {
    const { status, text } = callwright(args);
    expect([status === 0, text]).toEqual([
      false,
      expect.stringMatching(
        /a\.ts is TypeScript, and tsx, which loads it, is not installed\. Run npm install --save-dev tsx/,
      ),
    ]);
  }
  writeFileSync(
    join(project, "b.mjs"),
    'import { call, prompt } from "callwright"; export const ask = call("openai/gpt-4o-mini", { apiKey: "k" })(() => prompt`Hi`);',
  );
  const { status, text } = callwright("run b.mjs");
  expect([status, text]).toEqual([1, expect.stringMatching(/npm install openai/)]);
}, 60_000);

test.runIf(!isWindows)(
  "the installed command is executable, and starts with Node's line",
  () => {
    const main = join(project, "node_modules/callwright/dist/cli/main.js");
    expect(statSync(main).mode & 0o111).not.toBe(0);
    expect(readFileSync(main, "utf8")).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(existsSync(join(project, "node_modules/.bin/callwright"))).toBe(true);
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(callwright("--version").stdout.trim()).toBe(version);
  },
  30_000,
);
