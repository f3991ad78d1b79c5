import { expect, test } from "vitest";
import { extractJson, parseJsonText } from "../src/json-text.js";

const book = '{"title": "Dune", "notes": ["a }]} in text", "a \\" and ["]}';
const value = JSON.parse(book);

test.each([
  ["alone", book, "nothing"],
  ["with space around it", `\n  ${book}\n`, "nothing"],
  ["after prose", `Here is the book:\n${book}`, "prose"],
  ["in a fence", `\`\`\`\n${book}\n\`\`\``, "fence"],
  ["in a fence with a language", `\`\`\`json\n${book}\n\`\`\``, "fence"],
  ["in a fence on one line", `\`\`\`json ${book}\`\`\``, "fence"],
  ["in a fence, with prose around it", `Here it is:\n\n\`\`\`json\n${book}\n\`\`\`\nDo you want another?`, "fence"],
  ["after prose with brackets", `The {book} as asked [sic], a {"half"}:\n${book}`, "prose"],
  ["after a byte order mark", `\uFEFF${book}`, "nothing"],
])("the one JSON value is taken, and told from where: %s", (_, text, around) => {
  expect(extractJson(text)).toEqual({ value, around });
});

test.each([
  ["[1, 2]", [1, 2]],
  ["42", 42],
  ['"text with {\\"a\\": 1}"', 'text with {"a": 1}'],
  [" null\n", null],
])("an answer that is JSON as a whole may be of any kind: %j", (text, expected) => {
  expect(extractJson(text)).toEqual({ value: expected, around: "nothing" });
});

const several = "The answer holds more than one JSON value.";
const follows = "Text follows the JSON. The answer must end with it, or put it alone in a code fence.";
const cutOff = "The JSON is cut off: a bracket or a string is never closed.";
const none = "The answer holds no JSON object or array.";

test.each([
  ["two values", `${book}\n${book}`, several],
  ["two fences", `\`\`\`json\n${book}\n\`\`\`\nor\n\`\`\`json\n${book}\n\`\`\``, several],
  ["a value in prose and one in a fence", `[1] says:\n\`\`\`\n${book}\n\`\`\``, several],
  ["text after it", `${book}\nNo, make that Emma.`, follows],
  ["text after it, in the fence", `\`\`\`\n${book}\nNo.\n\`\`\``, follows],
  ["text before it, in the fence", `\`\`\`\nBook: ${book}\n\`\`\`\nVoilà.`, follows],
  ["cut off", 'Here: {"books": [{"title": "Dune"}', cutOff],
  ["cut off in a string", '{"title": "Du', cutOff],
  ["prose alone", "I cannot say.", none],
  ["a primitive in prose", "The answer is 42.", none],
  ["nothing", "", none],
])("what leaves a choice is a problem: %s", (_, text, problem) => {
  expect(extractJson(text)).toEqual({ problem });
});

test("a broken value is never answered by a value inside it", () => {
  expect(extractJson("{'first': 'x', \"second\": {\"a\": 1}}")).toEqual({
    problem: expect.stringMatching(/^The JSON cannot be parsed: /),
    summary: "The JSON cannot be parsed: it goes wrong at position 1.",
  });
});

test.each([extractJson, parseJsonText])("64 levels are read, 65 are a problem: $name", (read) => {
  expect(read("[".repeat(64) + "]".repeat(64))).toHaveProperty("value");
  expect(read("[".repeat(65) + "]".repeat(65))).toEqual({ problem: "The JSON is nested more than 64 deep." });
});

test.each(["{", "[", '{"a":', '["'])("a bomb of %s is a problem, found in linear time", (opening) => {
  const text = opening.repeat(1e6);
  const start = process.cpuUsage();
  expect(parseJsonText(text)).toHaveProperty("problem");
  expect(extractJson(`So: ${text}`)).toHaveProperty("problem");
  const { user } = process.cpuUsage(start);
  // A quadratic search would take minutes.
  expect(user).toBeLessThan(2_000_000);
});

test.each(["[x]", "{}x", '"', "```"])("an answer of many %s is a problem, found in linear time", (piece) => {
  const start = process.cpuUsage();
  expect(extractJson(`So: ${piece.repeat(300_000)}`)).toHaveProperty("problem");
  const { user } = process.cpuUsage(start);
  expect(user).toBeLessThan(2_000_000);
});

test("some hundred brackets in prose hide no JSON", () => {
  expect(extractJson(`${"[sic] ".repeat(500)}${book}`)).toEqual({ value, around: "prose" });
});

test.each([
  ["prose", parseJsonText(`Here: ${book}`)],
  ["a fence", parseJsonText(`\`\`\`\n${book}\n\`\`\``)],
  ["text after it", parseJsonText(`${book} x`)],
  ["nothing", parseJsonText("")],
])("text that must be JSON may be nothing else: %s", (_, result) => {
  expect(result).toEqual({
    problem: expect.stringMatching(/^The JSON cannot be parsed: /),
    // It quotes nothing of the text, so that it can be logged.
    summary: expect.stringMatching(/^The JSON cannot be parsed(: it goes wrong at position \d+)?\.$/),
  });
});

test("text that must be JSON says where it is cut off", () => {
  expect(parseJsonText('{"a": [1, 2')).toEqual({ problem: cutOff });
});

test.each([parseJsonText, extractJson])("keys __proto__ are dropped at any depth: $name", (read) => {
  const text =
    '{"a": [{"b": {"\\u005f_proto__": {"isAdmin": true}, "constructor": 1}}], "__proto__": {"isAdmin": true}}';
  expect(read(text)).toMatchObject({ value: { a: [{ b: { constructor: 1 } }] } });
  expect(Object.keys((read(text) as { value: object }).value)).toEqual(["a"]);
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
});

test("duplicate keys and numbers beyond all bounds are read as JSON.parse reads them", () => {
  expect(parseJsonText('{"a": 1, "a": 1e400}')).toEqual({ value: { a: Infinity } });
});

test("brackets in a string at the root do not count", () => {
  expect(parseJsonText(JSON.stringify("[".repeat(100)))).toEqual({ value: "[".repeat(100) });
});
