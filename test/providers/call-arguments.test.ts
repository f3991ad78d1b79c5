import { describe, expect, test } from "vitest";
import { CallArguments } from "../../src/providers/call-arguments.js";

/** What is shown of the arguments, piece by piece, with what the end adds. */
function shown(...pieces: readonly string[]): string[] {
  const args = new CallArguments();
  return [...pieces.map((piece) => args.add(piece)), args.end()];
}

describe("the arguments of a call", () => {
  test("are shown as they come", () => {
    expect(shown('{"a":', '"x', '"', "}")).toEqual(['{"a":', '"x', '"', "}", ""]);
    expect(shown('{"a":{"b":[{}', ",1]}", "}")).toEqual(['{"a":{"b":[{}', ",1]}", "}", ""]);
  });

  test("wait as long as they may be a placeholder, and are then shown as a whole", () => {
    expect(shown("{", '"a":1}')).toEqual(["", '{"a":1}', ""]);
    expect(shown(" ", "{ ", "}")).toEqual(["", "", "", " { }"]);
    expect(shown("nu", "ll")).toEqual(["", "", "{}"]);
    expect(shown("")).toEqual(["", ""]);
    expect(shown("1")).toEqual(["1", ""]);
  });

  test("replace a placeholder, also where it comes in pieces", () => {
    for (const first of [["{}"], ["{", "}"], ["{ ", " }\n"], ["null"], ["n", "ull"], ["{}", "{}"]])
      for (const real of [['{"a":1}'], ["{", '"a":', "1}"], [' {"a"', ":1}"]])
        expect(JSON.parse(shown(...first, ...real).join(""))).toEqual({ a: 1 });
  });

  test("which are repeated behind the end are shown once", () => {
    expect(shown('{"a":1}', '{"a":1}')).toEqual(['{"a":1}', "", ""]);
    expect(shown('{"a":1}{"a"', ': 1}\n{"a":1}').join("")).toBe('{"a":1}');
    expect(shown('{"a":1}', "{}", "null").join("")).toBe('{"a":1}{}null');
    expect(shown('{"a":1}', "{}").join("")).toBe('{"a":1}');
  });

  test("with something else behind their end are not valid: nothing is taken away", () => {
    expect(shown('{"a":1}', ',"b":2}').join("")).toBe('{"a":1},"b":2}');
    expect(shown('{"a":1}{"b":2}').join("")).toBe('{"a":1}{"b":2}');
    expect(shown("{}", ',"b":2}').join("")).toBe('{},"b":2}');
  });

  test("keep objects in objects and braces in strings, whatever they are like", () => {
    for (const text of [
      '{"a":{"a":{"a":1}}}',
      '{"a":"{\\"a\\":\\"{}"}',
      '{"a":"}{","b":[{},{}],"c":"\\\\"}',
      '["{}",{}]',
    ])
      for (let size = 1; size <= text.length; size++) {
        const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
          text.slice(at * size, (at + 1) * size),
        );
        expect(shown(...pieces).join(""), `${text} by ${size}`).toBe(text);
      }
  });

  test("are read once each, however many pieces there are", () => {
    const args = new CallArguments();
    const started = performance.now();
    args.add('{"a":[');
    for (let at = 0; at < 200_000; at++) args.add('{"b":{}},');
    args.add("{}]}");
    expect(args.isWhole).toBe(true);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
