import { type Checked, firstOf, isObject, type Problem, type Rule } from "./problem.js";
import { surrogateHalfAt } from "./well-formed.js";

/** What an API refuses. */
export interface Strictness {
  readonly rules: readonly Rule[];
  /** The problem of a body that is not a JSON object in UTF-8. */
  readonly unreadable: (why: string) => Problem;
}

/** A request as it came. */
export interface Arrived {
  /** The parsed body; its text if it is not JSON. */
  readonly body: unknown;
  readonly text: string;
  /** Whether the bytes are UTF-8. */
  readonly isUtf8: boolean;
  readonly headers: Checked["headers"];
}

/** Why an API would refuse a request, or undefined if it would answer. */
export function refusalOf({ rules, unreadable }: Strictness, request: Arrived): Problem | undefined {
  const { body, text, isUtf8, headers } = request;
  if (!isUtf8) return unreadable("invalid UTF-8");
  const half = surrogateHalfAt(text);
  if (half !== undefined) return unreadable(`no low surrogate in string: line 1 column ${half + 1} (char ${half})`);
  if (!isObject(body)) return unreadable("expected an object: line 1 column 1 (char 0)");
  return firstOf(rules, ({ check }) => check({ body, headers }));
}
