import { isPlainObject } from "../json.js";
import { type FinishReason, isUsage, type ModelEvent } from "../model.js";

/** What must be there in each kind of event, and of which type it is. */
const membersOf: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  open: { provider: "string", headers: "object" },
  start: { id: "string", model: "string" },
  "text-delta": { text: "string" },
  "refusal-delta": { text: "string" },
  "reasoning-delta": { text: "string" },
  "tool-start": { index: "number", id: "string", name: "string" },
  "tool-delta": { index: "number", arguments: "string" },
  "tool-end": { index: "number" },
  source: { source: "object" },
  correction: { target: "string", from: "string", to: "string" },
  warning: { code: "string", message: "string" },
  finish: { reason: "string" },
} satisfies { readonly [Type in Exclude<ModelEvent["type"], "restart">]: object };

const finishReasons: ReadonlySet<unknown> = new Set(
  Object.keys({
    stop: true,
    length: true,
    "tool-calls": true,
    "content-filter": true,
    pause: true,
    unknown: true,
  } satisfies Record<FinishReason, true>),
);

/** Whether what a store gave is an answer: events of the kinds that there are, of which the last is the one finish. */
export function isCacheEntry(value: unknown): value is readonly ModelEvent[] {
  if (!Array.isArray(value) || !value.every(isEvent)) return false;
  const callIds = value.flatMap((event) => (event.type === "tool-start" ? [event.id] : []));
  if (new Set(callIds).size < callIds.length) return false;
  return value.findIndex(({ type }) => type === "finish") === value.length - 1 && value.length > 0;
}

function isEvent(value: unknown): value is ModelEvent {
  if (!isPlainObject(value) || typeof value.type !== "string" || !Object.hasOwn(membersOf, value.type)) return false;
  const hasMembers = Object.entries(membersOf[value.type] ?? {}).every(
    ([name, type]) => typeof value[name] === type && value[name] !== null,
  );
  if (!hasMembers) return false;
  if (value.type === "tool-start") return value.id !== "" && value.name !== "";
  if (value.type !== "finish") return true;
  return finishReasons.has(value.reason) && (value.usage === undefined || isUsage(value.usage));
}
