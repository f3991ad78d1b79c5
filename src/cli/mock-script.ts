import { readFile, stat } from "node:fs/promises";
import { isPlainObject } from "../json.js";
import { nearest } from "../nearest.js";
import {
  count,
  countOrInfinity,
  membersProblem,
  milliseconds,
  oneOf,
  type Rule,
  replyProblem,
  replyRules,
  string,
} from "../testing/check-reply.js";
import { faults } from "../testing/faults/faults.js";
import type { WireReply } from "../testing/reply.js";
import { CliError } from "./cli-error.js";

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

/** `tcp` is for code. */
const { tcp: _, ...members } = replyRules;

function toReply(entry: unknown, where: string): WireReply {
  if (typeof entry === "string") return { text: entry };
  if (!isPlainObject(entry)) throw new CliError(`${where} must be a text or an object.`);
  const { fault, ...reply } = entry;
  const problem = membersProblem(reply, members) ?? replyProblem(reply) ?? jsonProblem(reply);
  if (problem !== undefined) throw new CliError(/^has /.test(problem) ? `${where} ${problem}` : `${where}: ${problem}`);
  return { ...(fault === undefined ? {} : faultOf(fault, where)), ...reply };
}

/** YAML can refer to what is around a reference, and knows numbers that JSON does not have. */
function jsonProblem(reply: object): string | undefined {
  try {
    JSON.stringify(reply);
    return undefined;
  } catch (error) {
    return `it cannot be sent as JSON (${(error as Error).message.split("\n", 1)[0]}).`;
  }
}

const after = { after: countOrInfinity };
const everyMs = { everyMs: milliseconds };

/** The options of the faults that have any; those that take one text by itself have its rule. */
const faultOptions: ReadonlyMap<string, Rule | Readonly<Record<string, Rule>>> = new Map<
  keyof typeof faults,
  Rule | Readonly<Record<string, Rule>>
>([
  ["slowHeaders", everyMs],
  ["stall", after],
  ["pings", { ...after, ...everyMs }],
  ["drip", everyMs],
  ["truncate", { ...after, at: oneOf("event", "line", "character") }],
  ["cut", { ...after, how: oneOf("reset", "end") }],
  ["overloaded", after],
  ["redirect", { to: string, status: oneOf(301, 302, 303, 307, 308) }],
  ["badChunkSize", after],
  ["encoding", string],
  ["malformedJson", after],
  ["hugeEvent", { bytes: count }],
  ["noNewline", { bytes: count }],
  ["lineEndings", oneOf("crlf", "cr", "mixed")],
]);

/** @param fault A name, or an object of a name and its options. */
export function faultOf(fault: unknown, where: string): WireReply {
  const named: readonly (readonly [string, unknown])[] = isPlainObject(fault)
    ? Object.entries(fault)
    : [[String(fault), undefined]];
  const [[name, options] = ["", undefined]] = named;
  if (named.length !== 1)
    throw new CliError(`${where}: fault must be the name of a fault, or an object with one name.`);
  if (!Object.hasOwn(faults, name)) throw notKnown(`${where}: there is no fault ${name}.`, name, Object.keys(faults));
  const problem = optionsProblem(name, options ?? undefined);
  if (problem !== undefined) throw new CliError(`${where}: the fault ${name} ${problem}`);
  const make = faults[name as keyof typeof faults] as (options?: unknown) => WireReply;
  return make(options ?? undefined);
}

function optionsProblem(name: string, options: unknown): string | undefined {
  const rules = faultOptions.get(name) ?? {};
  if (isRule(rules)) {
    if (options === undefined || rules[0](options)) return undefined;
    return `must have ${rules[1]}, not ${JSON.stringify(options)}.`;
  }
  if (options !== undefined && !isPlainObject(options)) return "must have an object of options.";
  const problem = membersProblem(options ?? {}, rules, name === "redirect" ? ["to"] : []);
  if (problem === undefined) return undefined;
  return /^has /.test(problem) ? problem : `has a wrong option: ${problem}`;
}

function isRule(rules: Rule | Readonly<Record<string, Rule>>): rules is Rule {
  return Array.isArray(rules);
}

function notKnown(what: string, name: string, known: readonly string[]): CliError {
  const near = nearest(name, known);
  return new CliError(`${what} ${near ? `Did you mean ${near}?` : `There are ${known.join(", ")}.`}`);
}
