import { expect, test } from "vitest";
import { fitUnicode } from "../../src/providers/unicode.js";

const half = "\ud83d";

test("halves of surrogate pairs are replaced in texts and keys at any depth, and nothing else is copied", () => {
  const untouched = { list: ["a", { b: "\u{1f600}" }] };
  const body = { untouched, [half]: [{ [half]: half, n: 1, none: null, flag: true }], last: "z" };
  const fitted = fitUnicode(body);
  expect(fitted).toEqual({
    untouched,
    "\ufffd": [{ "\ufffd": "\ufffd", n: 1, none: null, flag: true }],
    last: "z",
  });
  expect(Object.keys(fitted)).toEqual(["untouched", "\ufffd", "last"]);
  expect(fitted.untouched).toBe(untouched);
  expect(body[half]).toEqual([{ [half]: half, n: 1, none: null, flag: true }]);
  expect(fitUnicode(untouched)).toBe(untouched);
});

test("a half that is nested in sixty objects is found by looking at each object once", () => {
  let reads = 0;
  let body: object = { text: half };
  for (let depth = 0; depth < 60; depth++) {
    const inner = body;
    body = {
      get inner() {
        reads++;
        return inner;
      },
    };
  }
  expect(JSON.stringify(fitUnicode(body))).toContain("\ufffd");
  expect(reads).toBe(60);
});

test("what contains itself, in several places, or is nested thirty thousand deep is left to the sending", () => {
  const cycle: Record<string, unknown> = { name: half };
  Object.assign(cycle, { one: cycle, other: [cycle, cycle] });
  expect(fitUnicode(cycle)).toBe(cycle);
  let deep: unknown = half;
  for (let depth = 0; depth < 30_000; depth++) deep = { deep };
  expect(fitUnicode(deep)).toBe(deep);
});
