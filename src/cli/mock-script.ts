import { readFile, stat } from "node:fs/promises";
import { isPlainObject } from "../json.js";
import { nearest } from "../nearest.js";
import { faults } from "../testing/faults/faults.js";
import type { WireReply } from "../testing/reply.js";
import { CliError } from "./cli-error.js";

/** What a script may say of a reply; `tcp` and functions are for code. */
const members: readonly (keyof WireReply)[] = [
  "status",
  "headers",
  "delayMs",
  "drop",
  "text",
  "toolCalls",
  "usage",
  "finishReason",
  "json",
  "raw",
  "chunks",
  "gapMs",
  "cutAfter",
  "endAfter",
  "errorAfter",
  "hangAfter",
  "splitAt",
];

/**
 * Reads scripted replies: a list in YAML or JSON, each a text or the members of a reply, and `fault: stall` or
 * `fault: { stall: { after: 2 } }`.
 *
 * @throws CliError that names the reply, counted from 1, and the member.
 */
export async function readScript(file: string): Promise<readonly WireReply[]> {
  const text = await textOf(file);
  const { parse } = await import("yaml");
  let list: unknown;
  try {
    list = parse(text);
  } catch (cause) {
    throw new CliError(`The script ${file} is no YAML and no JSON: ${(cause as Error).message}`, { cause });
  }
  if (!Array.isArray(list) || list.length === 0) throw new CliError(`The script ${file} must be a list of replies.`);
  return list.map((entry, index) => toReply(entry, `Reply ${index + 1} of ${file}`));
}

async function textOf(file: string): Promise<string> {
  try {
    // What is no file, such as a device, may never end.
    if ((await stat(file)).isFile()) return await readFile(file, "utf8");
  } catch (cause) {
    throw new CliError(`The script ${file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`, { cause });
  }
  throw new CliError(`The script ${file} is no file.`);
}

function toReply(entry: unknown, where: string): WireReply {
  if (typeof entry === "string") return { text: entry };
  if (!isPlainObject(entry)) throw new CliError(`${where} must be a text or an object.`);
  const { fault, ...reply } = entry;
  const unknown = Object.keys(reply).find((name) => !members.includes(name as keyof WireReply));
  if (unknown !== undefined) throw notKnown(`${where} has a member ${unknown}, which is not known.`, unknown, members);
  return { ...(fault === undefined ? {} : faultOf(fault, where)), ...reply };
}

/** @param fault A name, or an object of a name and its options. */
export function faultOf(fault: unknown, where: string): WireReply {
  const [[name, options] = ["", {}]] = isPlainObject(fault) ? Object.entries(fault) : [[String(fault), {}] as const];
  if (!Object.hasOwn(faults, name)) throw notKnown(`${where}: there is no fault ${name}.`, name, Object.keys(faults));
  const make = faults[name as keyof typeof faults] as (options?: unknown) => WireReply;
  try {
    return make(options ?? {});
  } catch (cause) {
    throw new CliError(`${where}: the fault ${name} cannot be made. ${(cause as Error).message}`, { cause });
  }
}

function notKnown(what: string, name: string, known: readonly string[]): CliError {
  const near = nearest(name, known);
  return new CliError(`${what} ${near ? `Did you mean ${near}?` : `There are ${known.join(", ")}.`}`);
}
