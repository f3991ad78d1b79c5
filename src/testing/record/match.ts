import { isPlainObject } from "../../json.js";
import type { RecordedExchange } from "./cassette-file.js";

export type SeenRequest = RecordedExchange["request"];

/** Whether a request is the one that was recorded; what was taken out as a secret may have been anything. */
export function isSame(recorded: SeenRequest, request: SeenRequest): boolean {
  return placesThatDiffer(recorded, request).next().done === true;
}

/** Where a request first differs from a recorded one, such as `body.messages[1].content`. */
export function firstDifference(recorded: SeenRequest, request: SeenRequest): string | undefined {
  return placesThatDiffer(recorded, request).next().value ?? undefined;
}

function* placesThatDiffer(recorded: unknown, actual: unknown, place = ""): Generator<string, undefined> {
  if (typeof recorded === "string" && typeof actual === "string") {
    if (!fits(recorded, actual)) yield place;
  } else if (Array.isArray(recorded) && Array.isArray(actual)) {
    const length = Math.max(recorded.length, actual.length);
    for (let at = 0; at < length; at++) yield* placesThatDiffer(recorded[at], actual[at], `${place}[${at}]`);
  } else if (isPlainObject(recorded) && isPlainObject(actual)) {
    for (const name of new Set([...Object.keys(recorded), ...Object.keys(actual)])) {
      if (name.includes(masked)) continue;
      const known = Object.hasOwn(recorded, name) ? recorded[name] : undefined;
      yield* placesThatDiffer(known, actual[name], place === "" ? name : `${place}.${name}`);
    }
  } else if (recorded !== actual) yield place;
  return undefined;
}

const masked = "***";

function fits(recorded: string, actual: string): boolean {
  if (!recorded.includes(masked)) return recorded === actual;
  const parts = recorded.split(masked);
  const [first = "", last = ""] = [parts[0], parts.at(-1)];
  if (!actual.startsWith(first) || !actual.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = actual.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= actual.length - last.length;
}
