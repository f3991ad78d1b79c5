import { kindOf } from "../realm.js";
import { comparablePattern } from "./comparable.js";
import { alwaysMatches, neverMatches } from "./pattern-structure.js";

/** `/pattern/flags`, as in code. */
const literal = /^\/(.+)\/([A-Za-z]*)$/s;

export function isRegExp(value: unknown): value is RegExp {
  return typeof value === "object" && value !== null && kindOf(value) === "RegExp";
}

/**
 * The regular expression that a check means: one in code, the text of one, or the text of one between slashes with its
 * flags. Without `g` and `y`, which would make it remember where it was.
 *
 * @throws SyntaxError that says what is wrong with it.
 */
export function patternOf(pattern: string | RegExp, normalize = false): RegExp {
  if (typeof pattern !== "string") {
    return new RegExp(comparablePattern(pattern.source, normalize), pattern.flags.replace(/[gy]/g, ""));
  }
  const [, source, flags = ""] = literal.exec(pattern) ?? [];
  if (source === undefined) return new RegExp(comparablePattern(pattern, normalize), "u");
  const strange = [...flags].find((flag, index) => !"dgimsuvy".includes(flag) || flags.indexOf(flag) !== index);
  if (strange !== undefined) {
    throw new SyntaxError(
      `what follows the last slash are its flags, and ${JSON.stringify(flags)} are not. Write /pattern/i, or \\/ for a slash at the beginning`,
    );
  }
  return new RegExp(comparablePattern(source, normalize), flags.replace(/[gy]/g, ""));
}

/** Why a check with this pattern would check nothing, as the rest of a sentence; undefined if it can pass and fail. */
export function emptyPatternProblem(pattern: RegExp): string | undefined {
  if (alwaysMatches(pattern)) return "matches every text";
  if (neverMatches(pattern)) return "can never match";
  return undefined;
}
