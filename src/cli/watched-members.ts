import { nearest } from "../nearest.js";
import { CliError } from "./cli-error.js";

/** Members that are given to a call, and which of them it reads. */
export interface WatchedMembers {
  readonly object: object;
  /** A sentence for each member that nothing has read so far; each is told once. */
  unread(): string[];
}

/** What JSON and JavaScript look for on any object. */
const lookedFor = new Set(["toJSON", "toString", "valueOf", "then", "constructor"]);

/**
 * Watches what a call reads of its argument, so that a flag with a typing error does not go unnoticed.
 *
 * @param flags The members that were given as flags.
 * @param known The names that the call is known to read, for suggestions.
 * @param mayBeText Whether the object may be used as text; if it was made of flags only, the call expects something else.
 */
export function watchMembers(
  members: Readonly<Record<string, unknown>>,
  flags: readonly string[],
  { call, known, mayBeText }: { readonly call: string; readonly known: readonly string[]; readonly mayBeText: boolean },
): WatchedMembers {
  const read = new Set<string>();
  const told = new Set<string>();
  const object = new Proxy(members, {
    get(target, name, receiver) {
      if (!mayBeText && (name === Symbol.toPrimitive || (name === "toJSON" && !Object.hasOwn(target, name)))) {
        throw new CliError(
          `${call} uses its argument as text, and flags are the members of an object. Pass the text itself, as in callwright run <file> ${call} "…", or the object with --input.`,
        );
      }
      if (typeof name === "string") read.add(name);
      return Reflect.get(target, name, receiver);
    },
  });
  return {
    object,
    unread() {
      const names = new Set([...known, ...read].filter((name) => !lookedFor.has(name) && !flags.includes(name)));
      const lost = flags.filter((name) => !read.has(name) && !told.has(name));
      return lost.map((name) => {
        told.add(name);
        const meant = nearest(name, names);
        return `Nothing reads --${name}.${meant === undefined ? "" : ` Did you mean --${meant}?`}`;
      });
    },
  };
}
