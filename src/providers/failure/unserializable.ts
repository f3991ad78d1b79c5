import { ConfigurationError } from "../../errors.js";

/**
 * The error for a request that has no JSON form; undefined if it has one. Asked only after sending has failed, so a request
 * that can be sent costs nothing.
 *
 * @param cause What `JSON.stringify` threw, or whatever else the sending failed with.
 */
export function unserializable(request: unknown, cause: unknown): ConfigurationError | undefined {
  try {
    JSON.stringify(request);
    // Near its end, the stack may have been too short when the SDK did the same.
    if (!(cause instanceof RangeError)) return undefined;
  } catch {}
  const culprit = culpritIn(request) ?? "It holds a value that JSON cannot hold.";
  return new ConfigurationError(
    `The request cannot be written as JSON. ${culprit} Check extraBody, tools and schemas.`,
    {
      cause,
    },
  );
}

interface Place {
  readonly value: unknown;
  readonly name: string;
  readonly parent: Place | undefined;
  readonly depth: number;
}

/** No request of a provider is nested so deeply. */
const deepest = 1000;

/** What is wrong, and where. A list and no recursion, since the nesting may be the problem. */
function culpritIn(request: unknown): string | undefined {
  const open: Place[] = [{ value: request, name: "", parent: undefined, depth: 0 }];
  for (let place = open.pop(); place; place = open.pop()) {
    const { value, depth } = place;
    if (typeof value === "bigint") return `${pathOf(place)} is a BigInt; use a number or a string.`;
    if (typeof value !== "object" || value === null) continue;
    if (isInside(value, place.parent)) return `${pathOf(place)} refers to an object that it is a part of.`;
    if (depth > deepest) return `${pathOf(place)} is nested more than ${deepest} levels deep.`;
    const parent = place;
    try {
      const entries = Object.entries("toJSON" in value ? { "toJSON()": (value as Date).toJSON() } : value);
      for (const [name, inner] of entries) open.push({ value: inner, name, parent, depth: depth + 1 });
    } catch (error) {
      return `${pathOf(place)} cannot be read (${error instanceof Error ? error.message : String(error)}).`;
    }
  }
  return undefined;
}

function isInside(value: object, place: Place | undefined): boolean {
  for (let at = place; at; at = at.parent) if (at.value === value) return true;
  return false;
}

function pathOf(place: Place): string {
  const names: string[] = [];
  for (let at: Place | undefined = place; at?.parent; at = at.parent) names.unshift(at.name);
  const path = names.slice(0, 8).join(".");
  return names.length > 8 ? `${path}…` : path || "The body";
}
