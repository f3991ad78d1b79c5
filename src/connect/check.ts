import { isPlainObject } from "../json.js";
import { extractJson } from "../json-text.js";
import { isSchema, type JsonSchema } from "../schema/standard.js";
import { formatIssues, validate } from "../schema/validate.js";
import { comparable } from "./comparable.js";
import { misfit } from "./json-schema-check.js";
import { patternOf } from "./pattern.js";
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
  if ("contains" in check) return some(answers, includes(check.contains, check.normalize));
  if ("notContains" in check) return none(answers, includes(check.notContains, check.normalize));
  if ("matches" in check) return some(answers, matches(check.matches, check.normalize));
  if ("notMatches" in check) return none(answers, matches(check.notMatches, check.normalize));
  if ("schema" in check) return fits(check.schema, answers.at(-1));
  const [by, criterion] = typeof check.judge === "string" ? [judge as Judge, check.judge] : [check.judge, ""];
  return readVerdict(await by(conversation, criterion));
}

type Holds = (answer: string) => boolean;

function includes(text: string, normalize: boolean | undefined): Holds {
  const wanted = foldCase(comparable(text, normalize));
  return (answer) => foldCase(comparable(answer, normalize)).includes(wanted);
}

/** Changing the case may take a text out of its normal form. */
function foldCase(text: string): string {
  return text.toLowerCase().normalize("NFC");
}

function matches(text: string | RegExp, normalize: boolean | undefined): Holds {
  const pattern = patternOf(text, normalize);
  return (answer) => pattern.test(comparable(answer, normalize));
}

function some(answers: readonly string[], holds: Holds): Verdict {
  return answers.some(holds)
    ? { passed: true }
    : { passed: false, reason: answers.length === 1 ? "The answer does not." : "No answer does." };
}

function none(answers: readonly string[], holds: Holds): Verdict {
  const at = answers.findIndex(holds);
  if (at === -1) return { passed: true };
  return { passed: false, reason: answers.length === 1 ? "The answer does." : `Answer ${at + 1} does.` };
}

async function fits(schema: (Check & { schema: unknown })["schema"], answer = ""): Promise<Verdict> {
  const read = extractJson(answer);
  if ("problem" in read) return { passed: false, reason: read.problem };
  if (!isSchema(schema)) {
    const problem = await misfit(schema as JsonSchema, read.value);
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
