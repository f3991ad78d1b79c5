import { objectOf, stringOf } from "../wire-parts.js";
import { type Item, type itemReader, messageText, type Wire } from "./items.js";

/** Finds the item that an event of a stream is about. By index, since behind some proxies the ids of one item differ. */
export function openItems(reader: ReturnType<typeof itemReader>) {
  const byIndex = new Map<unknown, Item>();
  const all: Item[] = [];

  function keep(index: unknown, item: Item): Item {
    byIndex.set(index, item);
    all.push(item);
    return item;
  }

  function find(event: Wire): Item {
    const known = byIndex.get(event.output_index);
    // Some proxies count every item as the first.
    return known && !known.whole ? known : keep(event.output_index, reader.begin(event.item));
  }

  /** What is open and has no index of its own, for an end that has one. */
  function anonymous(type: string): Item | undefined {
    const item = byIndex.get(undefined);
    return item && !item.whole && (item.type === "" || item.type === type) ? item : undefined;
  }

  function add(event: Wire): void {
    const known = byIndex.get(event.output_index);
    if (!known || known.whole) keep(event.output_index, reader.begin(event.item));
    else if (objectOf(event.item).type === "function_call") reader.call(known, objectOf(event.item));
  }

  function end(event: Wire): void {
    const wire = objectOf(event.item);
    const item = byIndex.has(event.output_index) ? undefined : anonymous(stringOf(wire.type));
    reader.end(item ?? find(event), wire);
  }

  /** The items of the whole response; those that have ended are known, and the others are taken from it. */
  function complete(output: readonly unknown[]): void {
    output.map(objectOf).forEach((wire, index) => {
      const known = byIndex.get(index) ?? anonymous(stringOf(wire.type));
      if (known?.whole && known.whole.type === wire.type) return;
      if (!isKnown(wire)) reader.end(known && !known.whole ? known : reader.begin(wire), wire);
    });
    for (const item of all) if (!item.whole) reader.close(item);
  }

  /** Whether an item was shown under another index, with another id perhaps. Better a piece too few than all of it twice. */
  function isKnown(wire: Wire): boolean {
    if (wire.type === "message") {
      const text = messageText(wire.content, "text");
      return text !== "" && all.some(({ whole }) => whole && messageText(whole.content, "text") === text);
    }
    if (wire.type === "function_call") return all.some(({ whole }) => whole && whole.call_id === wire.call_id);
    return all.some(({ whole }) => whole && whole.type === wire.type && contentOf(whole) === contentOf(wire));
  }

  return { find, add, end, complete };
}

function contentOf({ id: _, status: __, ...content }: Wire): string {
  return JSON.stringify(content);
}
