import type { JsonSchema, Schema } from "../schema/standard.js";

/** Who the user is. */
export interface Persona {
  readonly name: string;
  readonly description?: string | undefined;
}

/** One conversation that a simulated user has with the agent. */
export interface Scenario {
  /** Stands in the report and for the conversation; no two are the same. */
  readonly id: string;
  readonly persona?: Persona | undefined;
  /** What the user says, turn by turn. */
  readonly turns?: readonly (string | ScriptedTurn)[] | undefined;
  /** Instead of `turns`: a model plays the user. */
  readonly user?: PlayedUser | undefined;
  /** What must hold for the whole conversation. */
  readonly checks?: readonly Check[] | undefined;
}

export interface ScriptedTurn {
  readonly say: string;
  /** What must hold for the answer to this. */
  readonly checks?: readonly Check[] | undefined;
}

export interface PlayedUser {
  /** What the user wants; the conversation ends when the user has it, or gives up. */
  readonly goal: string;
  /** What the user says first. @default what the model makes up */
  readonly opening?: string | undefined;
  /**
   * How many messages the user writes at most. After the last answer its model is asked once more whether the user is done.
   *
   * @default 8
   */
  readonly maxTurns?: number | undefined;
  /**
   * Whether a conversation that runs out of turns has failed. Otherwise its outcome is `unfinished`, unless a check fails.
   *
   * @default false
   */
  readonly mustFinish?: boolean | undefined;
}

/** How a text is compared. */
export interface TextComparison {
  /**
   * Whether typographic quotes, special spaces, line breaks and invisible characters count as the plain ones. Composed
   * and decomposed accents are always the same.
   *
   * @default false
   */
  readonly normalize?: boolean | undefined;
}

/**
 * One thing that must hold. For a turn it is asked of the answer; for a scenario, `contains` and `matches` of at least one
 * answer, `notContains` and `notMatches` of all, `schema` of the last, and a judge reads the whole conversation.
 *
 * A regular expression in text may stand between slashes, with its flags: `/as an ai/i`.
 */
export type Check =
  /** Upper and lower case count as the same. */
  | ({ readonly contains: string } & TextComparison)
  | ({ readonly notContains: string } & TextComparison)
  | ({ readonly matches: string | RegExp } & TextComparison)
  | ({ readonly notMatches: string | RegExp } & TextComparison)
  /** The answer is JSON, alone or in a code fence, that fits: a schema, or a JSON Schema as data. */
  | { readonly schema: Schema | JsonSchema }
  /** What a judge decides: the criterion in words, for the judge of the run; or a function, such as a decorated call. */
  | { readonly judge: string | Judge };

/** A conversation as a judge reads it. */
export interface Conversation {
  readonly id: string;
  readonly persona: string | undefined;
  readonly goal: string | undefined;
  readonly turns: readonly { readonly user: string; readonly agent: string }[];
}

/** Decides over a conversation. Anything but a verdict fails the check. */
export type Judge = (conversation: Conversation, criterion: string) => Verdict | boolean | Promise<Verdict | boolean>;

export interface Verdict {
  readonly passed: boolean;
  readonly reason?: string | undefined;
}

export const checkKinds = ["contains", "notContains", "matches", "notMatches", "schema", "judge"] as const;
export const textKinds: readonly string[] = ["contains", "notContains", "matches", "notMatches"];
export const defaultMaxTurns = 8;
