import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readTranscript } from "../../src/connect/transcript.js";
import { hostile, writeHostileReport } from "./hostile-report.js";

let folder = "";
let page = "";
let transcriptFile = "";
let reportFile = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "callwright-report-"));
  ({ transcriptFile, reportFile } = await writeHostileReport(folder));
  page = readFileSync(reportFile, "utf8");
});
afterAll(() => rmSync(folder, { recursive: true }));

test("every conversation stands in the transcript, a line each", async () => {
  const results = [];
  for await (const result of readTranscript(transcriptFile)) results.push(result);
  expect(results.map(({ id }) => id).sort()).toEqual(
    [...hostile.map((text, index) => `${index} ${text}`), "breaks", "fine"].sort(),
  );
});

test("whatever was said is text in the report: its tags are those of the page itself", () => {
  const tags = new Set([...page.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, name]) => name!.toLowerCase()));
  const own =
    "html head meta title style body main header div h1 h2 h3 span p svg rect dl dt dd small fieldset legend label input details summary b ul li br footer";
  expect([...tags].filter((tag) => !own.split(" ").includes(tag))).toEqual([]);
  expect(page).not.toMatch(/<[^>]+\son\w+=/i);
  expect(page).not.toMatch(/<[^>]*\s(src|href)=/i);
  expect(page).not.toMatch(/[\u001b\u202e]/);
});

test("its policy lets nothing be loaded or run, but for its own style sheet", () => {
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll("&#39;", "'");
  expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[\w+/]+=*'; base-uri 'none'; form-action 'none'$/);
});

test("what went wrong comes first", () => {
  expect(page.indexOf(">breaks<")).toBeLessThan(page.indexOf(">fine<"));
  expect(page).toContain("8 of 9 failed");
});
