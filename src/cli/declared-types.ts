import { literalPattern } from "../literal-pattern.js";
import { CliError } from "./cli-error.js";
import type { Parameter } from "./parameters.js";

export type DeclaredType = "number" | "boolean" | "string";

const ofType: ReadonlyMap<string, DeclaredType> = new Map([
  ["number", "number"],
  ["int", "number"],
  ["bigint", "string"],
  ["boolean", "boolean"],
  ["string", "string"],
]);

/** The longest text between the name of a call and the end of its parameters. */
const reach = 2000;

/**
 * How a source file declares a parameter, or a member of one: `year: number`, `year: z.number()`, `@param {number} year`.
 * Only types in words count, near the name of the call if it has any there, and only if they agree.
 */
export function declaredType(source: string, call: string, name: string): DeclaredType | undefined {
  const [word = call] = /[^.]+$/.exec(call) ?? [];
  const near = new RegExp(`(?<![\\w$.])${literalPattern(word)}\\s*(?:=|\\(|:)`).exec(source);
  const inReach = near && agreed(source.slice(near.index, near.index + reach), name);
  return inReach ?? agreed(source, name);
}

function agreed(source: string, name: string): DeclaredType | undefined {
  const member = `(?<![\\w$.])["']?${literalPattern(name)}["']?\\??\\s*:\\s*(?:(?:z|v)\\.(?:coerce\\.)?)?(number|int|bigint|boolean|string)\\b(?!\\s*\\|\\s*(?!undefined|null))`;
  const documented = `@param\\s*\\{\\s*(number|boolean|string)\\s*\\}\\s*\\[?${literalPattern(name)}\\b`;
  const words = [...source.matchAll(new RegExp(`${member}|${documented}`, "g"))].map(([, type, said]) => type ?? said);
  const types = new Set(words.map((word) => ofType.get(word ?? "")));
  const [only] = types;
  return types.size === 1 ? only : undefined;
}

/** The type of a default value, such as `year = 1973`. */
export function typeOfDefault({ fallback = "" }: Parameter): DeclaredType | undefined {
  if (/^-?\d[\d_]*(\.\d+)?$/.test(fallback)) return "number";
  return /^(true|false)$/.test(fallback) ? "boolean" : undefined;
}

/** @throws CliError for a text that is not of the type. */
export function toType(text: string, type: DeclaredType | undefined, what: string): unknown {
  if (type === "number") {
    if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim())) return Number(text);
    throw new CliError(`${what} is declared as a number, and ${JSON.stringify(text.slice(0, 80))} is not one.`);
  }
  if (type === "boolean") {
    if (/^(true|false)$/.test(text.trim())) return text.trim() === "true";
    throw new CliError(`${what} is declared as a boolean. Write true or false.`);
  }
  return text;
}
