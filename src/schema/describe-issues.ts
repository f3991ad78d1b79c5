import type { StandardSchemaV1 } from "@standard-schema/spec";
import { isPlainObject } from "../json.js";
import type { JsonSchema } from "./standard.js";
import { forEachSubschema } from "./walk.js";

type Issue = StandardSchemaV1.Issue;

/** What the messages of the library's own issues say, in a form that quotes nothing of the value. */
const safeWords = new WeakMap<Issue, string>();
/** The issues of a schema behind their copies with a longer path. */
const originals = new WeakMap<Issue, Issue>();

/**
 * An issue that the library itself finds.
 *
 * @param words The message without what it quotes of the value. @default the message
 */
export function ownIssue(issue: Issue, words: string = issue.message): Issue {
  safeWords.set(issue, words);
  return issue;
}

/** The issue of a field, with the field at the beginning of its path. */
export function issueOfField(name: string, issue: Issue): Issue {
  const { message, path = [] } = issue;
  const moved = { message, path: [name, ...path] };
  originals.set(moved, originals.get(issue) ?? issue);
  return moved;
}

/** The types that schemas expect; what else a validator puts there may quote the value. */
const types = new Set(
  "string number boolean object array integer int bigint date null undefined record tuple map set symbol function".split(
    " ",
  ),
);

const mostIssues = 20;

/**
 * The issues for an error's message: a line each, with the path and what kind of issue it is. It quotes nothing of the
 * value, in contrast to the messages of validators, so that it can be logged.
 *
 * @param names The names that the schema gives to members. Others, such as the keys of a record, are a part of the value,
 * and are shown as `*`.
 */
export function describeIssues(issues: readonly Issue[], names: ReadonlySet<string>): string {
  const lines = issues.slice(0, mostIssues).map((issue) => describeIssue(issue, names));
  if (issues.length > mostIssues) lines.push(`… and ${issues.length - mostIssues} more`);
  const hasOthersWords = issues.some((issue) => !safeWords.has(originals.get(issue) ?? issue));
  if (hasOthersWords) lines.push("The messages of the schema are in error.issues; they may quote the value.");
  return lines.join("\n");
}

function describeIssue(issue: Issue, names: ReadonlySet<string>): string {
  const original = originals.get(issue) ?? issue;
  const place = (issue.path ?? []).map((segment) => describeSegment(segment, names)).join(".");
  const kind = safeWords.get(original) ?? kindOf(original);
  return place ? `${place}: ${kind}` : kind;
}

function describeSegment(segment: PropertyKey | StandardSchemaV1.PathSegment, names: ReadonlySet<string>): string {
  const key = typeof segment === "object" ? segment.key : segment;
  return typeof key === "number" || names.has(String(key)) ? String(key) : "*";
}

/** The code of zod and ArkType, or the type of Valibot, and the type of value that was expected. */
function kindOf(issue: Issue): string {
  const { code, type, expected } = issue as { code?: unknown; type?: unknown; expected?: unknown };
  const kind = [code, type].find(
    (each) => typeof each === "string" && /^[a-z][a-z\d]{0,19}([_.-][a-z\d]{1,19}){0,3}$/.test(each),
  );
  const wanted = typeof expected === "string" ? expected.replace(/^an? /, "").toLowerCase() : "";
  return `${kind ?? "not valid"}${types.has(wanted) && wanted !== kind ? ` (expected ${wanted})` : ""}`;
}

const known = new WeakMap<JsonSchema, ReadonlySet<string>>();

/** The names that a JSON Schema gives to members, at any depth. */
export function memberNames(schema: JsonSchema): ReadonlySet<string> {
  const before = known.get(schema);
  if (before) return before;
  const names = new Set<string>();
  const seen = new Set<JsonSchema>();
  const open = [schema];
  for (let at = open.pop(); at; at = open.pop()) {
    if (seen.has(at)) continue;
    seen.add(at);
    if (isPlainObject(at.properties)) for (const name of Object.keys(at.properties)) names.add(name);
    forEachSubschema(at, (inner) => void open.push(inner));
  }
  known.set(schema, names);
  return names;
}
