import { expect, test } from "vitest";
import { visible, visibleInLine } from "../src/visible.js";

test.each([
  ["\u001b[2J", "\\u001b[2J"],
  ["a\rb", "a\\u000db"],
  ["a\u061cb", "a\\u061cb"],
  ["a\u2028b\u2029", "a\\u2028b\\u2029"],
  ["a\u200bb\u2060\ufeff", "a\\u200bb\\u2060\\ufeff"],
  ["a\u200db\u200c", "a\\u200db\\u200c"],
  ["a\u{e0041}\u{e007f}", "a\\u{e0041}\\u{e007f}"],
  ["\u{1f600}\u{e0101}", "\u{1f600}\\u{e0101}"],
  ["\u202eabc\u2066", "\\u202eabc\\u2066"],
  ["so\u00adft", "so\\u00adft"],
])("what is hidden or steers is shown: %j", (text, shown) => {
  expect(visible(text)).toBe(shown);
  expect(visibleInLine(text)).toBe(shown);
});

test.each(["Zürich\n\tNaïve", "日本語", "👩‍👩‍👧 👍🏽 ❤️ 👨🏽‍🚀", "می‌خواهم", "क्‍ष", "\u0301"])(
  "what is written with such characters stays: %j",
  (text) => {
    expect(visible(text)).toBe(text);
  },
);

test("a value within a line cannot end it, and is cut if it is long", () => {
  expect(visibleInLine("a\nb\tc\r\nd")).toBe("a\\u000ab\\u0009c\\u000d\\u000ad");
  expect(visibleInLine("x".repeat(1000))).toBe(`${"x".repeat(200)}…`);
});
