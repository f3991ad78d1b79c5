import fc from "fast-check";
import { expect, test } from "vitest";
import { PartialJson } from "../src/partial-json.js";

/** The values shown after each piece. */
function shown(...pieces: string[]): unknown[] {
  const json = new PartialJson();
  return pieces.map((piece) => {
    json.feed(piece);
    return structuredClone(json.value);
  });
}

function read(text: string, size = text.length): unknown {
  const json = new PartialJson();
  for (let at = 0; at < text.length; at += size) json.feed(text.slice(at, at + size));
  json.end();
  expect(json.complete).toBe(true);
  return json.value;
}

/** JSON as a model may write it: with white space, escapes that need not be, and halves of surrogate pairs. */
const anyText = fc
  .tuple(fc.jsonValue({ stringUnit: "binary", depthSize: "medium" }), fc.constantFrom(undefined, 2, "\t"), fc.boolean())
  .map(([value, indent, escaped]) => {
    const text = JSON.stringify(value, null, indent);
    return escaped
      ? text.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      : text;
  })
  .filter((text) => !text.includes("__proto__"));

test("pieces of any size give what JSON.parse gives for the whole", () => {
  fc.assert(
    fc.property(anyText, fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 }), (text, sizes) => {
      const json = new PartialJson();
      for (let at = 0, step = 0; at < text.length; step++) {
        const size = sizes[step % sizes.length]!;
        json.feed(text.slice(at, at + size));
        at += size;
      }
      json.end();
      expect(json.value).toEqual(JSON.parse(text));
    }),
    { numRuns: 2000 },
  );
});

test("a text that JSON.parse refuses is refused, and one that it takes is taken", () => {
  const tokens = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    '"a"',
    "\\",
    "u0041",
    "1",
    "-",
    "0",
    ".5",
    "e3",
    "true",
    "nul",
    " ",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...tokens), { maxLength: 9 }), fc.boolean(), (list, whole) => {
      const text = list.join("");
      let parsed: { value: unknown } | undefined;
      try {
        parsed = { value: JSON.parse(text) };
      } catch {}
      if (parsed) expect(read(text, whole ? text.length : 1)).toEqual(parsed.value);
      else expect(() => read(text, whole ? text.length : 1)).toThrow(SyntaxError);
    }),
    { numRuns: 5000 },
  );
});

test("strings grow, and keys come with their values", () => {
  expect(shown('{"ti', 'tle"', ":", ' "', "Du", 'ne", "ye', 'ar": 19', "65}")).toEqual([
    {},
    {},
    {},
    { title: "" },
    { title: "Du" },
    { title: "Dune" },
    { title: "Dune" },
    { title: "Dune", year: 1965 },
  ]);
});

test("a number is not shown before its end is known, a literal not before its last letter", () => {
  expect(shown("[1", "2", ",", "tru", "e", ",-", "1.", "5e", "1", "]")).toEqual([
    [],
    [],
    [12],
    [12],
    [12, true],
    [12, true],
    [12, true],
    [12, true],
    [12, true],
    [12, true, -15],
  ]);
});

test("objects and arrays stay the same ones while they grow", () => {
  const json = new PartialJson();
  json.feed('{"books": [{"title": "Du');
  const root = json.value as { books: { title: string }[] };
  const { books } = root;
  const [book] = books;
  json.feed('ne"}, {}]}');
  expect(json.value).toBe(root);
  expect(root.books).toBe(books);
  expect(books[0]).toBe(book);
  expect(root).toEqual({ books: [{ title: "Dune" }, {}] });
});

test("half an escape and half a surrogate pair are held back", () => {
  expect(shown('["a', "\\", "n", "\\u00", "e9", "\ud83d", "\ude00", "\\ud83d", "\\ude0", '1"]')).toEqual([
    ["a"],
    ["a"],
    ["a\n"],
    ["a\n"],
    ["a\né"],
    ["a\né"],
    ["a\né😀"],
    ["a\né😀"],
    ["a\né😀"],
    ["a\né😀😁"],
  ]);
});

test("a lone surrogate is shown once nothing can follow it", () => {
  expect(shown('["\\ud83d', "x", '\\ud83d"')).toEqual([[""], ["\ud83dx"], ["\ud83dx\ud83d"]]);
});

test("a root may be a string, a number or a literal", () => {
  expect(shown('"a', 'b"')).toEqual(["a", "ab"]);
  expect(read("42", 1)).toBe(42);
  expect(read(" null ", 1)).toBe(null);
});

test("a bare number is complete only at the end", () => {
  const json = new PartialJson();
  json.feed("4");
  expect([json.value, json.complete]).toEqual([undefined, false]);
  json.end();
  expect([json.value, json.complete]).toEqual([4, true]);
});

