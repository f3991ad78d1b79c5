/**
 * The form in which texts are compared. Composed and decomposed accents are always the same (NFC). With `normalize`, so
 * are typographic and straight quotes, all kinds of spaces and line breaks, and hyphens that only differ in how a line
 * may wrap; invisible characters are left out.
 */
export function comparable(text: string, normalize = false): string {
  const composed = text.normalize("NFC");
  return normalize ? simplified(composed).replace(/\s+/g, " ") : composed;
}

/** The same for the source of a regular expression, in which a space may be counted by a quantifier. */
export function comparablePattern(source: string, normalize = false): string {
  const composed = unescaped(source).normalize("NFC");
  return normalize ? simplified(composed) : composed;
}

/** Letters and marks that are written as escapes, such as `e\u0301`, as themselves. What has a meaning stays escaped. */
function unescaped(source: string): string {
  return source.replace(/\\(?:u([0-9a-f]{4})|[\s\S])/gi, (written, digits: string | undefined) => {
    const code = Number.parseInt(digits ?? "0", 16);
    const isSurrogate = code >= 0xd800 && code <= 0xdfff;
    return code < 0xa0 || isSurrogate ? written : String.fromCharCode(code);
  });
}

function simplified(text: string): string {
  return text
    .replace(/[\u2018-\u201B\u2032\u2039\u203A]/g, "'")
    .replace(/[\u201C-\u201F\u2033\u00AB\u00BB]/g, '"')
    .replace(/[\u2010\u2011]/g, "-")
    .replace(/[\u00A0\u2007\u202F]/g, " ")
    .replace(/[\u00AD\u200B-\u200D\u2060\uFEFF]/g, "");
}
