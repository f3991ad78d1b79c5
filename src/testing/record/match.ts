import { isPlainObject } from "../../json.js";
import { fits, hasMarks, literalLength } from "./masks.js";
import type { RecordedRequest } from "./recorded.js";

/** A request in the two forms in which a recorded one may be it. */
export interface SeenRequest {
  /** With its secrets masked. */
  readonly masked: RecordedRequest;
  /** As it is, which is the same if a secret of today was none when it was recorded. */
  readonly plain: RecordedRequest;
}

/** How well a recorded request fits: not at all, by its marks only (the more text is the same, the better), or exactly. */
export function closeness(recorded: RecordedRequest, seen: SeenRequest, differences: Differences): number {
  const { masked, plain } = seen;
  for (const form of [masked, plain])
    if (differences(recorded, form, (text, other) => text === other).next().done) return Number.POSITIVE_INFINITY;
  let literal = 0;
  const byMarks = (text: string, other: string, isSet: (variable: string) => boolean) => {
    const isSame = fits(text, other, isSet);
    if (isSame) literal += hasMarks(text) ? literalLength(text) : text.length;
    return isSame;
  };
  for (const form of [masked, plain]) {
    literal = 0;
    if (differences(recorded, form, byMarks).next().done) return literal;
  }
  return -1;
}

/** Where a request first differs from a recorded one, such as `body.messages[1].content`. */
export function firstDifference(
  recorded: RecordedRequest,
  { masked }: SeenRequest,
  differences: Differences,
): string | undefined {
  return differences(recorded, masked, fits).next().value ?? undefined;
}

type Compare = (recorded: string, actual: string, isSet: (variable: string) => boolean) => boolean;

export type Differences = (recorded: unknown, actual: unknown, compare: Compare) => Generator<string, undefined>;

/**
 * Finds the places where two requests differ.
 *
 * @param ignored Paths of members that do not count, in which `*` is any name or index.
 * @param isSet Whether an environment variable is set now.
 */
export function differencesExcept(ignored: readonly string[], isSet: (variable: string) => boolean): Differences {
  const paths = ignored.map((path) => path.replace(/\[(\d+|\*)\]/g, ".$1").split("."));
  const isIgnored = (place: readonly string[]) =>
    paths.some((path) => path.length === place.length && path.every((name, at) => name === "*" || name === place[at]));

  return (recorded, actual, compare) => {
    function* walk(before: unknown, now: unknown, place: readonly string[]): Generator<string, undefined> {
      if (isIgnored(place)) return undefined;
      if (typeof before === "string" && typeof now === "string") {
        if (!compare(before, now, isSet)) yield shown(place);
      } else if (Array.isArray(before) && Array.isArray(now)) {
        const length = Math.max(before.length, now.length);
        for (let at = 0; at < length; at++) yield* walk(before[at], now[at], [...place, String(at)]);
      } else if (isPlainObject(before) && isPlainObject(now)) {
        for (const [name, other] of pairs(before, now, (text, key) => compare(text, key, isSet)))
          yield* walk(ownMember(before, name), ownMember(now, other), [...place, name]);
      } else if (before !== now) yield shown(place);
      return undefined;
    }
    return walk(recorded, actual, []);
  };
}

/** The names of both objects, paired; a name with a mark may have another on the other side. */
function pairs(
  recorded: object,
  actual: object,
  isSame: (recorded: string, actual: string) => boolean,
): [recorded: string, actual: string][] {
  const left = new Set(Object.keys(actual));
  const paired = Object.keys(recorded).map((name): [string, string] => {
    const other = left.has(name) || !hasMarks(name) ? name : ([...left].find((each) => isSame(name, each)) ?? name);
    left.delete(other);
    return [name, other];
  });
  return [...paired, ...[...left].map((name): [string, string] => [name, name])];
}

function ownMember(object: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function shown(place: readonly string[]): string {
  return place.map((name, at) => (/^\d+$/.test(name) ? `[${name}]` : at === 0 ? name : `.${name}`)).join("");
}
