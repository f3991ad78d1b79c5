import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { expect, test } from "vitest";
import { writeHostileReport } from "../connect/hostile-report.js";
import { browserPath, flags } from "./browser.js";

test("a browser runs and loads nothing of the report of a simulation, styles it, and it fits a phone", {
  timeout: 60_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "callwright-report-"));
  const { reportFile } = await writeHostileReport(folder);
  const browser = await chromium.launch({ executablePath: browserPath(), args: flags });
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
    await tab.goto(`file://${reportFile}`);
    expect(loaded).toEqual([`file://${reportFile}`]);
    expect(said).toEqual([]);
    expect(await tab.evaluate("document.documentElement.scrollWidth")).toBe(390);
    expect(await tab.locator("details:visible").count()).toBe(9);
    await tab.getByText("Passed 1").click();
    expect(await tab.locator("details:visible").count()).toBe(1);
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true });
  }
});
