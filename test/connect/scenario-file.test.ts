import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadScenarios, ScenarioError } from "callwright/connect";
import { afterAll, beforeAll, expect, test } from "vitest";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "callwright-scenarios-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: string | Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}
async function errorOf(file: string): Promise<ScenarioError> {
  const error = await loadScenarios(file).then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(ScenarioError);
  return error;
}

const yaml = `
personas:
  hurried: Writes in fragments.
  rich: { description: Has time. }
scenarios:
  - id: refund
    persona: hurried
    turns:
      - hi
      - say: refund pls
        checks: [{ contains: refund }]
    checks:
      - schema: { type: object }
  - id: played
    persona: { name: own }
    user: { goal: Be heard, opening: Hey, maxTurns: 3 }
`;

test("scenarios and personas stand in a YAML file", async () => {
  const [first, second] = await loadScenarios(fileOf("all.yaml", yaml));
  expect(first).toEqual({
    id: "refund",
    persona: { name: "hurried", description: "Writes in fragments." },
    turns: ["hi", { say: "refund pls", checks: [{ contains: "refund" }] }],
    checks: [{ schema: { type: "object" } }],
  });
  expect(second).toEqual({
    id: "played",
    persona: { name: "own" },
    user: { goal: "Be heard", opening: "Hey", maxTurns: 3 },
  });
});

test("or on the lines of a JSONL file, where personas may come last", async () => {
  const lines = [
    '\uFEFF{"id":"a","persona":"hurried","turns":["Hi."]}',
    "",
    '{"type":"scenario","id":"b","turns":["Ho."]}\r',
    '{"type":"persona","name":"hurried","description":"Fast."}',
  ];
  expect(await loadScenarios(fileOf("all.jsonl", lines.join("\n")))).toEqual([
    { id: "a", persona: { name: "hurried", description: "Fast." }, turns: ["Hi."] },
    { id: "b", turns: ["Ho."] },
  ]);
});

test("or in a JSON file", async () => {
  expect(await loadScenarios(fileOf("all.json", '{"scenarios":[{"id":"a","turns":["Hi."]}]}'))).toHaveLength(1);
});

test.each<[name: string, content: string, line: number | undefined, field: string | undefined, problem: RegExp]>([
  [
    "wrong.yaml",
    "scenarios:\n  - id: a\n    turns:\n      - say: [1]\n",
    4,
    "scenarios[0].turns[0].say",
    /must be a text/,
  ],
  ["missing.yaml", "scenarios:\n  - id: a\n    turns: [Hi]\n  - turns: [Ho]\n", 4, "scenarios[1].id", /is missing/],
  [
    "persona.yaml",
    "personas:\n  hurried: Fast.\nscenarios:\n  - id: a\n    persona: huried\n    turns: [Hi]\n",
    5,
    "scenarios[0].persona",
    /Did you mean "hurried"/,
  ],
  [
    "twice.yaml",
    "scenarios:\n  - id: a\n    turns: [Hi]\n  - id: a\n    turns: [Hi]\n",
    4,
    "scenarios[1].id",
    /once more/,
  ],
  ["stranger.yaml", "scenario: []\n", 1, "scenario", /is not known/],
  ["broken.yaml", "scenarios:\n  - id: [a\n", 3, undefined, /is no YAML/],
  ["broken.json", '{"scenarios": [}', 1, undefined, /is no JSON/],
  ["keys.yaml", "scenarios: []\nscenarios: []\n", 2, undefined, /is no YAML.*unique/],
  ["tag.yaml", "scenarios: !!js/function 'x'\n", 1, undefined, /is no YAML/],
  ["empty.yaml", "scenarios: []\n", undefined, undefined, /holds no scenario/],
  ["broken.jsonl", '{"id":"a","turns":["Hi."]}\n{"id":"b",\n', 2, undefined, /is no JSON/],
  ["list.jsonl", "[1]\n", 1, undefined, /must be an object/],
  ["type.jsonl", '{"type":"order","id":"a"}\n', 1, "type", /is "order"; a line is a "scenario" or a "persona"/],
  ["twice.jsonl", '{"id":"a","turns":["Hi."]}\n{"id":"a","turns":["Hi."]}\n', 2, "id", /once more/],
])("%s: the error names the file, line and field", async (name, content, line, field, problem) => {
  const file = fileOf(name, content);
  const error = await errorOf(file);
  expect(error).toMatchObject({ code: "scenario", source: file, line, field });
  expect(error.message).toMatch(problem);
  expect(error.message.startsWith(`${file}${line === undefined ? "" : `:${line}`}: `)).toBe(true);
});

test("references that would grow into gigabytes are refused", async () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
  for (const [from, to] of ["ab", "bc", "cd", "de", "ef", "fg"].map((pair) => [...pair] as [string, string]))
    bomb.push(`${to}: &${to} [${Array(10).fill(`*${from}`).join(", ")}]`);
  expect((await errorOf(fileOf("bomb.yaml", bomb.join("\n")))).message).toMatch(/references make it too large/);
});

test("what is nested a hundred thousand deep is refused", async () => {
  expect((await errorOf(fileOf("deep.yaml", "[".repeat(100_000)))).message).toMatch(/nested too deeply|is no YAML/);
  expect((await errorOf(fileOf("deep.jsonl", `${"[".repeat(100_000)}${"]".repeat(100_000)}`))).message).toMatch(
    /nested more than/,
  );
});

test("what is no text, too large, no file, of another kind or not there is refused", async () => {
  expect((await errorOf(fileOf("binary.yaml", new Uint8Array([0x89, 0x50, 0xff, 0x00])))).message).toMatch(
    /no text in UTF-8/,
  );
  expect((await errorOf(fileOf("zero.jsonl", "\0"))).message).toMatch(/no text in UTF-8/);
  expect((await errorOf(fileOf("large.jsonl", new Uint8Array(50_000_000).fill(32)))).message).toMatch(
    /more than 20 MB/,
  );
  expect((await errorOf(fileOf("text.txt", "Hi."))).message).toMatch(/of no known kind/);
  expect((await errorOf(join(folder, "none.yaml"))).message).toMatch(/cannot be opened \(ENOENT\)/);
});

test.skipIf(process.platform === "win32")("a device is no file of scenarios", async () => {
  const { symlinkSync } = await import("node:fs");
  const file = join(folder, "device.yaml");
  symlinkSync("/dev/zero", file);
  expect((await errorOf(file)).message).toMatch(/is no file/);
});
