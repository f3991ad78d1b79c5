import { parseJsonText } from "../json-text.js";
import { CliError } from "./cli-error.js";

export interface RunInput {
  /** `--genre fantasy`, `--genre=fantasy`: whatever is no option of the command itself. */
  readonly flags: readonly string[];
  /** JSON of the one argument; flags are further members of it. */
  readonly input?: string | undefined;
  /** JSON of the list of all arguments. */
  readonly args?: string | undefined;
}

/**
 * The arguments of a call. Flags are members of one object, as a template takes it; each value is text, and a flag that
 * comes several times is a list. JSON says the rest.
 *
 * @throws CliError
 */
export function argumentsFrom({ flags, input, args }: RunInput): unknown[] {
  if (args !== undefined) {
    if (flags.length > 0 || input !== undefined) throw new CliError("Give --args alone: it holds all arguments.");
    const list = parsed("--args", args);
    if (Array.isArray(list)) return list;
    throw new CliError(`--args takes a JSON list, such as --args '["fantasy", 3]'.`);
  }
  const members = readFlags(flags);
  if (input === undefined) return flags.length > 0 ? [members] : [];
  const given = parsed("--input", input);
  if (flags.length === 0) return [given];
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw new CliError("--input must be a JSON object where flags stand beside it.");
  return [{ ...given, ...members }];
}

function readFlags(flags: readonly string[]): Record<string, unknown> {
  const read = new Map<string, string | string[]>();
  // Behind -- stand flags that have the name of an option of the command itself.
  const waiting = flags.filter((flag) => flag !== "--");
  for (let flag = waiting.shift(); flag !== undefined; flag = waiting.shift()) {
    const [, name, inline] = /^--([\p{ID_Start}$_][\p{ID_Continue}$-]*)(?:=([\s\S]*))?$/u.exec(flag) ?? [];
    if (name === undefined)
      throw new CliError(`${JSON.stringify(flag)} is no flag. Write --name value, or give JSON with --input.`);
    const value = inline ?? (waiting[0]?.startsWith("--") ? undefined : waiting.shift());
    if (value === undefined)
      throw new CliError(`--${name} has no value. Where it begins with --, write --${name}=value.`);
    const before = read.get(name);
    read.set(name, before === undefined ? value : [before, value].flat());
  }
  return Object.fromEntries(read);
}

function parsed(option: string, text: string): unknown {
  const read = parseJsonText(text);
  if ("value" in read) return read.value;
  throw new CliError(`${option} cannot be read. ${read.problem}`);
}
