import { TemplateError } from "../errors.js";
import { cut, doubled, type Hole, type Place, parseHole, syntaxError } from "./hole.js";
import { layOut, type Section } from "./layout.js";
import { fail } from "./where.js";

/** A template string, parsed. */
export type Template = readonly Section<Hole>[];
/** The literal text of a prompt tag, parsed; its holes are indexes of values. */
export type TagTemplate = readonly Section<number>[];

/**
 * Parses a template string: once, where it is written.
 *
 * @throws TemplateError with line and column.
 */
export function parseTemplate(text: string): Template {
  const template = layOut(scan(text));
  for (const { role, pieces } of template) if (role === "messages") pieces.forEach(refuseSpecifier);
  return template;
}

/** Takes literal text and holes apart. A closing brace that stands alone is text. */
function scan(text: string): (string | Hole)[] {
  const pieces: (string | Hole)[] = [];
  const brace = /[{}]/g;
  const placeOf = places(text);
  let literal = "";
  let at = 0;
  for (let found = brace.exec(text); found !== null; found = brace.exec(text)) {
    literal += text.slice(at, found.index);
    at = found.index + 1;
    if (text[at] === found[0]) {
      literal += found[0];
      at++;
    } else if (found[0] === "}") {
      literal += "}";
    } else {
      const end = brace.exec(text);
      const inside = text.slice(at, end?.index);
      const place = placeOf(found.index);
      if (end?.[0] !== "}") throw syntaxError(place, `the hole "{${cut(inside)}" is not closed. ${doubled}`);
      pieces.push(literal, parseHole(inside, place));
      literal = "";
      at = end.index + 1;
    }
    brace.lastIndex = at;
  }
  pieces.push(literal + text.slice(at));
  return pieces;
}

/** Finds lines and columns for offsets that only grow, so that a whole text is walked once. */
function places(text: string): (offset: number) => Place {
  let line = 1;
  let lineStart = 0;
  let nextBreak = text.indexOf("\n");
  return (offset) => {
    while (nextBreak >= 0 && nextBreak < offset) {
      line++;
      lineStart = nextBreak + 1;
      nextBreak = text.indexOf("\n", lineStart);
    }
    return { line, column: offset - lineStart + 1 };
  };
}

function refuseSpecifier(hole: string | Hole): void {
  if (typeof hole === "string" || (hole.type === "variable" && !hole.specifier)) return;
  fail(hole.where, "stands in a MESSAGES section, which takes plain holes only.");
}

const parsedTags = new WeakMap<TemplateStringsArray, TagTemplate>();

/**
 * Parses the literal text of a tag, once for each place in the code. Braces are text there.
 *
 * @throws TemplateError for text in a MESSAGES section and for a broken escape such as `\u`.
 */
export function parseTag(strings: TemplateStringsArray): TagTemplate {
  const known = parsedTags.get(strings);
  if (known) return known;
  const pieces = strings.flatMap((text: string | undefined, index): (string | number)[] => {
    if (text === undefined) throw new TemplateError(`The prompt has a broken escape: ${cut(strings.raw[index] ?? "")}`);
    return index === 0 ? [text] : [index - 1, text];
  });
  const template = layOut<number>(pieces);
  parsedTags.set(strings, template);
  return template;
}
