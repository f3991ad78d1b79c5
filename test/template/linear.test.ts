import { expect, test } from "vitest";
import { TemplateError } from "../../src/errors.js";
import { user } from "../../src/message.js";
import { render, templateError } from "./rendering.js";

/** The best of some runs, in milliseconds. */
function time(run: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const start = performance.now();
    try {
      run();
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
    }
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

/** How much longer twice the size takes. The clock is coarse and the machine shared, so one good answer out of several counts. */
function doubling(size: number, run: (size: number) => unknown): number {
  let ratio = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 8 && ratio >= 3; round++) {
    ratio = Math.min(
      ratio,
      time(() => run(2 * size)) /
        Math.max(
          time(() => run(size)),
          0.5,
        ),
    );
  }
  return ratio;
}

const variables = { x: "y", xs: ["a", "b"], nothing: null };
const templates: readonly (readonly [name: string, text: (size: number) => string])[] = [
  ["opening braces", (size) => "{".repeat(size)],
  ["opening braces, odd", (size) => "{".repeat(size + 1 - (size % 2))],
  ["closing braces", (size) => "}".repeat(size)],
  ["holes that open in holes", (size) => "{a".repeat(size)],
  ["a hole without an end", (size) => `{${"a".repeat(size)}`],
  ["a hole of white space", (size) => `{${" ".repeat(size)}}`],
  ["a hole of dots", (size) => `{a${".a".repeat(size)}}`],
  ["a long specifier", (size) => `{a:${"list".repeat(size)}}`],
  ["many options", (size) => `{x:image(${"detail=low,".repeat(size)}detail=low)}`],
  ["roles on one line", (size) => "SYSTEM:".repeat(size)],
  ["roles on many lines", (size) => "SYSTEM:\n".repeat(size)],
  ["sections", (size) => "  USER: a\n    b\n".repeat(size)],
  ["holes", (size) => "a {x} ".repeat(size)],
  ["holes on many lines", (size) => "  {x}\n".repeat(size)],
  ["holes at the start of lines", (size) => "  {nothing}\n\tb".repeat(size)],
  ["text parts", (size) => "a {x:text} ".repeat(size)],
  ["line ends", (size) => "\r\n".repeat(size)],
  ["carriage returns", (size) => "\r".repeat(size)],
  ["white space", (size) => `a${" ".repeat(size)}b`],
  ["indentation", (size) => `a\n${" ".repeat(size)}b\n${" ".repeat(size)}c`],
  [
    "deeper and deeper lines",
    (size) => Array.from({ length: Math.sqrt(size) }, (_, depth) => `${" ".repeat(depth)}a`).join("\n"),
  ],
];

test.each(templates)("%s take linear time", (...[, text]) => {
  expect(doubling(10_000, (size) => render(text(size), variables))).toBeLessThan(3);
});

test("a value of a megabyte costs no more than its copy", () => {
  const value = "SYSTEM: {x}\n".repeat(1e5);
  expect(render("a {x}", { x: value })).toEqual([user(`a ${value}`)]);
  expect(doubling(5e5, (size) => render("USER: {v}\nASSISTANT: {v}", { v: "{".repeat(size) }))).toBeLessThan(3);
});

test("a template of 5 MB with 100,000 holes renders", () => {
  const [message] = render(`${"a".repeat(45)}{x}\n`.repeat(1e5), variables);
  expect(message?.content).toHaveLength((45 + 1 + 1) * 1e5 - 1);
});

test("a million opening braces are half a million, one more is an error", () => {
  expect(render("{".repeat(1e6))).toEqual([user("{".repeat(5e5))]);
  expect(templateError(() => render("{".repeat(1e6 + 1)))).toMatchObject({ line: 1, column: 1e6 + 1 });
});
