import fc from "fast-check";

/** Whatever text there may be: any character, halves of one, and what means something to the formats that carry it. */
export function anyText(...pieces: readonly string[]): fc.Arbitrary<string> {
  const special = ["\n", "\r\n", "\r", " ", "\t", "\0", "\ufeff", "\u2028", "\ud83d", "\u{1f469}\u{200d}\u{1f680}"];
  const mixed = fc.array(fc.constantFrom(...special, ...pieces, "a", "Zwölf", "日本"), { maxLength: 8 });
  return fc.oneof(
    fc.string({ unit: "binary", maxLength: 12 }),
    mixed.map((list) => list.join("")),
  );
}
