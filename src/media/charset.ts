/** Labels that say nothing: text that is declared as ASCII or binary may be UTF-8 all the same. */
const meaningless = /^(binary|us-ascii|ascii|unknown|utf-?8)$/;

/**
 * Decodes text by its byte order mark, by the charset that is declared, as UTF-8, or else as Windows-1252, which includes
 * ISO-8859-1. Browsers do the same.
 *
 * @returns undefined if the charset is not known, or the bytes are not text.
 */
export function decodeText(bytes: Uint8Array, charset: string | undefined): string | undefined {
  const wide = wideCharset(bytes, charset);
  if (wide) return unlessBinary(decode(bytes, wide));
  if (charset !== undefined && !meaningless.test(charset)) return unlessBinary(decode(bytes, charset));
  return unlessBinary(decode(bytes, "utf-8", true) ?? decode(bytes, "windows-1252"));
}

/** The same text in UTF-8, without a mark; the same bytes if they are that already. */
export function toUtf8(bytes: Uint8Array, charset: string | undefined): Uint8Array | undefined {
  if ((charset === undefined || meaningless.test(charset)) && isUtf8(bytes)) return bytes;
  const text = decodeText(bytes, charset);
  return text === undefined ? undefined : new TextEncoder().encode(text);
}

/** Whether bytes are well-formed UTF-8 text without a mark. */
export function isUtf8(bytes: Uint8Array): boolean {
  return wideCharset(bytes, undefined) === undefined && unlessBinary(decode(bytes, "utf-8", true)) !== undefined;
}

export function hasByteOrderMark(bytes: Uint8Array): boolean {
  return markedCharset(bytes) !== undefined;
}

function markedCharset([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return first === 0xef && second === 0xbb && third === 0xbf ? "utf-8" : undefined;
}

/** By the mark, or UTF-16 by the zeros that every other byte of Latin text is. */
function wideCharset(bytes: Uint8Array, charset: string | undefined): string | undefined {
  const marked = markedCharset(bytes);
  if (marked) return marked;
  const [first, second, third = first, fourth = second] = bytes;
  if (bytes.length > 0 && bytes.length % 2 === 0) {
    if (first && third && second === 0 && fourth === 0) return "utf-16le";
    if (second && fourth && first === 0 && third === 0) return "utf-16be";
  }
  return charset !== undefined && /^utf-?16$/.test(charset) ? "utf-16le" : undefined;
}

function decode(bytes: Uint8Array, charset: string, fatal = false): string | undefined {
  try {
    const decoder = new TextDecoder(charset, { fatal });
    const text = decoder.decode(bytes);
    return decoder.encoding === "windows-1252" ? text.replace(controls, unlessControl) : text;
  } catch {
    return undefined;
  }
}

// Many releases of Node decode Windows-1252 as ISO-8859-1, where quotation marks are control characters.
// Source: https://github.com/nodejs/node/issues/56542
const controls = /[\x80-\x9f]/g;
const windows1252 = "€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ";

function unlessControl(character: string): string {
  return windows1252[character.charCodeAt(0) - 0x80] ?? character;
}

function unlessBinary(text: string | undefined): string | undefined {
  return text?.includes("\0") ? undefined : text;
}
