import type { Emit } from "../exchange.js";
import { sourceOf } from "../sources.js";
import type { ToolSlots } from "../tool-slots.js";
import { objectOf, stringOf } from "../wire-parts.js";
import { callReader } from "./calls.js";
import {
  betweenPieces,
  type Item,
  listOf,
  messageText,
  missingOf,
  newItem,
  type Piece,
  pieceOf,
  shownOf,
  type TextKind,
  texts,
  type Wire,
} from "./items.js";

/**
 * Reads the items of an answer, in pieces or whole. What came in pieces is compared with the whole, which counts: what
 * is missing at the end is added, and where a piece was lost before that, a `correction` says what it should have been.
 * Sources: https://github.com/vercel/ai/pull/13844, https://github.com/Wei-Shaw/sub2api/pull/6925
 */
export function itemReader(slots: ToolSlots, emit: Emit) {
  const calls = callReader(slots, warn);
  const cited = new Set<string>();

  function begin(given: unknown): Item {
    const wire = objectOf(given);
    const item = newItem(stringOf(wire.type));
    if (item.type === "function_call") calls.name(item, wire);
    return item;
  }

  /** More of a text. */
  function grow(item: Item, kind: TextKind, at: unknown, text: string): void {
    const last = item.pieces.at(-1);
    const piece = last?.kind === kind && last.at === at ? last : pieceOf(item, kind, at);
    const separator = kind === "reasoning" && piece.shown === "" && piece !== item.pieces[0] ? betweenPieces : "";
    piece.shown += text;
    item.type ||= kind === "reasoning" ? kind : "message";
    emit({ type: `${kind}-delta`, text: separator + text });
  }

  /** A whole piece of text, of which deltas may have come before. */
  function settle(item: Item, kind: TextKind, at: unknown, whole: string): void {
    const piece = item.pieces.find((each) => each.kind === kind && each.at === at);
    const missing = missingOf(piece?.shown ?? "", whole);
    if (missing) grow(item, kind, at, missing);
    else if (missing === undefined && kind !== "reasoning") correct(kind, (piece as Piece).shown, whole);
    if (missing === undefined && piece) piece.shown = whole;
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
        calls.name(item, wire);
        calls.settle(item, wire.arguments);
        calls.close(item);
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

  return { begin, grow, settle, cite, end, calls };
}
