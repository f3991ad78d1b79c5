import { TemplateError } from "../errors.js";

export type SectionRole = "system" | "user" | "assistant" | "messages";

/** One message of a template, or the place where others are spliced in. */
export interface Section<Hole> {
  readonly role: SectionRole;
  /** Whether a marker names the role; text before the first marker is a user message without one. */
  readonly marked: boolean;
  /** Literal text between holes; a messages section has holes only. */
  readonly pieces: readonly (string | Hole)[];
}

type Line<Hole> = (string | Hole)[];

const marker = /^[ \t]*(SYSTEM|USER|ASSISTANT|MESSAGES):/;

/**
 * Splits text with holes into sections. Line ends, indentation and roles are read from the literal text alone,
 * so that what fills the holes can change none of them.
 *
 * @throws TemplateError for text in a MESSAGES section.
 */
export function layOut<Hole extends object | number>(pieces: readonly (string | Hole)[]): Section<Hole>[] {
  const lines = toLines(pieces);
  // Text that begins right behind the quote says nothing about the indentation of the lines below it.
  const fromQuote = lines[0] !== undefined && !isBlank(lines[0]) && indentOf(lines[0]) === "";
  const columns = lines.map((line) => indentOf(line).length + 1);
  dedent(lines, fromQuote ? 1 : 0);
  return split(lines, columns);
}

function toLines<Hole extends object | number>(pieces: readonly (string | Hole)[]): Line<Hole>[] {
  let line: Line<Hole> = [];
  const lines = [line];
  for (const piece of pieces) {
    if (typeof piece !== "string") {
      line.push(piece);
      continue;
    }
    const [first, ...others] = piece.replaceAll("\r\n", "\n").split("\n");
    if (first) line.push(first);
    for (const text of others) {
      line = text === "" ? [] : [text];
      lines.push(line);
    }
  }
  return lines;
}

function isBlank(line: Line<unknown>): boolean {
  return line.every((piece) => typeof piece === "string" && piece.trim() === "");
}

function indentOf(line: Line<unknown>): string {
  const [first] = line;
  return typeof first === "string" ? first.slice(0, first.search(/[^ \t]|$/)) : "";
}

/** Takes from every line, from the one at `start` on, the indentation that all of them share. Blank lines have no say. */
function dedent(lines: Line<unknown>[], start: number): void {
  let margin: string | undefined;
  for (let at = start; at < lines.length && margin !== ""; at++) {
    const line = lines[at] as Line<unknown>;
    if (!isBlank(line)) margin = margin === undefined ? indentOf(line) : commonStart(margin, indentOf(line));
  }
  if (!margin) return;
  for (let at = start; at < lines.length; at++) {
    const line = lines[at] as Line<unknown>;
    const [first] = line;
    if (typeof first === "string") line[0] = first.startsWith(margin) ? first.slice(margin.length) : "";
  }
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}

function split<Hole extends object | number>(
  lines: readonly Line<Hole>[],
  columns: readonly number[],
): Section<Hole>[] {
  const sections: Section<Hole>[] = [];
  let role: SectionRole = "user";
  let marked = false;
  let open: Line<Hole>[] = [];
  const close = () => {
    // Under a marker that stands alone, the text is a block of its own.
    if (marked && open[0] !== undefined && isBlank(open[0])) dedent(open, 1);
    const pieces = trimmed(open);
    if (pieces.length > 0) sections.push({ role, marked, pieces });
  };
  for (const [index, line] of lines.entries()) {
    const [first, ...others] = line;
    const [all, name] = (typeof first === "string" && marker.exec(first)) || [];
    if (typeof first === "string" && all !== undefined && name !== undefined) {
      close();
      role = name.toLowerCase() as SectionRole;
      marked = true;
      open = [[first.slice(all.length), ...others]];
    } else {
      open.push(line);
    }
    if (role === "messages") refuseText(open.at(-1) ?? [], index + 1, columns[index] ?? 1);
  }
  close();
  return sections;
}

function refuseText(pieces: Line<unknown>, line: number, column: number): void {
  const text = pieces.find((piece) => typeof piece === "string" && piece.trim() !== "");
  if (text === undefined) return;
  const shown = JSON.stringify(String(text).trim().slice(0, 40));
  throw new TemplateError(
    `Line ${line}, column ${column} of the template: the text ${shown} stands in a MESSAGES section, which takes lists of messages only.`,
    { line, column },
  );
}

/** The lines joined, without literal white space at either end. */
function trimmed<Hole extends object | number>(lines: readonly Line<Hole>[]): (string | Hole)[] {
  const pieces: (string | Hole)[] = [];
  let text = "";
  for (const [index, line] of lines.entries()) {
    if (index > 0) text += "\n";
    for (const piece of line) {
      if (typeof piece === "string") {
        text += piece;
        continue;
      }
      const literal = pieces.length === 0 ? text.trimStart() : text;
      if (literal !== "") pieces.push(literal);
      pieces.push(piece);
      text = "";
    }
  }
  const last = pieces.length === 0 ? text.trim() : text.trimEnd();
  if (last !== "") pieces.push(last);
  return pieces;
}
