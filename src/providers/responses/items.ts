import { objectOf, stringOf } from "../wire-parts.js";

export type Wire = Record<string, unknown>;
/** What an item's text is: of a message, of a refusal, or of reasoning. */
export type TextKind = "text" | "refusal" | "reasoning";

/** A piece of an item's text, by its kind and its place among the pieces of that kind. */
export interface Piece {
  readonly kind: TextKind;
  readonly at: unknown;
  shown: string;
}

/** An item of an answer, as far as it has come. */
export interface Item {
  /** Empty until something of it has come. */
  type: string;
  readonly pieces: Piece[];
  /** The number of its tool call among the answer's. */
  tool: number | undefined;
  callId: unknown;
  name: unknown;
  arguments: string;
  /** Whether its call was begun; before, it lacks its id or its name. */
  announced: boolean;
  /** The item as it came at its end. */
  whole: Wire | undefined;
}

/** An item of which nothing has come. */
export function newItem(type: string): Item {
  return {
    type,
    pieces: [],
    tool: undefined,
    callId: undefined,
    name: undefined,
    arguments: "",
    announced: false,
    whole: undefined,
  };
}

/** What `whole` has after `shown`; undefined if it does not begin with it. A whole that is shorter adds nothing. */
export function missingOf(shown: string, whole: string): string | undefined {
  if (whole.length <= shown.length) return shown.startsWith(whole) ? "" : undefined;
  return whole.startsWith(shown) ? whole.slice(shown.length) : undefined;
}

/** The text of a message's content, which may be a plain string. */
export function messageText(content: unknown, kind: "text" | "refusal"): string {
  if (typeof content === "string") return kind === "text" ? content : "";
  return listOf(content)
    .map((part) => {
      const { type, text, refusal } = objectOf(part);
      if (kind === "refusal") return type === "refusal" ? stringOf(refusal) : "";
      return type === "output_text" || type === "text" ? stringOf(text) : "";
    })
    .join("");
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What stands between two pieces of reasoning. */
export const betweenPieces = "\n\n";

/** The texts of reasoning, which has them in two lists. */
export function texts(pieces: unknown): string[] {
  return listOf(pieces)
    .map((piece) => stringOf(objectOf(piece).text))
    .filter((text) => text !== "");
}

/** What of a kind of text was shown. */
export function shownOf({ pieces }: Item, kind: TextKind): string {
  const own = pieces.filter((piece) => piece.kind === kind).map(({ shown }) => shown);
  return own.join(kind === "reasoning" ? betweenPieces : "");
}

/** The piece of a text at a place; a new one if nothing of it has come. */
export function pieceOf({ pieces }: Item, kind: TextKind, at: unknown): Piece {
  const known = pieces.find((piece) => piece.kind === kind && piece.at === at);
  if (known) return known;
  const piece = { kind, at, shown: "" };
  pieces.push(piece);
  return piece;
}
