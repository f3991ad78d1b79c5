import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, defineAgent, local } from "callwright/connect";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeReport } from "../../src/connect/report/report.js";
import { createTranscript, readTranscript } from "../../src/connect/transcript.js";
import { browserPath } from "../web/browser.js";

let folder = "";
let page = "";
const transcriptFile = () => join(folder, "transcripts.jsonl");
const reportFile = () => join(folder, "report.html");

const hostile = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "</style></details><iframe src=https://evil.test></iframe>",
  "[click](javascript:alert(1)) ![beacon](https://evil.test/beacon.png)",
  '{"json":"</script><script>alert(2)</script>"}',
  "\" onmouseover=\"alert(3)' onfocus='alert(4)",
  "turned \u202E around, \u001b[31mred",
];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "callwright-report-"));
  const scenarios = [
    ...hostile.map((text, index) => ({
      id: `${index} ${text}`,
      persona: { name: text },
      turns: [{ say: text, checks: [{ contains: text }] }],
      checks: [{ judge: text }],
    })),
    { id: "fine", turns: ["Hello."] },
    { id: "breaks", turns: ["Break."] },
  ];
  const transcript = await createTranscript(transcriptFile());
  const judge = (_: unknown, criterion: string) => ({ passed: false, reason: criterion });
  const backend = local({ scenarios, judge, onResult: (result) => transcript.write(result) });
  const agent = defineAgent({
    completion({ prompt }) {
      if (prompt === "Break.") throw new Error("<b>broken</b>");
      return { response: prompt };
    },
  });
  await connect(agent, { backend });
  await transcript.close();
  const { summary } = backend;
  await writeReport(reportFile(), transcriptFile(), { title: "Report <of> all", subtitle: "a & b", summary });
  page = readFileSync(reportFile(), "utf8");
});
afterAll(() => rmSync(folder, { recursive: true }));

test("every conversation stands in the transcript, a line each", async () => {
  const results = [];
  for await (const result of readTranscript(transcriptFile())) results.push(result);
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

test("a browser runs and loads nothing of it, styles it, and it fits a phone", { timeout: 60_000 }, async () => {
  const browser = await chromium.launch({
    executablePath: browserPath(),
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  try {
    const tab = await (await browser.newContext({ viewport: { width: 390, height: 800 } })).newPage();
    const loaded: string[] = [];
    const said: string[] = [];
    tab.on("request", (request) => loaded.push(request.url()));
    tab.on("console", (message) => said.push(message.text()));
    tab.on("dialog", (dialog) => {
      said.push(dialog.message());
      void dialog.dismiss();
    });
    await tab.goto(`file://${reportFile()}`);
    expect(loaded).toEqual([`file://${reportFile()}`]);
    expect(said).toEqual([]);
    expect(await tab.evaluate("document.documentElement.scrollWidth")).toBe(390);
    expect(await tab.locator("details:visible").count()).toBe(9);
    await tab.getByText("Passed 1").click();
    expect(await tab.locator("details:visible").count()).toBe(1);
  } finally {
    await browser.close();
  }
});
