import { isPlainObject } from "../../json.js";
import { parseJsonText } from "../../json-text.js";
import type { ToolSlots } from "../tool-slots.js";
import { stringOf } from "../wire-parts.js";
import { type Item, missingOf, type Wire } from "./items.js";

/**
 * Reads the calls among the items. A call is begun once its id and its name are known, and gets both only once.
 *
 * @param onLoss Called if pieces of the arguments were lost.
 */
export function callReader(slots: ToolSlots, onLoss: () => void) {
  let tools = 0;

  /** More of a call's arguments. */
  function grow(item: Item, text: string): void {
    item.type ||= "function_call";
    item.tool ??= tools++;
    item.arguments += text;
    if (item.announced) slots.add({ index: item.tool, arguments: text });
  }

  /** The whole arguments of a call. */
  function settle(item: Item, given: unknown): void {
    const shown = item.arguments;
    const whole = isPlainObject(given) ? JSON.stringify(given) : stringOf(given);
    const missing = missingOf(shown, whole);
    if (missing) grow(item, missing);
    if (missing !== undefined || !isBetter(whole, shown)) return;
    item.arguments = whole;
    if (item.announced && item.tool !== undefined) {
      slots.correct(item.tool, shown, whole);
      onLoss();
    }
  }

  /** What the wire says of a call besides its arguments. */
  function name(item: Item, { call_id, name: called }: Wire): void {
    item.tool ??= tools++;
    item.callId ??= call_id;
    item.name ??= called;
    if (item.announced || !stringOf(item.callId) || !stringOf(item.name)) return;
    announce(item);
  }

  function announce(item: Item): void {
    item.announced = true;
    slots.add({ index: item.tool, id: item.callId, name: item.name });
    if (item.arguments) slots.add({ index: item.tool, arguments: item.arguments });
  }

  /** The end of a call, also of one whose id or name never came. */
  function close(item: Item): void {
    if (item.tool === undefined) return;
    if (!item.announced) announce(item);
    slots.end(item.tool);
  }

  return { grow, settle, name, close };
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
