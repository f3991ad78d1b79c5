import { parseJsonText } from "../json-text.js";
import { nearest } from "../nearest.js";
import { CliError } from "./cli-error.js";
import { type DeclaredType, toType, typeOfDefault } from "./declared-types.js";
import type { Parameter } from "./parameters.js";
import type { InputReader } from "./read-input.js";
import { type WatchedMembers, watchMembers } from "./watched-members.js";

export interface RunInput {
  /** `--genre fantasy`, `--genre=fantasy`, and arguments without a name: all that is not an option of the command itself. */
  readonly flags: readonly string[];
  /** JSON of the one argument; flags are further members of it. */
  readonly input?: string | undefined;
  /** JSON of the list of all arguments. */
  readonly args?: string | undefined;
}

/** What a call takes, as far as its source tells. */
export interface CallShape {
  readonly name: string;
  /** Undefined if the source cannot be read, and for a call with a template. */
  readonly parameters: readonly Parameter[] | undefined;
  /** The variables of its template. */
  readonly variables: readonly string[] | undefined;
  typeOf(name: string): DeclaredType | undefined;
}

export interface RunArguments {
  readonly list: readonly unknown[];
  /** The object that was made of flags. */
  readonly watched: WatchedMembers | undefined;
}

type Members = ReadonlyMap<string, string | readonly string[]>;

/**
 * The arguments of a call. A flag is the parameter of its name, or else a member of one object, as a template takes it;
 * what has no name is an argument by its place. Text becomes a number or a boolean if the module declares it as one, and a
 * flag that comes several times is a list.
 *
 * @throws CliError
 */
export async function argumentsFrom(given: RunInput, call: CallShape, reader: InputReader): Promise<RunArguments> {
  const { members, values } = readFlags(given.flags);
  if (given.args !== undefined) {
    if (given.flags.length > 0 || given.input !== undefined)
      throw new CliError("Give --args alone: it holds all arguments.");
    const list = parsed("--args", await reader.option("--args", given.args));
    if (Array.isArray(list)) return { list, watched: undefined };
    throw new CliError(`--args takes a JSON list, such as --args '["fantasy", 3]'.`);
  }
  if (values.length > 0) return byPlace(given, values, members, call, reader);
  if (given.input === undefined) {
    if (members.size === 0) return { list: [], watched: undefined };
    return (await byName(members, call, reader)) ?? asObject({}, members, call, reader);
  }
  const input = parsed("--input", await reader.option("--input", given.input));
  if (members.size === 0) return { list: [input], watched: undefined };
  if (typeof input !== "object" || input === null || Array.isArray(input))
    throw new CliError("--input must be a JSON object where flags stand beside it.");
  return asObject({ ...input }, members, call, reader);
}

/** `callwright run library.ts recommend fantasy 3`; flags are parameters behind them, or one object. */
async function byPlace(
  { input }: RunInput,
  values: readonly string[],
  members: Members,
  call: CallShape,
  reader: InputReader,
): Promise<RunArguments> {
  const { parameters } = call;
  const [first] = values;
  if (call.variables || parameters?.[0]?.isPattern)
    throw new CliError(`${JSON.stringify(first)} is not a flag. Write --name value, or give JSON with --input.`);
  if (input !== undefined) throw new CliError("Give --input or arguments, not both.");
  if (parameters && values.length > parameters.length && !parameters.at(-1)?.isRest)
    throw new CliError(`${call.name} takes ${countOf(parameters.length)}, and ${values.length} were given.`);
  const list: unknown[] = [];
  for (const [index, value] of values.entries()) {
    const parameter = parameters?.[index];
    list.push(toType(await reader.value(value), typeOf(parameter, call), parameter?.name ?? `Argument ${index + 1}`));
  }
  if (members.size === 0) return { list, watched: undefined };
  const rest = { ...call, parameters: parameters?.slice(values.length) };
  const further = (await byName(members, rest, reader)) ?? (await asObject({}, members, rest, reader));
  return { list: [...list, ...further.list], watched: further.watched };
}

