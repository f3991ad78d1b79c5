import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { anthropicStrictness } from "../../../src/testing/strict/anthropic.js";
import { mistralStrictness } from "../../../src/testing/strict/mistral.js";
import { openaiChatStrictness } from "../../../src/testing/strict/openai-chat.js";
import { openaiResponsesStrictness } from "../../../src/testing/strict/openai-responses.js";

const page = new URL("../../../docs/testing.md", import.meta.url);
const marks = ["<!-- strict: written by test/testing/strict -->", "<!-- /strict -->"] as const;
const wires = {
  "Anthropic Messages": anthropicStrictness,
  "OpenAI Chat Completions": openaiChatStrictness,
  "OpenAI Responses": openaiResponsesStrictness,
  Mistral: mistralStrictness,
};

// UPDATE_DOCS=1 writes the page.
test("docs/testing.md lists what each wire refuses", () => {
  const rows = Object.entries(wires).flatMap(([wire, { rules }]) => rules.map(({ title }) => `| ${wire} | ${title} |`));
  const all =
    "| all | A body that is not a JSON object in UTF-8, or has half a surrogate pair anywhere, keys included |";
  const table = ["| wire | what is refused |", "|---|---|", all, ...rows].join("\n");
  const text = readFileSync(page, "utf8");
  const [from, to] = [text.indexOf(marks[0]) + marks[0].length, text.indexOf(marks[1])];
  const written = `${text.slice(0, from)}\n\n${table}\n\n${text.slice(to)}`;
  if (process.env.UPDATE_DOCS) writeFileSync(page, written);
  else expect(text).toBe(written);
});
