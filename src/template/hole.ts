import { type CachePoint, cachePoint } from "../content.js";
import { TemplateError } from "../errors.js";
import { nearest } from "../nearest.js";
import { type HoleOptions, type Specifier, specifiers } from "./specifiers.js";
import { variableAt, type Where } from "./where.js";

/** A hole of a template string: `{user.name:list}` or `{:cache}`. */
export type Hole = VariableHole | CacheHole;
export interface VariableHole {
  readonly type: "variable";
  readonly path: readonly string[];
  /** Undefined for a bare hole. */
  readonly specifier: Specifier | undefined;
  readonly options: HoleOptions;
  readonly where: Where;
}
export interface CacheHole {
  readonly type: "cache";
  readonly point: CachePoint;
  readonly where: Where;
}

/** Lines and columns count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

const name = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const member = /^(?:[\p{ID_Start}$_][\p{ID_Continue}$]*|\d+)$/u;

/**
 * Parses what stands between two braces.
 *
 * @throws TemplateError with the place of the opening brace.
 */
export function parseHole(text: string, place: Place): Hole {
  const colon = text.indexOf(":");
  const path = (colon < 0 ? text : text.slice(0, colon)).trim();
  const specifier = colon < 0 ? undefined : parseSpecifier(text.slice(colon + 1).trim(), place);
  if (path === "" && specifier) return parseCachePoint(specifier, place);
  const members = path.split(".").map((part) => part.trim());
  if (!members.every((part, index) => (index === 0 ? name : member).test(part))) {
    throw syntaxError(place, `"{${cut(text)}}" is no variable. ${doubled}`);
  }
  if (path === "self") throw syntaxError(place, `"{self}" needs a member, such as {self.name}.`);
  const where = variableAt(members.join("."), place);
  if (!specifier) return { type: "variable", path: members, specifier: undefined, options: {}, where };
  const known = specifiers.get(specifier.name);
  if (!known) throw unknownSpecifier(specifier.name, [...specifiers.keys()], place);
  const options = checkOptions(specifier, known.options, place);
  return { type: "variable", path: members, specifier: known, options, where };
}

export const doubled = "Braces that are text are doubled: {{ and }}.";

export function syntaxError({ line, column }: Place, problem: string): TemplateError {
  return new TemplateError(`Line ${line}, column ${column} of the template: ${problem}`, { line, column });
}

/** Keeps a long piece of a template out of a message. */
export function cut(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

interface ParsedSpecifier {
  readonly name: string;
  readonly options: HoleOptions;
}

/** `image(detail=low)`; several options are separated by commas. */
function parseSpecifier(text: string, place: Place): ParsedSpecifier {
  const open = text.indexOf("(");
  if (open < 0) return { name: text, options: {} };
  if (!text.endsWith(")")) throw syntaxError(place, `the options of ":${cut(text)}" are not closed.`);
  const options = text
    .slice(open + 1, -1)
    .split(",")
    .map((option) => {
      const equals = option.indexOf("=");
      if (equals < 0) throw syntaxError(place, `the option "${cut(option.trim())}" has no value.`);
      return [option.slice(0, equals).trim(), option.slice(equals + 1).trim()] as const;
    });
  return { name: text.slice(0, open).trim(), options: Object.fromEntries(options) };
}

function parseCachePoint(specifier: ParsedSpecifier, place: Place): CacheHole {
  if (specifier.name !== "cache") throw unknownSpecifier(specifier.name, ["cache"], place);
  const { ttl } = checkOptions(specifier, { ttl: ["5m", "1h"] }, place);
  return { type: "cache", point: cachePoint(ttl as CachePoint["ttl"]), where: { name: "{:cache}", ...place } };
}

function checkOptions({ name, options }: ParsedSpecifier, known: Specifier["options"], place: Place): HoleOptions {
  for (const [key, value] of Object.entries(options)) {
    const values = Object.hasOwn(known, key) ? known[key] : undefined;
    if (!values) throw syntaxError(place, `":${name}" has no option "${cut(key)}".`);
    if (!values.includes(value)) {
      throw syntaxError(place, `the option "${key}" is one of ${values.join(", ")}, not "${cut(value)}".`);
    }
  }
  return options;
}

function unknownSpecifier(name: string, known: readonly string[], place: Place): TemplateError {
  const meant = nearest(name, known);
  const hint = meant ? ` Did you mean ":${meant}"?` : "";
  return syntaxError(place, `there is no specifier ":${cut(name)}".${hint} Known: ${known.join(", ")}.`);
}
