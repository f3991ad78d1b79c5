import { isPlainObject } from "../json.js";
import { nearest } from "../nearest.js";
import { own } from "../own.js";
import { isSchema } from "../schema/standard.js";
import { comparable } from "./comparable.js";
import { jsonSchemaProblem } from "./json-schema-check.js";
import { emptyPatternProblem, isRegExp, patternOf } from "./pattern.js";
import {
  type Check,
  checkKinds,
  type Persona,
  type PlayedUser,
  type Scenario,
  type ScriptedTurn,
  textKinds,
} from "./scenario.js";

export type Path = readonly (string | number)[];

/** What is wrong, and where; the reader of the file knows the line. */
export class FieldProblem extends Error {
  readonly path: Path;

  constructor(path: Path, problem: string) {
    super(problem);
    this.path = path;
  }
}

/** `scenarios[2].turns[0]` */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (all, key) => (typeof key === "number" ? `${all}[${key}]` : all ? `${all}.${key}` : key),
    "",
  );
}

/** @throws FieldProblem */
export function readPersona(value: unknown, path: Path, name?: string): Persona {
  if (name !== undefined && typeof value === "string") return own({ name, description: value });
  const { name: said, description } = record(value, path, ["name", "description"]);
  return own({
    name: name ?? text(said, [...path, "name"]),
    ...(description !== undefined && { description: text(description, [...path, "description"]) }),
  });
}

/** @param personas Those that a scenario may name. @throws FieldProblem */
export function readScenario(value: unknown, path: Path, personas: ReadonlyMap<string, Persona>): Scenario {
  const { id, persona, turns, user, checks } = record(value, path, ["id", "persona", "turns", "user", "checks"]);
  if ((turns === undefined) === (user === undefined))
    throw new FieldProblem(path, "needs either turns, a list of what the user says, or user, whom a model plays.");
  return own({
    id: text(id, [...path, "id"]),
    ...(persona !== undefined && { persona: personaOf(persona, [...path, "persona"], personas) }),
    ...(turns !== undefined && {
      turns: list(turns, [...path, "turns"], 1).map((turn, at) => readTurn(turn, [...path, "turns", at])),
    }),
    ...(user !== undefined && { user: readUser(user, [...path, "user"]) }),
    ...(checks !== undefined && { checks: readChecks(checks, [...path, "checks"]) }),
  });
}

function personaOf(value: unknown, path: Path, personas: ReadonlyMap<string, Persona>): Persona {
  if (typeof value !== "string") return readPersona(value, path);
  const known = personas.get(value);
  if (known) return known;
  const meant = nearest(value, personas.keys());
  throw new FieldProblem(
    path,
    `names ${JSON.stringify(value)}, which is not among the personas.${meant ? ` Did you mean ${JSON.stringify(meant)}?` : ""}`,
  );
}

function readTurn(value: unknown, path: Path): string | ScriptedTurn {
  if (!isPlainObject(value)) return text(value, path);
  const { say, checks } = record(value, path, ["say", "checks"]);
  return own({
    say: text(say, [...path, "say"]),
    ...(checks !== undefined && { checks: readChecks(checks, [...path, "checks"]) }),
  });
}

function readUser(value: unknown, path: Path): PlayedUser {
  const { goal, opening, maxTurns, mustFinish } = record(value, path, ["goal", "opening", "maxTurns", "mustFinish"]);
  if (
    maxTurns !== undefined &&
    !(Number.isInteger(maxTurns) && (maxTurns as number) > 0 && (maxTurns as number) <= 100)
  )
    throw new FieldProblem([...path, "maxTurns"], "must be a whole number from 1 to 100.");
  return own({
    goal: text(goal, [...path, "goal"]),
    ...(opening !== undefined && { opening: text(opening, [...path, "opening"]) }),
    ...(maxTurns !== undefined && { maxTurns: maxTurns as number }),
    ...(mustFinish !== undefined && { mustFinish: flag(mustFinish, [...path, "mustFinish"]) }),
  });
}

function readChecks(value: unknown, path: Path): Check[] {
  return list(value, path, 0).map((check, at) => readCheck(check, [...path, at]));
}

function readCheck(value: unknown, path: Path): Check {
  const { normalize, ...check } = record(value, path, [...checkKinds, "normalize"]);
  const [kind, more] = Object.keys(check) as (typeof checkKinds)[number][];
  if (kind === undefined || more !== undefined)
    throw new FieldProblem(path, `must say one thing: ${checkKinds.join(", ")}. Make a check of each.`);
  const wanted = check[kind];
  const place = [...path, kind];
  if (textKinds.includes(kind)) return readTextCheck(kind, wanted, normalize, path);
  if (normalize !== undefined)
    throw new FieldProblem([...path, "normalize"], `has no meaning beside ${kind}. It is for ${textKinds.join(", ")}.`);
  if (kind === "schema") {
    if (isSchema(wanted)) return own({ schema: wanted });
    const problem = jsonSchemaProblem(wanted);
    if (problem) throw new FieldProblem(place, problem);
    return own({ schema: wanted as { readonly [key: string]: unknown } });
  }
  return own({ judge: typeof wanted === "function" ? (wanted as never) : text(wanted, place) });
}

/** @throws FieldProblem also for a check that could never fail, or never pass. */
function readTextCheck(kind: string, wanted: unknown, normalize: unknown, path: Path): Check {
  const place = [...path, kind];
  const simplify = normalize === undefined ? undefined : flag(normalize, [...path, "normalize"]);
  const isPattern = kind === "matches" || kind === "notMatches";
  const said = isPattern && isRegExp(wanted) ? wanted : text(wanted, place);
  if (isPattern) checkPattern(said, simplify, place);
  else if (comparable(said as string, simplify).trim() === "")
    throw new FieldProblem(place, "has nothing left to look for when it is normalized.");
  return own({ [kind]: said, ...(simplify !== undefined && { normalize: simplify }) }) as unknown as Check;
}

function checkPattern(said: string | RegExp, normalize: boolean | undefined, place: Path): void {
  let problem: string | undefined;
  try {
    problem = emptyPatternProblem(patternOf(said, normalize));
  } catch (error) {
    throw new FieldProblem(place, `is not a valid regular expression: ${(error as Error).message}.`);
  }
  if (problem)
    throw new FieldProblem(
      place,
      `is ${said}, which ${problem}, so the check would check nothing. Special characters such as $ and ^ need a backslash.`,
    );
}

function record(value: unknown, path: Path, names: readonly string[]): Record<string, unknown> {
  if (!isPlainObject(value)) throw new FieldProblem(path, `must be an object with ${names.join(", ")}.`);
  const stranger = Object.keys(value).find((name) => !names.includes(name));
  if (stranger === undefined) return own(value);
  const meant = nearest(stranger, names);
  throw new FieldProblem(
    [...path, stranger],
    `is not known. ${meant ? `Did you mean ${meant}?` : `Known are ${names.join(", ")}.`}`,
  );
}

function list(value: unknown, path: Path, least: number): readonly unknown[] {
  if (Array.isArray(value) && value.length >= least) return value;
  throw new FieldProblem(path, least > 0 ? "must be a list that is not empty." : "must be a list.");
}

function text(value: unknown, path: Path): string {
  if (typeof value === "string" && value.trim() !== "") return value;
  throw new FieldProblem(path, value === undefined ? "is missing." : "must be a text that is not empty.");
}

function flag(value: unknown, path: Path): boolean {
  if (typeof value === "boolean") return value;
  throw new FieldProblem(path, "must be true or false.");
}
