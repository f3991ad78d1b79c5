import { nearest } from "../nearest.js";
import { CliError } from "./cli-error.js";

/** Members that are given to a call, and which of them it reads. */
export interface WatchedMembers {
  readonly object: object;
  /** A sentence for each flag that nothing has read so far, and for JSON that was made of flags; each is told once. */
  problems(): string[];
}

export interface WatchOptions {
  /** The name of the call. */
  readonly call: string;
  /** The names that the call is known to read, for suggestions. */
  readonly known: readonly string[];
  /** Whether the object may become text: JSON from `--input` may, flags for a parameter that is declared as a text may not. */
  readonly asText: "allowed" | "refused" | "unexpected";
}

/** What JSON and JavaScript look for on any object. */
const lookedFor = new Set(["toJSON", "toString", "valueOf", "then", "constructor"]);

/**
 * Watches what a call reads of its argument, so that a flag with a typing error does not go unnoticed.
 *
 * @param flags The members that were given as flags.
 */
export function watchMembers(
  members: Readonly<Record<string, unknown>>,
  flags: readonly string[],
  { call, known, asText }: WatchOptions,
): WatchedMembers {
  const read = new Set<string>();
  const told = new Set<string>();
  let isJson = false;
  const object = new Proxy(members, {
    get(target, name, receiver) {
      const looksForJson = name === "toJSON" && !Object.hasOwn(target, name);
      // As text in JavaScript's own way, it would be "[object Object]".
      if (asText !== "allowed" && (name === Symbol.toPrimitive || (looksForJson && asText === "refused"))) {
        throw new CliError(
          `${call} uses its argument as text, and flags are the members of an object. Pass the text itself, as in callwright run <file> ${call} "…", or the object with --input.`,
        );
      }
      isJson ||= looksForJson && asText === "unexpected";
      if (typeof name === "string") read.add(name);
      return Reflect.get(target, name, receiver);
    },
  });
  return {
    object,
    problems() {
      const names = new Set([...known, ...read].filter((name) => !lookedFor.has(name) && !flags.includes(name)));
      const lost = flags.filter((name) => !read.has(name) && !told.has(name));
      const unread = lost.map((name) => {
        told.add(name);
        const meant = nearest(name, names);
        return `Nothing reads --${name}.${meant === undefined ? "" : ` Did you mean --${meant}?`}`;
      });
      if (!isJson) return unread;
      isJson = false;
      return [...unread, `${call} gets the flags as JSON. If it takes a text, pass the text without a flag.`];
    },
  };
}
