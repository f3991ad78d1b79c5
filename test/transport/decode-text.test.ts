import fc from "fast-check";
import { expect, test } from "vitest";
import { textDecoder } from "../../src/transport/decode-text.js";

const mark = "\uFEFF";
const pieces = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => new TextEncoder().encode(text)),
  fc.uint8Array({ maxLength: 6 }),
  fc.constantFrom(mark, `a${mark}`, "é", "\u{1f600}").map((text) => new TextEncoder().encode(text)),
);

test("bytes are read as one text, wherever they are divided", () => {
  const property = fc.property(
    fc.array(pieces),
    fc.infiniteStream(fc.integer({ min: 0, max: 5 })),
    (parts, lengths) => {
      const bytes = new Uint8Array(parts.flatMap((part) => [...part]));
      const decode = textDecoder();
      const platforms = new TextDecoder();
      for (let at = 0; at < bytes.length; ) {
        const length = lengths.next().value ?? 1;
        const chunk = bytes.subarray(at, at + length);
        expect(decode(chunk)).toBe(platforms.decode(chunk, { stream: true }));
        at += length;
      }
    },
  );
  fc.assert(property, { numRuns: 1000 });
});

test("a byte order mark is dropped at the start, and a character further on", () => {
  const decode = textDecoder();
  const encode = (text: string) => new TextEncoder().encode(text);
  expect([decode(encode(`${mark}a`)), decode(encode(`${mark}b`)), decode(encode("c"))]).toEqual(["a", `${mark}b`, "c"]);
});