/** Flags that are all named like parameters; undefined if they are members of an object. */
async function byName(members: Members, call: CallShape, reader: InputReader): Promise<RunArguments | undefined> {
  const names = (call.parameters ?? []).map(({ name }) => name);
  const strangers = [...members.keys()].filter((name) => !names.includes(name));
  if (strangers.length > 0) {
    const [stranger = ""] = strangers;
    const known = names.flatMap((name) => (name === undefined ? [] : [name]));
    const meant = strangers.length < members.size ? known.join(", --") : nearest(stranger, known);
    if (!meant) return undefined;
    throw new CliError(`${call.name} has no parameter ${stranger}. Did you mean --${meant}?`);
  }
  const list: unknown[] = [];
  for (const parameter of call.parameters ?? []) {
    const { name = "", isOptional } = parameter;
    const text = members.get(name);
    if (text === undefined && !isOptional && list.length < members.size)
      throw new CliError(`${call.name} needs --${name}.`);
    list.push(text === undefined ? undefined : await typedValue(text, typeOf(parameter, call), name, reader));
  }
  return { list: list.slice(0, list.findLastIndex((value) => value !== undefined) + 1), watched: undefined };
}

async function asObject(
  input: Readonly<Record<string, unknown>>,
  members: Members,
  call: CallShape,
  reader: InputReader,
): Promise<RunArguments> {
  const read: [string, unknown][] = [];
  for (const [name, text] of members) read.push([name, await typedValue(text, call.typeOf(name), name, reader)]);
  const [first] = call.parameters ?? [];
  const isText = first?.name !== undefined && typeOf(first, call) !== undefined;
  const watched = watchMembers({ ...input, ...Object.fromEntries(read) }, [...members.keys()], {
    call: call.name,
    known: call.variables ?? call.parameters?.[0]?.members ?? [],
    asText: Object.keys(input).length > 0 ? "allowed" : isText ? "refused" : "unexpected",
  });
  return { list: [watched.object], watched };
}

async function typedValue(
  text: string | readonly string[],
  type: DeclaredType | undefined,
  name: string,
  reader: InputReader,
): Promise<unknown> {
  if (typeof text === "string") return toType(await reader.value(text), type, `--${name}`);
  const list: unknown[] = [];
  for (const each of text) list.push(toType(await reader.value(each), type, `--${name}`));
  return list;
}

function typeOf(parameter: Parameter | undefined, call: CallShape): DeclaredType | undefined {
  if (parameter?.name === undefined) return undefined;
  return typeOfDefault(parameter) ?? call.typeOf(parameter.name);
}

function countOf(parameters: number): string {
  return parameters === 1 ? "one argument" : parameters === 0 ? "no argument" : `${parameters} arguments`;
}

/** @throws CliError */
export function readFlags(flags: readonly string[]): { readonly members: Members; readonly values: readonly string[] } {
  const members = new Map<string, string | readonly string[]>();
  const values: string[] = [];
  // Behind -- stand flags that have the name of an option of the command itself.
  const waiting = flags.filter((flag) => flag !== "--");
  for (let flag = waiting.shift(); flag !== undefined; flag = waiting.shift()) {
    if (!flag.startsWith("-") || flag === "-" || /^-\.?\d/.test(flag)) {
      values.push(flag);
      continue;
    }
    const [, name, inline] = /^--([\p{ID_Start}$_][\p{ID_Continue}$-]*)(?:=([\s\S]*))?$/u.exec(flag) ?? [];
    if (name === undefined)
      throw new CliError(`${JSON.stringify(flag)} is not a flag. Write --name value, or give JSON with --input.`);
    const value = inline ?? (waiting[0]?.startsWith("--") ? undefined : waiting.shift());
    if (value === undefined)
      throw new CliError(`--${name} has no value. Where it begins with --, write --${name}=value.`);
    const before = members.get(name);
    members.set(name, before === undefined ? value : [before, value].flat());
  }
  return { members, values };
}

function parsed(option: string, text: string): unknown {
  const read = parseJsonText(text);
  if ("value" in read) return read.value;
  throw new CliError(`${option} cannot be read. ${read.problem}`);
}
