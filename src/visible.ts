/**
 * Escapes the characters of a text that steer a terminal, change the direction of what follows, or are not seen, such as
 * `\u001b`. Line feeds and tabs stay. What joins emoji and letters stays between them.
 */
export function visible(text: string): string {
  return text.replace(hidden, escaped);
}

/**
 * The same for a value that is printed within a line, which it must not end: line breaks and tabs are escaped as well.
 *
 * @param longest How many characters are shown at most. @default 200
 */
export function visibleInLine(text: string, longest = 200): string {
  const shown = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return visible(shown).replace(/[\t\n]/g, escaped);
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) as number).toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
}

const hidden = new RegExp(
  [
    "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]",
    // Directions, and line breaks that are not line feeds.
    "[\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u206f]",
    // Without width, or without ink.
    "[\\u00ad\\u034f\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b\\u2060-\\u2065\\u3164\\ufe00-\\ufe0d\\ufeff\\uffa0\\ufff0-\\ufffb]",
    // Tags and variations, in which text can be hidden.
    "[\\u{e0000}-\\u{e0fff}]",
    // Joiners, except between emoji and within the scripts that are written with them.
    "(?<!\\p{Extended_Pictographic}[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]?)(?<![\\p{Script=Arabic}\\p{M}])[\\u200c\\u200d]",
    "[\\u200c\\u200d](?![\\p{Extended_Pictographic}\\p{L}\\p{M}])",
  ].join("|"),
  "gu",
);
