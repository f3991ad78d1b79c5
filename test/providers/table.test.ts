import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Preset } from "../../src/providers/presets/preset.js";
import { compatiblePresets, openaiPreset } from "../../src/providers/presets/presets.js";

const page = readFileSync(new URL("../../docs/providers.md", import.meta.url), "utf8");

const code = (text: string | undefined) => (text === undefined ? "none" : `\`${text}\``);

/** What a row of the page's table says, from the preset itself. */
function rowOf({ provider, baseURL, baseUrlEnv, apiKeyEnv, quirks }: Preset): string {
  const options = Object.entries(quirks.fields ?? {}).flatMap(([option, field]) =>
    field === false ? [code(option)] : [],
  );
  const lacks = [
    ...(quirks.fields?.topK === undefined ? ["`topK`"] : []),
    ...options,
    ...(quirks.strictTools === false ? ["strict tools"] : []),
    ...(quirks.schemas === false ? ["native schemas"] : []),
    ...(quirks.images === false ? ["images"] : quirks.images === "bytes" ? ["links to images"] : []),
    ...(quirks.audio === false ? ["sound"] : []),
    ...(quirks.documents === false ? ["documents"] : quirks.documents === undefined ? ["links to documents"] : []),
  ];
  return `| ${code(provider)} | ${baseURL ?? code(baseUrlEnv)} | ${code(apiKeyEnv)} | ${lacks.join(", ") || "—"} |`;
}

test("the table of docs/providers.md is what the presets are", () => {
  const rows = page.split("\n").filter((line) => /^\| `\w+` \|/.test(line) && !line.startsWith("| `anthropic`"));
  expect(rows).toEqual([openaiPreset, ...compatiblePresets].map(rowOf));
});
