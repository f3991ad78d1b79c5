import { readFileSync, writeFileSync } from "node:fs";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cellOf } from "./cell.js";
import type { Row } from "./row.js";
import { sections } from "./sections.js";
import { tableOf, withTables } from "./table.js";

const page = new URL("../../docs/field.md", import.meta.url);
const passed = new Map<Row, { plain: string[]; streamed: string[] }>();
const rows = sections.flatMap((section) => section.rows);

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

test("every row has a place of its own in the table", () => {
  const ids = rows.map(({ id }) => id);
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

describe.each(rows)("$id $report", (row) => {
  for (const way of row.ways ?? (["plain", "streamed"] as const)) {
    for (const target of row.on) {
      test(`${target}, ${way}: ${row.outcome}`, async () => {
        await row.run(cellOf(target, way === "streamed", server));
        const cells = passed.get(row) ?? { plain: [], streamed: [] };
        cells[way].push(target);
        passed.set(row, cells);
      });
    }
  }
});

// Last, since it compares the page with what passed above. UPDATE_DOCS=1 writes the page.
test("docs/field.md shows what passed here", () => {
  const text = readFileSync(page, "utf8");
  const written = withTables(text, tableOf(sections, passed));
  if (process.env.UPDATE_DOCS) writeFileSync(page, written);
  else expect(text).toBe(written);
});
