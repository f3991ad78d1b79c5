import { expect, test } from "vitest";
import { audio, document, image, text } from "../../src/content.js";
import { assistant, system, user } from "../../src/message.js";
import { pdf, png, render, tag, templateError, wav } from "./rendering.js";

const picture = image(png);
const link = "https://x.test/a.png";

test("a part stands in place, and the template's text beside it loses its white space", () => {
  const content = [text("Look at"), picture, text("and say what")];
  expect(render("Look at {x}\n and say what", { x: picture })).toEqual([user(content)]);
  expect(tag`Look at ${picture} and say what`).toEqual([user(content)]);
});

test("text of a value keeps its white space beside a part", () => {
  expect(render("{a}{x} {b}", { a: "a ", b: " b", x: picture })).toEqual([user([text("a "), picture, text(" b")])]);
});

test("text that surrounds values is one part, and white space alone is none", () => {
  expect(render("a {n} b {x} \n {x} c", { n: 1, x: picture })).toEqual([
    user([text("a 1 b"), picture, picture, text("c")]),
  ]);
});

test("a list of parts and text stands in place, one part each", () => {
  const content = [text("See"), text("one"), picture, text("two")];
  expect(render("See {x}", { x: ["one", picture, null, "", "two"] })).toEqual([user(content)]);
  expect(tag`See ${["one", picture, "two"]}`).toEqual([user(content)]);
});

test("a text part stays a part of its own", () => {
  expect(tag`a ${text("b")} c`).toEqual([user([text("a"), text("b"), text("c")])]);
});

test(":list makes lines, an empty list nothing", () => {
  expect(render("{x:list}", { x: ["a", 2, null, false] })).toEqual([user("a\n2\nfalse")]);
  expect(render("{x:list}", { x: [] })).toEqual([]);
});

test(":lists makes blocks of lines", () => {
  expect(render("{x:lists}", { x: [["a", "b"], [], ["c"]] })).toEqual([user("a\nb\n\nc")]);
});

test("each hole is rendered by its own specifier, and :list in prose is text", () => {
  expect(render("{x} {x:list} :list", { x: ["a"] })).toEqual([user('["a"] a :list')]);
});

test(":text and :texts make separate parts in order", () => {
  expect(render("Compare {a:text} {b:text}{cs:texts}", { a: "1", b: "2", cs: ["3", "4"] })).toEqual([
    user([text("Compare"), text("1"), text("2"), text("3"), text("4")]),
  ]);
});

test(":image takes links, data URLs, bytes and parts, with the detail that is asked for", () => {
  const base64 = `data:image/png;base64,${Buffer.from(png).toString("base64")}`;
  const content = [link, new URL(link), base64, png, picture].map((source) =>
    render("{x:image(detail=low)}", { x: source }),
  );
  expect(content).toEqual([
    [user([image(link, { detail: "low" })])],
    [user([image(link, { detail: "low" })])],
    [user([image(png, { detail: "low" })])],
    [user([image(png, { detail: "low" })])],
    [user([image(png, { detail: "low" })])],
  ]);
});

test(":images takes a list", () => {
  expect(render("{xs:images(detail=high)}", { xs: [link, png] })).toEqual([
    user([image(link, { detail: "high" }), image(png, { detail: "high" })]),
  ]);
});

test(":audio and :document take bytes and parts, :document also links", () => {
  const parts = [audio(wav), document(pdf), document("https://x.test/a.pdf")];
  expect(render("{a:audio}{b:document}{c:document}", { a: wav, b: pdf, c: "https://x.test/a.pdf" })).toEqual([
    user(parts),
  ]);
  expect(render("{a:audio}{b:document}", { a: parts[0], b: parts[1] })).toEqual([user(parts.slice(0, 2))]);
});

test.each(["text", "image", "audio", "document"])("{x:%s} with null or undefined is left out", (specifier) => {
  expect(render(`a {x:${specifier}}`, { x: null })).toEqual([user("a ")]);
  expect(render(`USER: {x:${specifier}}`, { x: undefined })).toEqual([]);
});

test.each(["list", "lists", "texts", "images"])("{x:%s} without a list is an error", (specifier) => {
  for (const x of [null, undefined, "a", { length: 1 }]) {
    const error = templateError(() => render(`{x:${specifier}}`, { x }));
    expect(error.variable).toBe("x");
    expect(error.message).toContain("must be a list");
  }
});

const wrong: readonly (readonly [hole: string, value: unknown, says: string])[] = [
  ["x:image", "/etc/passwd", "http(s)"],
  ["x:image", "file:///etc/passwd", "http(s)"],
  ["x:image", "javascript:alert(1)", "http(s)"],
  ["x:image", Uint8Array.of(1, 2, 3), "image/png"],
  ["x:image", 5, "not a number"],
  ["x:image", document(pdf), "not a part (document)"],
  ["x:images", [png, "a.png"], "ndex 1"],
  ["x:images", [null], "ndex 0"],
  ["x:audio", "a.wav", "not a string"],
  ["x:audio", pdf, "audio/wav"],
  ["x:document", "a.pdf", "http(s)"],
  ["x:document", png, "application/pdf"],
  ["x:list", ["a", picture], "ndex 1"],
  ["x:list", [Symbol("s")], "symbol"],
  ["x:lists", ["a"], "ndex 0"],
  ["x:text", picture, "part (image)"],
];

test.each(wrong)("{%s} refuses a value that does not fit and names the variable", (...[hole, value, says]) => {
  const error = templateError(() => render(`{${hole}}`, { x: value }));
  expect(error).toMatchObject({ variable: "x", line: 1, column: 1 });
  expect(error.message).toContain(says);
});

test("{:cache} puts a cache point behind the text before it", () => {
  expect(render("SYSTEM: long\n{:cache}\nUSER: a {:cache(ttl=1h)} b")).toEqual([
    system([text("long"), { type: "cache-point" }]),
    user([text("a"), { type: "cache-point", ttl: "1h" }, text("b")]),
  ]);
});

test("a cache point alone makes no message", () => {
  expect(render("SYSTEM: {q}{:cache}\nASSISTANT: a", { q: null })).toEqual([assistant("a")]);
});
