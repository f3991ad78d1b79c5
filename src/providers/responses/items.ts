import { isPlainObject } from "../../json.js";
import { parseJsonText } from "../../json-text.js";
import type { Emit } from "../exchange.js";
import { sourceOf } from "../sources.js";
import type { ToolSlots } from "../tool-slots.js";
import { objectOf, stringOf } from "../wire-parts.js";

export type Wire = Record<string, unknown>;
/** What an item's text is: of a message, of a refusal, or of reasoning. */
export type TextKind = "text" | "refusal" | "reasoning";

/** A piece of an item's text, by its kind and its place among the pieces of that kind. */
interface Piece {
  readonly kind: TextKind;
  readonly at: unknown;
  shown: string;
}

/** An item of an answer, as far as it has come. */
export interface Item {
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

const betweenPieces = "\n\n";

/**
 * Reads the items of an answer, in pieces or whole. What came in pieces is compared with the whole, which counts: what
 * is missing at the end is added, and where a piece was lost before that, a `correction` says what it should have been.
 * Sources: https://github.com/vercel/ai/pull/13844, https://github.com/Wei-Shaw/sub2api/pull/6925
 */
export function itemReader(slots: ToolSlots, emit: Emit) {
  let tools = 0;
  const cited = new Set<string>();

  function begin(given: unknown): Item {
    const wire = objectOf(given);
    const item: Item = {
      type: stringOf(wire.type),
      pieces: [],
      tool: undefined,
      callId: undefined,
      name: undefined,
      arguments: "",
      announced: false,
      whole: undefined,
    };
    if (item.type === "function_call") call(item, wire);
    return item;
  }

  /** More of a text. */
  function grow(item: Item, kind: TextKind, at: unknown, text: string): void {
    const last = item.pieces.at(-1);
    const piece = last?.kind === kind && last.at === at ? last : pieceOf(item, kind, at);
    const separator = kind === "reasoning" && piece.shown === "" && piece !== item.pieces[0] ? betweenPieces : "";
    piece.shown += text;
    emit({ type: `${kind}-delta`, text: separator + text });
  }

  /** More of a call's arguments. */
  function growCall(item: Item, text: string): void {
    item.tool ??= tools++;
    item.arguments += text;
    if (item.announced) slots.add({ index: item.tool, arguments: text });
  }

  /** A whole piece of text, of which deltas may have come before. */
  function settle(item: Item, kind: TextKind, at: unknown, whole: string): void {
    const piece = item.pieces.find((each) => each.kind === kind && each.at === at);
    const missing = missingOf(piece?.shown ?? "", whole);
    if (missing) grow(item, kind, at, missing);
    else if (missing === undefined && kind !== "reasoning") correct(kind, (piece as Piece).shown, whole);
    if (missing === undefined && piece) piece.shown = whole;
  }

  /** The whole arguments of a call. */
  function settleCall(item: Item, given: unknown): void {
    const shown = item.arguments;
    const whole = isPlainObject(given) ? JSON.stringify(given) : stringOf(given);
    const missing = missingOf(shown, whole);
    if (missing) growCall(item, missing);
    if (missing !== undefined || !isBetter(whole, shown)) return;
    item.arguments = whole;
    if (item.announced && item.tool !== undefined) {
      slots.correct(item.tool, shown, whole);
      warn();
    }
  }

  /** What the wire says of a call besides its arguments. */
  function call(item: Item, { call_id, name }: Wire): void {
    item.tool ??= tools++;
    item.callId ??= call_id;
    item.name ??= name;
    if (item.announced || !stringOf(item.callId) || !stringOf(item.name)) return;
    announce(item);
  }

  function announce(item: Item): void {
    item.announced = true;
    slots.add({ index: item.tool, id: item.callId, name: item.name });
    if (item.arguments) slots.add({ index: item.tool, arguments: item.arguments });
  }

  /** The item as a whole. What the API has besides messages, reasoning and calls is kept for the next turn as it is. */
  function end(item: Item, wire: Wire): void {
    item.whole = wire;
    item.type = stringOf(wire.type) || item.type;
    switch (item.type) {
      case "message":
        endMessage(item, wire);
        break;
      case "reasoning": {
        const whole = [...texts(wire.summary), ...texts(wire.content)].join(betweenPieces);
        const text = missingOf(shownOf(item, "reasoning"), whole) ?? "";
        emit({ type: "reasoning-delta", text, data: wire });
        break;
      }
      case "function_call":
        call(item, wire);
        settleCall(item, wire.arguments);
        close(item);
        break;
      default:
        if (item.type) emit({ type: "reasoning-delta", text: "", data: wire });
    }
  }

  /** Both kinds as a whole, since the places of parts are not reliable. */
  function endMessage(item: Item, { content }: Wire): void {
    for (const kind of ["text", "refusal"] as const) {
      const shown = shownOf(item, kind);
      const whole = messageText(content, kind);
      const missing = missingOf(shown, whole);
      if (missing) grow(item, kind, "rest", missing);
      else if (missing === undefined) correct(kind, shown, whole);
    }
    for (const part of listOf(content)) for (const annotation of listOf(objectOf(part).annotations)) cite(annotation);
  }

  /** The end of a call, also of one whose id or name never came. */
  function close(item: Item): void {
    if (item.tool === undefined) return;
    if (!item.announced) announce(item);
    slots.end(item.tool);
  }

  function cite(annotation: unknown): void {
    const source = sourceOf(annotation);
    const key = JSON.stringify(annotation);
    if (!source || cited.has(key)) return;
    cited.add(key);
    emit({ type: "source", source });
  }

  function correct(target: "text" | "refusal", from: string, to: string): void {
    emit({ type: "correction", target, from, to });
    warn();
  }

  function warn(): void {
    const message =
      "The stream lost a piece of the answer on the way. The response holds the whole; the chunks do not.";
    emit({ type: "warning", code: "stream_lost_piece", message });
  }

  return { begin, grow, growCall, settle, settleCall, call, cite, end, close };
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

function texts(pieces: unknown): string[] {
  return listOf(pieces)
    .map((piece) => stringOf(objectOf(piece).text))
    .filter((text) => text !== "");
}

function shownOf({ pieces }: Item, kind: TextKind): string {
  const own = pieces.filter((piece) => piece.kind === kind).map(({ shown }) => shown);
  return own.join(kind === "reasoning" ? betweenPieces : "");
}

function pieceOf({ pieces }: Item, kind: TextKind, at: unknown): Piece {
  const known = pieces.find((piece) => piece.kind === kind && piece.at === at);
  if (known) return known;
  const piece = { kind, at, shown: "" };
  pieces.push(piece);
  return piece;
}

/** Whether the whole arguments are to be taken instead of those that came in pieces, which say something else. */
function isBetter(whole: string, shown: string): boolean {
  const read = parseJsonText(whole);
  const other = parseJsonText(shown);
  if (!("value" in read)) return false;
  if (!("value" in other)) return true;
  const isBlank = isPlainObject(read.value) && Object.keys(read.value).length === 0;
  return !isBlank && JSON.stringify(read.value) !== JSON.stringify(other.value);
}
