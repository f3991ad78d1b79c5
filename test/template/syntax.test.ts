import { expect, test } from "vitest";
import { parseTag, parseTemplate } from "../../src/template/grammar.js";
import { templateError } from "./rendering.js";

const errors: readonly (readonly [text: string, line: number, column: number, says: RegExp])[] = [
  ["Hi\n  {name", 2, 3, /"\{name" is not closed/],
  ["{a{b}", 1, 1, /"\{a" is not closed/],
  ["a {}", 1, 3, /doubled: \{\{ and \}\}/],
  ['JSON: {"a": 1}', 1, 7, /doubled/],
  ["{a b}", 1, 1, /is no variable/],
  ["{a..b}", 1, 1, /is no variable/],
  ["{1a}", 1, 1, /is no variable/],
  ["\r\n\r\n{x:lits}", 3, 1, /specifier ":lits"\. Did you mean ":list"\?/],
  ["{x:imgae}", 1, 1, /Did you mean ":image"\?/],
  ["{x:quarterly}", 1, 1, /no specifier ":quarterly"\. Known: list/],
  ["{x:}", 1, 1, /no specifier ":"/],
  ["{:cahce}", 1, 1, /Did you mean ":cache"\?/],
  ["{x:image(detail=huge)}", 1, 1, /one of low, high, auto, not "huge"/],
  ["{x:image(size=1)}", 1, 1, /no option "size"/],
  ["{x:list(detail=low)}", 1, 1, /no option "detail"/],
  ["{x:image(detail=low}", 1, 1, /are not closed/],
  ["{x:image(low)}", 1, 1, /has no value/],
  ["{x:image(__proto__=low)}", 1, 1, /no option "__proto__"/],
  ["{:cache(ttl=2h)}", 1, 1, /one of 5m, 1h/],
  ["{self}", 1, 1, /needs a member/],
  ["USER: a\n  MESSAGES: {h}\n  and {i}", 3, 3, /the text "and" stands in a MESSAGES section/],
  ["MESSAGES: {h:list}", 1, 11, /plain holes only/],
  ["MESSAGES: {:cache}", 1, 11, /plain holes only/],
];

test.each(errors)("%j fails at line %i, column %i", (text, line, column, says) => {
  const error = templateError(() => parseTemplate(text));
  expect(error).toMatchObject({ line, column });
  expect(error.message).toMatch(says);
  expect(error.message).toContain(`ine ${line}, column ${column}`);
});

test("an error quotes no more than the start of a long hole", () => {
  expect(templateError(() => parseTemplate(`{${"a b".repeat(1e5)}}`)).message.length).toBeLessThan(200);
});

test("white space in a hole does not count", () => {
  expect(parseTemplate("{ a . b : image ( detail = low ) }")).toMatchObject([
    { pieces: [{ path: ["a", "b"], options: { detail: "low" } }] },
  ]);
});

test("a tag is parsed once for each place in the code", () => {
  const place = (strings: TemplateStringsArray, ..._: unknown[]) => strings;
  const at = (value: unknown) => place`USER: ${value}`;
  expect(parseTag(at(1))).toBe(parseTag(at(2)));
});
