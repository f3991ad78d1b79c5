import { expect, test } from "vitest";
import { assistant, system, user } from "../../src/message.js";
import { render, tag, templateError } from "./rendering.js";

test("a template without a role is one user message", () => {
  expect(render("Recommend a {genre} book", { genre: "fantasy" })).toEqual([user("Recommend a fantasy book")]);
});

test("a tag without a role is one user message", () => {
  expect(tag`Recommend a ${"fantasy"} book`).toEqual([user("Recommend a fantasy book")]);
});

const conversation = [
  system("You are a librarian.\nBe brief."),
  user("Hi"),
  assistant("Hello"),
  user("A fantasy book?"),
];

test("indented roles make one message each, trimmed and dedented", () => {
  const text = `
    SYSTEM: You are a librarian.
    Be brief.

    USER: Hi
    ASSISTANT:   Hello
    USER:
      A {genre} book?
  `;
  expect(render(text, { genre: "fantasy" })).toEqual(conversation);
});

test("the tag splits at the same roles", () => {
  expect(tag`
    SYSTEM: You are a librarian.
    Be brief.
    USER: Hi
    ASSISTANT: Hello
    USER: A ${"fantasy"} book?`).toEqual(conversation);
});

test("CRLF and LF give the same messages", () => {
  const text = "SYSTEM: You are a librarian.\n  Be brief.\nUSER:\n    Hi\n  {x}\n";
  expect(render(text.replaceAll("\n", "\r\n"), { x: 1 })).toEqual(render(text, { x: 1 }));
});

test("text before the first role is a user message", () => {
  expect(render("Hi\nASSISTANT: Hello")).toEqual([user("Hi"), assistant("Hello")]);
});

test.each(["An ECOSYSTEM: of books", "Tell the USER: no", "user: hi", "SYSTEM : hi", "SUPERUSER: hi", "System: hi"])(
  "%j has no role and stays text",
  (text) => {
    expect(render(text)).toEqual([user(text)]);
  },
);

test("a role counts only where the literal text starts a line, not behind a hole", () => {
  expect(render("{a}SYSTEM: b", { a: "x\n" })).toEqual([user("x\nSYSTEM: b")]);
  expect(render("SYS{a}TEM: b", { a: "" })).toEqual([user("SYSTEM: b")]);
});

test("a code block keeps its relative indentation", () => {
  const text = `
    USER: Explain this:

      function f() {{
        return 1;
      }}

    Be brief.`;
  expect(render(text)).toEqual([user("Explain this:\n\n  function f() {\n    return 1;\n  }\n\nBe brief.")]);
});

test("a block under a role that stands alone loses its own margin and no more", () => {
  const text = "SYSTEM:\n    one\n      two\n\nUSER:\n\tif x:\n\t\ty";
  expect(render(text)).toEqual([system("one\n  two"), user("if x:\n\ty")]);
});

test("text that begins at the quote leaves the indentation to the lines below it", () => {
  expect(tag`Recommend a book.
      Be brief.
        Be kind.`).toEqual([user("Recommend a book.\nBe brief.\n  Be kind.")]);
});

test("a first line that is indented counts with the others", () => {
  expect(render("    if x:\n        y")).toEqual([user("if x:\n    y")]);
});

test("a line that a hole begins has no indentation", () => {
  expect(render("\n{x}\n  b", { x: "a" })).toEqual([user("a\n  b")]);
});

test("lines of a value are neither dedented nor trimmed, and do not set the margin", () => {
  const value = "  a\n    b  ";
  expect(render("\n    <{x}>\n    c", { x: value })).toEqual([user("<  a\n    b  >\nc")]);
  expect(tag`
    <${value}>
    c`).toEqual([user("<  a\n    b  >\nc")]);
  expect(render("USER: {x}", { x: " a " })).toEqual([user(" a ")]);
});

test("doubled braces are braces, and a closing brace alone is text", () => {
  expect(render('{{"a": {x}}} }} }', { x: 1 })).toEqual([user('{"a": 1} } }')]);
  expect(render("{{x}} {{{x}}}", { x: 1 })).toEqual([user("{x} {1}")]);
});

test("braces are text in the tag", () => {
  expect(tag`{x} {{y}} ${1}`).toEqual([user("{x} {{y}} 1")]);
});

test("sections that are empty in the text make no message", () => {
  expect(render("SYSTEM:\nUSER:   \nASSISTANT: a\nUSER:")).toEqual([assistant("a")]);
  expect(render("")).toEqual([]);
  expect(tag`  `).toEqual([]);
});

test("a broken escape in a tag is a TemplateError, not the text undefined", () => {
  expect(templateError(() => tag`a \u${1}`).message).toContain("\\u");
});
