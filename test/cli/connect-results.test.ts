import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineAgent, ScenarioError } from "callwright/connect";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { CliError } from "../../src/cli/cli-error.js";
import { checkModels } from "../../src/cli/connect/check-models.js";
import type { StartJob } from "../../src/cli/connect/job.js";
import { isStrict } from "../../src/cli/connect/keyless.js";
import { simulate } from "../../src/cli/connect/simulate.js";
import { line, own, textOf } from "../../src/cli/line.js";
import { guarded } from "../../src/cli/output.js";
import { isStopCode, stopCode, untilSignalled } from "../../src/cli/signals.js";

let cwd = "";
let printed: string[] = [];
const text = () => printed.join("\n");
const inside = (file: string) => join(cwd, file);
const raw = { out: (said: string) => void printed.push(said), err: (said: string) => void printed.push(said) };

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "callwright-results-"));
  printed = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cwd, { recursive: true });
});

/** Runs scenarios as the command does, in this process. */
function run(checks: readonly object[], job: Partial<StartJob> = {}, signal = new AbortController().signal) {
  const scenarios = inside("s.jsonl");
  const lines = [
    { id: "one", turns: ["Hi."], checks },
    { id: "two", turns: ["Ho."] },
  ];
  writeFileSync(scenarios, lines.map((each) => JSON.stringify(each)).join("\n"));
  const agent = defineAgent(() => "Use s3cr3t-value or sk-abcdefghijkl, said <b>both</b>.");
  const whole: StartJob = { kind: "start", path: inside("a.mjs"), cwd, scenarios, folder: inside("out"), ...job };
  return simulate(whole, async () => agent, guarded(raw), signal);
}

test("a check that was not judged gives the exit code 3 if that matters, and one that fails 1", async () => {
  const polite = { judge: "It is polite." };
  expect(await run([polite], { offline: true })).toBe(0);
  expect(await run([polite], { offline: true, strict: true })).toBe(3);
  expect(text()).toMatch(/1 check not judged, so the exit code is 3/);
  expect(await run([polite, { contains: "goodbye" }], { offline: true, strict: true })).toBe(1);
  expect(await run([{ contains: "use" }], { strict: true })).toBe(0);
});

test.each([
  [undefined, false],
  ["", false],
  ["0", false],
  ["false", false],
  ["False", false],
  ["true", true],
  ["1", true],
])("with CI=%s, what is not judged matters: %s", (CI, expected) => {
  expect(isStrict(undefined, { CI })).toBe(expected);
  expect([isStrict(true, { CI }), isStrict(false, { CI })]).toEqual([true, false]);
});

test("the files are for their owner only, and hide what the terminal hides", async () => {
  vi.stubEnv("APP_TOKEN", "s3cr3t-value");
  vi.stubEnv("OTHER_KEY", "passed");
  mkdirSync(inside("out"));
  for (const file of ["report.html", "transcripts.jsonl"]) writeFileSync(inside(`out/${file}`), "old", { mode: 0o644 });
  await run([{ contains: "s3cr3t-value" }, { contains: "goodbye" }]);
  for (const file of ["report.html", "transcripts.jsonl"]) {
    const content = readFileSync(inside(`out/${file}`), "utf8");
    expect(content).not.toMatch(/s3cr3t|sk-abc/);
    expect(content).toContain("Use *** or ***, said");
    if (process.platform !== "win32") expect(statSync(inside(`out/${file}`)).mode & 0o777).toBe(0o600);
  }
  const results = readFileSync(inside("out/transcripts.jsonl"), "utf8").trim().split("\n");
  const outcomes = results.map((each) => JSON.parse(each)).map(({ id, outcome }) => [id, outcome]);
  expect(Object.fromEntries(outcomes)).toEqual({ one: "failed", two: "passed" });
});

test("the command's own words are printed as they are, whatever the environment holds", async () => {
  vi.stubEnv("APP_TOKEN", "conversations passed");
  vi.stubEnv("OTHER_KEY", "passed");
  vi.stubEnv("MORE_SECRET", "Report:");
  vi.stubEnv("FOLDER_TOKEN", "results-of-momo");
  expect(await run([{ contains: "use" }], { folder: inside("results-of-momo") })).toBe(0);
  expect(text()).toContain("✓ 2 of 2 conversations passed");
  expect(text()).toContain(`Report:      ***/report.html`);
});

test("a line keeps its own words and cleans its values, also behind a second guard", () => {
  const said = line`a ${"secret-value"} b ${3} c ${line`[${"secret-value"} d]`}${own("secret-value")}${"x"}`;
  expect(textOf(said)).toBe("a secret-value b 3 c [secret-value d]secret-valuex");
  expect(JSON.parse(JSON.stringify(said))).toEqual(said);
  const env = { A_KEY: "secret-value" };
  const twice = guarded(guarded(raw, env), env, ["other-value"]);
  twice.out(said);
  twice.err("secret-value \u001b other-value");
  expect(printed).toEqual(["a *** b 3 c [*** d]secret-valuex", "*** \\u001b ***"]);
});

test("a folder and a file of scenarios that cannot be used, and a model that nobody knows, are the command line's fault", async () => {
  writeFileSync(inside("file"), "");
  await expect(run([], { folder: inside("file") })).rejects.toThrow(CliError);
  await expect(run([], { folder: inside("file") })).rejects.toThrow(/cannot be a folder for the report \(EEXIST\)/);
  await expect(run([], { scenarios: inside("none.yaml") })).rejects.toThrow(ScenarioError);
  const snowglobe = { appId: "a", apiKey: "sg-key", url: "http://evil.test" };
  await expect(run([], { scenarios: undefined, snowglobe })).rejects.toThrow(CliError);
  const job = { kind: "start", path: "a.mjs", cwd } as const;
  expect(() => checkModels({ ...job, model: "nobody/gpt" })).toThrow(/^--model: No provider "nobody"/);
  expect(() => checkModels({ ...job, judge: "gpt-4o" })).toThrow(/^--judge: No provider "gpt-4o"/);
  expect(() => checkModels({ ...job, user: "openai/" })).toThrow(CliError);
  expect(() => checkModels({ ...job, judge: "openai/gpt-4o" })).not.toThrow();
});

test("a run that is stopped before it began counts its scenarios as not finished", async () => {
  expect(await run([{ contains: "use" }], {}, AbortSignal.abort())).toBe(0);
  expect(text()).toContain("– 0 of 2 conversations passed; 2 not finished");
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s stands for the exit code %d", (name, code) => {
  const { signal, release } = untilSignalled();
  try {
    process.emit(name, name);
    expect(signal.aborted).toBe(true);
    expect(stopCode(signal.reason)).toBe(code);
    expect(isStopCode(code)).toBe(true);
  } finally {
    release();
  }
});
