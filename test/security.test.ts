import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = new URL("../", import.meta.url);
const page = readFileSync(new URL("docs/security.md", root), "utf8");
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| entry point"))
  .map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

test("every threat names its entry point, what holds, and a test", () => {
  expect(rows.length).toBeGreaterThan(30);
  for (const cells of rows) {
    expect(cells, cells.join(" | ")).toHaveLength(4);
    expect(
      cells.every((cell) => cell !== ""),
      cells.join(" | "),
    ).toBe(true);
    expect(cells[3]).toMatch(/^`test\/[\w./-]+\.test\.ts`: ".+"$/);
  }
});

test.each(rows.map((cells) => cells[3] ?? ""))("%s is there", (cell) => {
  const [, file = "", title = ""] = /^`(.+)`: "(.+)"$/.exec(cell) ?? [];
  const path = fileURLToPath(new URL(file, root));
  expect(existsSync(path)).toBe(true);
  expect(readFileSync(path, "utf8")).toContain(title);
});
