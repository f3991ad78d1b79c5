import { getEventListeners } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { type WireServer, wireServer } from "callwright/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { providerOf, references } from "../streams/wire-chunks.js";
import { Leftovers } from "./leftovers.js";
import type { Cell, Ending, Row } from "./row.js";
import { rows } from "./rows.js";
import { ask, endingOf, runRow } from "./run.js";
import { tableOf, withTable } from "./table.js";
import { onVirtualClock } from "./virtual-clock.js";

const page = new URL("../../docs/reliability.md", import.meta.url);
const seen = new Map<Row, Pick<Row, "plain" | "streamed">>();

let server: WireServer;
let leftovers: Leftovers;
const rejections: unknown[] = [];
const note = (reason: unknown) => void rejections.push(reason);

beforeAll(async () => {
  process.on("unhandledRejection", note);
  // The first call of a provider loads its SDK, which no cell should pay for.
  await using warm = await wireServer();
  for (const reference of references) {
    await ask({ provider: providerOf(reference), reference, streamed: true, onDefaults: false, server: warm });
  }
});
afterAll(() => void process.off("unhandledRejection", note));
beforeEach(async () => {
  leftovers = new Leftovers();
  server = await wireServer();
});
afterEach(async () => {
  await server.close();
  leftovers.restore();
});

/** Runs a cell to its end, and looks at what it left. */
async function check(row: Row, cell: Cell, expected: Ending): Promise<void> {
  const caller = new AbortController();
  const watched: Row = { ...row, settings: { ...row.settings, signal: row.settings?.signal ?? caller.signal } };
  const outcome = await (cell.onDefaults ? onVirtualClock(() => runRow(watched, cell)) : runRow(watched, cell));

  expect(endingOf(outcome), outcome.error?.message).toEqual(expected);
  if (!cell.onDefaults)
    seen.set(row, {
      streamed: row.streamed,
      ...seen.get(row),
      [cell.streamed ? "streamed" : "plain"]: endingOf(outcome),
    });
  if (expected.shown) expect(outcome.error.partial?.content).toBe(outcome.shown);
  await row.also?.(outcome, cell);

  await server.close();
  expect(await leftovers.remaining()).toEqual([]);
  expect(getEventListeners(caller.signal, "abort")).toHaveLength(0);
  expect(rejections.splice(0)).toEqual([]);
}

describe.each(rows)("$id $fault", (row) => {
  for (const reference of references) {
    const provider = providerOf(reference);
    for (const streamed of [false, true]) {
      const way = streamed ? "streamed" : "plain";
      const expected = row[way];
      if (!expected) continue;
      test(`${provider}, ${way}: ${expected.ends}`, () =>
        check(row, { provider, reference, streamed, onDefaults: false, server }, expected));
    }
  }

  // The defaults wait for minutes; two cells are enough to see them.
  for (const [reference, way] of [
    [references[0], "streamed"],
    [references[1], "plain"],
  ] as const) {
    const provider = providerOf(reference);
    const expected = row.onDefaults?.[way] ?? row[way];
    if (!expected) continue;
    test(`${provider}, ${way}, with every default, on a virtual clock: ${expected.ends}`, () =>
      check(row, { provider, reference, streamed: way === "streamed", onDefaults: true, server }, expected));
  }
});

// Last, since it tells what the tests above saw. UPDATE_DOCS=1 writes the page.
test("docs/reliability.md shows every cell as it ended here", () => {
  const text = readFileSync(page, "utf8");
  const told = withTable(text, tableOf(seen));
  if (process.env.UPDATE_DOCS) writeFileSync(page, told);
  else expect(text).toBe(told);
});
