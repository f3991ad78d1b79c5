import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadScenarios, ScenarioError } from "callwright/connect";
import { stringify } from "yaml";
import { mutateJson, mutateText, strange } from "../mutate.js";
import { checkError, must } from "../oracle.js";
import { jsonOf, latin1 } from "../seeds.js";
import type { Target } from "../target.js";

interface ScenarioInput {
  readonly extension: string;
  /** Bytes, each as one character. */
  readonly file: string;
}

const schema = {
  type: "object",
  properties: {
    title: { type: "string", pattern: "^M", minLength: 1 },
    tags: { type: "array", items: { enum: ["a"] }, maxItems: 2 },
  },
  required: ["title"],
  additionalProperties: false,
};
const document = {
  personas: { Ada: "Is in a hurry.", Bo: { description: "Likes long words." } },
  scenarios: [
    {
      id: "one",
      persona: "Ada",
      turns: ["Hello", { say: "A book?", checks: [{ contains: "Momo" }] }],
      checks: [{ schema }],
    },
    { id: "two", persona: { name: "Cy" }, user: { goal: "Find a book", opening: "Hi", maxTurns: 3 } },
    { id: "three", turns: ["Bye"], checks: [{ matches: "^B" }, { notMatches: "x" }, { judge: "Is it polite?" }] },
  ],
};
const extensions = ["yaml", "json", "jsonl"] as const;

let folder = "";

export const scenarios: Target<ScenarioInput> = {
  name: "scenarios",

  async open() {
    folder = mkdtempSync(join(tmpdir(), "callwright-fuzz-"));
  },

  make(random) {
    const extension = random.pick(extensions);
    const value = random.chance(0.02) ? strange(random) : random.chance(0.85) ? mutateJson(document, random) : document;
    const text = textOf(extension, value);
    const bytes = latin1(random.chance(0.4) ? mutateText(text, random) : text);
    return { extension, file: bytes };
  },

  async run({ extension, file }) {
    const path = join(folder, `tried.${extension}`);
    writeFileSync(path, Buffer.from(file, "latin1"));
    try {
      const loaded = await loadScenarios(path);
      must(loaded.length > 0, "a file without scenarios");
      for (const { id, turns, user } of loaded) {
        must(typeof id === "string" && id !== "", `the id ${id}`);
        must((turns === undefined) !== (user === undefined), "neither turns nor a user, or both");
      }
      return "loaded";
    } catch (error) {
      const code = checkError(error, true);
      must(error instanceof ScenarioError, `an error of another kind: ${(error as Error).stack}`);
      must(error.line === undefined || error.line >= 1, `the line ${error.line}`);
      return code;
    }
  },

  async close() {
    rmSync(folder, { recursive: true, force: true });
  },
};

function textOf(extension: (typeof extensions)[number], value: any): string {
  if (extension === "json") return jsonOf(value);
  if (extension === "jsonl")
    return Array.isArray(value?.scenarios) ? value.scenarios.map(jsonOf).join("\n") : jsonOf(value);
  try {
    return stringify(value);
  } catch {
    return jsonOf(value);
  }
}
