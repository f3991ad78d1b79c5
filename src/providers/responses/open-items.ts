import { objectOf, stringOf } from "../wire-parts.js";
import type { itemReader } from "./item-reader.js";
import { type Item, messageText, type Wire } from "./items.js";

/**
 * Finds the item that an event of a stream is about. By index, since behind some proxies the ids of one item differ; and
 * by type, since behind others all items have the same index, or none.
 */
export function openItems(reader: ReturnType<typeof itemReader>) {
  const byIndex = new Map<unknown, Item>();
  const all: Item[] = [];

  function begin(index: unknown, wire: unknown): Item {
    const item = reader.begin(wire);
    byIndex.set(index, item);
    all.push(item);
    return item;
  }

  /** The item that grows. One that has ended does not, so another has begun. */
  function growing(event: Wire): Item {
    const known = byIndex.get(event.output_index);
    return known && !known.whole ? known : begin(event.output_index, undefined);
  }

  /** The item of which a piece has come whole; undefined if it has ended before. */
  function settling(event: Wire): Item | undefined {
    return byIndex.get(event.output_index)?.whole ? undefined : growing(event);
  }

  function add(event: Wire): void {
    const known = byIndex.get(event.output_index);
    if (!known || known.whole) begin(event.output_index, event.item);
    else if (objectOf(event.item).type === "function_call") reader.calls.name(known, objectOf(event.item));
  }

  function end({ output_index: index, item }: Wire): void {
    const wire = objectOf(item);
    const ended = byIndex.get(index)?.whole;
    if (!ended || !isKnown(wire)) reader.end(openAt(index, wire) ?? begin(index, wire), wire);
  }

  /** The items of the whole response: those that have ended are known, and the others are taken from it. */
  function complete(output: readonly unknown[]): void {
    output.map(objectOf).forEach((wire, index) => {
      const known = byIndex.get(index);
      if ((known?.whole && known.whole.type === wire.type) || isKnown(wire)) return;
      reader.end(openAt(index, wire) ?? begin(index, wire), wire);
    });
    for (const item of all) if (!item.whole) reader.calls.close(item);
  }

  function openAt(index: unknown, { type }: Wire): Item | undefined {
    const fits = (item: Item | undefined) => item && !item.whole && (item.type === type || item.type === "");
    const known = byIndex.get(index);
    return fits(known) ? known : all.find((item) => !item.whole && item.type === type);
  }

  /** Whether an item was shown under another index, perhaps with another id. Better a piece too few than all of it twice. */
  function isKnown(wire: Wire): boolean {
    const content = contentOf(wire);
    return all.some(({ whole }) => whole && whole.type === wire.type && contentOf(whole) === content);
  }

  return { growing, settling, add, end, complete };
}

/** What tells an item from others of its type. */
function contentOf({ id: _, status: __, ...wire }: Wire): string {
  if (wire.type === "message") return messageText(wire.content, "text") + messageText(wire.content, "refusal");
  return wire.type === "function_call" ? stringOf(wire.call_id) : JSON.stringify(wire);
}