test.each([
  '{"a": 1, "__proto__": {"isAdmin": true, "deep": [1, {"x": "y"}]}, "b": 2}',
  '{"a": 1, "\\u005f\\u005fproto__": "text", "b": 2}',
  '{"a": 1, "__prot\\u006f__": [[]], "b": 2}',
])("a key __proto__ is dropped with its value: %s", (text) => {
  for (const size of [1, text.length]) {
    const value = read(text, size) as object;
    expect(Object.keys(value)).toEqual(["a", "b"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  }
  expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
});

test("a key constructor is a key like any other", () => {
  expect(read('{"constructor": {"prototype": {"x": 1}}}', 1)).toEqual(
    JSON.parse('{"constructor": {"prototype": {"x": 1}}}'),
  );
  expect(({} as { x?: number }).x).toBeUndefined();
});

test("the last of two equal keys wins, and 1e400 is Infinity", () => {
  expect(read('{"a": {"b": 1}, "a": "c"}', 1)).toEqual({ a: "c" });
  expect(read("[1e400, -1e400]", 1)).toEqual([Infinity, -Infinity]);
});

test("64 levels are read, 65 are refused", () => {
  expect(() => read("[".repeat(64) + "]".repeat(64))).not.toThrow();
  expect(() => read("[".repeat(65) + "]".repeat(65))).toThrow("The JSON is nested more than 64 deep, at position 64.");
});

test.each([
  ["[", 1e6],
  ['{"a":', 1e5],
] as const)("a bomb of %s is refused as too deep", (opening, count) => {
  expect(() => read(opening.repeat(count))).toThrow(/nested more than 64 deep/);
});

test.each([
  ['{"a": 1} x', 'The JSON has "x" where the end should be, at position 9.'],
  ["{'a': 1}", 'The JSON has "\'" where a key in double quotes or } should be, at position 1.'],
  ['{"a" 1}', 'The JSON has "1" where a colon should be, at position 5.'],
  ["[1 2]", 'The JSON has "2" where a comma or the closing bracket should be, at position 3.'],
  ["[1,]", 'The JSON has "]" where a value should be, at position 3.'],
  ["[nope]", "The JSON has a word that is no value, at position 2."],
  ["[1.e]", "The JSON has a number that is none, at position 4."],
  ['["\\x"]', "The JSON has an unknown escape in a string, at position 3."],
  ['["a\nb"]', "The JSON has a control character in a string, at position 3."],
  ['{"a": [1', "The JSON ends before its value is whole, at position 8."],
  ["", "The JSON ends before its value is whole, at position 0."],
])("what is wrong, and where, is said: %j", (text, message) => {
  for (const size of [1, Math.max(text.length, 1)]) expect(() => read(text, size)).toThrow(new SyntaxError(message));
});

test("what was shown stays after an error", () => {
  const json = new PartialJson();
  expect(() => json.feed('{"title": "Dune", "year": !')).toThrow(SyntaxError);
  expect(json.value).toEqual({ title: "Dune" });
  expect(json.complete).toBe(false);
});

/** CPU time in microseconds, of which other processes take none. */
function cost(text: string): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const before = process.cpuUsage();
    const json = new PartialJson();
    for (const unit of text.split("")) json.feed(unit);
    json.end();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, user + system);
  }
  return best;
}

test.each([
  ["one string", (size: number) => `"${"a".repeat(size)}"`],
  ["a string of emoji", (size: number) => `["${"😀".repeat(size / 2)}"]`],
  ["a string of escapes", (size: number) => `["${"\\n".repeat(size / 2)}"]`],
  ["one number", (size: number) => `[${"1".repeat(size)}]`],
  ["one key", (size: number) => `{"${"k".repeat(size)}": ""}`],
  ["many values", (size: number) => `[${'{"a":1},'.repeat(size / 8)}0]`],
  ["white space", (size: number) => `[${" ".repeat(size)}]`],
])(
  "1 MB that comes by the character costs linear time: %s",
  (_, make) => {
    // Quadratic work would be 256 times as much for 16 times the text, and shows at the first of the two before it takes minutes.
    expect(cost(make(2 ** 17))).toBeLessThan(64 * Math.max(cost(make(2 ** 13)), 1000));
    expect(cost(make(2 ** 20))).toBeLessThan(64 * Math.max(cost(make(2 ** 16)), 1000));
  },
  60_000,
);

test("a piece of 32 MB is read", () => {
  expect(read(`{"a": "${"b".repeat(2 ** 25)}"}`)).toHaveProperty("a.length", 2 ** 25);
});
