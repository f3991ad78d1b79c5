import { type CallSettings, retry } from "callwright";
import { faults } from "callwright/testing";
import { expect } from "vitest";
import { answers, type Cell, fails, type Outcome, type Row } from "../row.js";
import { ask } from "../run.js";

const megabyte = 1024 * 1024;

/** More than any model says. */
export const sizes: readonly Row[] = [
  {
    id: "F29",
    fault: "10 MB in one event",
    replies: () => [faults.hugeEvent({ bytes: 10 * megabyte })],
    run: (cell) => unhurried(cell),
    plain: answers(),
    streamed: answers(),
    also: ({ answer }) => expect(answer?.length).toBe(10 * megabyte),
  },
  {
    id: "F29",
    fault: "a line without an end, longer than `limits.maxEventChars`",
    // A whole answer has no lines, so that its limit is another.
    replies: ({ onDefaults }) => [faults.noNewline({ bytes: (onDefaults ? 40 : 2) * megabyte })],
    run: (cell) => unhurried(cell, cell.onDefaults ? {} : { limits: { maxEventChars: megabyte } }),
    plain: answers(),
    streamed: fails("UnexpectedResponseError", 1),
    also: ({ error }, { streamed }) =>
      expect(error?.message).toEqual(streamed ? expect.stringContaining("limits.maxEventChars") : undefined),
  },
  {
    id: "F30",
    fault: "text without an end, as fast as it is read, up to `limits.maxResponseBytes`",
    replies: () => [{ ...faults.flood(), text: ["and so on "] }],
    // Also on the defaults, whose own limit takes seconds to reach.
    run: (cell) => unhurried(cell, { limits: { maxResponseBytes: megabyte } }),
    plain: fails("UnexpectedResponseError", 1),
    streamed: fails("UnexpectedResponseError", 1, expect.stringMatching(/^(and so on )+$/)),
    also({ error, shown }, { streamed }) {
      expect(error.message).toContain("limits.maxResponseBytes");
      // What came within the limit was handed out; of a chunk, some ten bytes are text.
      if (streamed) expect(shown.length).toBeGreaterThan(megabyte / 100);
      expect(shown.length).toBeLessThan(megabyte);
    },
  },
];

/** The clock of the defaults stands still: it could not tell much to do from silence. */
function unhurried(cell: Cell, settings: CallSettings = {}): Promise<Outcome> {
  return ask({ ...cell, onDefaults: false }, cell.onDefaults ? { ...settings, use: [retry()] } : settings);
}
