import { isPlainObject } from "../json.js";
import { extractJson } from "../json-text.js";
import { isSchema } from "../schema/standard.js";
import { formatIssues, validate } from "../schema/validate.js";
import { misfit } from "./json-schema-check.js";
import type { CheckResult } from "./result.js";
import type { Check, Conversation, Judge, Verdict } from "./scenario.js";

/**
 * Asks a check of the answers of a conversation, or of the one answer of a turn. It never rejects: a judge that fails, fails the check.
 *
 * @param judge Decides criteria in words; undefined leaves them unjudged.
 */
export async function runCheck(
  check: Check,
  conversation: Conversation,
  answers: readonly string[],
  judge: Judge | undefined,
): Promise<CheckResult> {
  const name = describe(check);
  if (judge === undefined && "judge" in check && typeof check.judge === "string") return { check: name };
  try {
    const { passed, reason } = await verdictOf(check, conversation, answers, judge);
    return { check: name, passed, ...(reason !== undefined && { reason }) };
  } catch (error) {
    return {
      check: name,
      passed: false,
      reason: `The check failed: ${error instanceof Error ? error.message : error}`,
    };
  }
}

function describe(check: Check): string {
  if ("contains" in check) return `contains ${JSON.stringify(check.contains)}`;
  if ("notContains" in check) return `does not contain ${JSON.stringify(check.notContains)}`;
  if ("matches" in check) return `matches ${check.matches}`;
  if ("notMatches" in check) return `does not match ${check.notMatches}`;
  if ("schema" in check) return "fits the schema";
  return typeof check.judge === "string" ? `judge: ${check.judge}` : `judge: ${check.judge.name || "a function"}`;
}

async function verdictOf(
  check: Check,
  conversation: Conversation,
  answers: readonly string[],
  judge: Judge | undefined,
): Promise<Verdict> {
  if ("contains" in check) return some(answers, (answer) => includes(answer, check.contains));
  if ("notContains" in check) return none(answers, (answer) => includes(answer, check.notContains));
  if ("matches" in check) return some(answers, (answer) => patternOf(check.matches).test(answer));
  if ("notMatches" in check) return none(answers, (answer) => patternOf(check.notMatches).test(answer));
  if ("schema" in check) return fits(check.schema, answers.at(-1));
  const [by, criterion] = typeof check.judge === "string" ? [judge as Judge, check.judge] : [check.judge, ""];
  return readVerdict(await by(conversation, criterion));
}

function includes(answer: string, wanted: string): boolean {
  return answer.toLowerCase().includes(wanted.toLowerCase());
}

/** Without `g` and `y`, which would make it remember where it was. */
function patternOf(pattern: string | RegExp): RegExp {
  return typeof pattern === "string"
    ? new RegExp(pattern, "u")
    : new RegExp(pattern, pattern.flags.replace(/[gy]/g, ""));
}

function some(answers: readonly string[], holds: (answer: string) => boolean): Verdict {
  return answers.some(holds)
    ? { passed: true }
    : { passed: false, reason: answers.length === 1 ? "The answer does not." : "No answer does." };
}

function none(answers: readonly string[], holds: (answer: string) => boolean): Verdict {
  const at = answers.findIndex(holds);
  if (at === -1) return { passed: true };
  return { passed: false, reason: answers.length === 1 ? "The answer does." : `Answer ${at + 1} does.` };
}

async function fits(schema: (Check & { schema: unknown })["schema"], answer = ""): Promise<Verdict> {
  const read = extractJson(answer);
  if ("problem" in read) return { passed: false, reason: read.problem };
  if (!isSchema(schema)) {
    const problem = misfit(schema as Readonly<Record<string, unknown>>, read.value);
    return { passed: problem === undefined, ...(problem !== undefined && { reason: problem }) };
  }
  const { issues } = await validate(schema, read.value);
  return issues ? { passed: false, reason: formatIssues(issues) } : { passed: true };
}

/** Nothing but a clear yes passes. */
function readVerdict(verdict: unknown): Verdict {
  if (typeof verdict === "boolean") return { passed: verdict };
  if (isPlainObject(verdict) || (typeof verdict === "object" && verdict !== null)) {
    const { passed, reason } = verdict as Partial<Verdict>;
    if (typeof passed === "boolean") return { passed, ...(typeof reason === "string" && { reason }) };
  }
  return { passed: false, reason: "The judge gave no verdict. It must give true, false or { passed, reason }." };
}
