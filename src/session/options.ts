import { ConfigurationError } from "../errors.js";
import type { Model, ModelRef } from "../model.js";
import { nearest } from "../nearest.js";
import { checkCounts } from "../numbers.js";
import { own } from "../own.js";
import type { CallSettings, Layer } from "../settings.js";
import type { ToolLike } from "../tool/function-tool.js";
import type { Limits } from "./history.js";

/** The settings hold for each turn. To limit the tokens of an answer, pass `maxTokens` to `send()` or to `model()`. */
export interface SessionOptions extends Limits, Omit<CallSettings, "maxTokens" | "system"> {
  model: ModelRef | Model;
  /** The first message of the history. */
  system?: string | undefined;
  /** They are run, and the model is asked again, until none is wanted. */
  tools?: readonly ToolLike[] | undefined;
  /** How many answers at most in one turn. With 1, tools are yours to run. @default 10 */
  maxSteps?: number | undefined;
}

/** The settings of one turn. A session keeps answers as messages, so that none becomes a value. */
export interface TurnSettings extends CallSettings {
  /** Not for sessions: call with `session.history` as the messages instead. */
  responseModel?: never;
}

/** What a session is made of, sorted. */
export interface SessionParts {
  /** What holds for each turn, with the model that it was given for. */
  readonly settings: Layer;
  readonly limits: Limits;
  readonly maxSteps: number | undefined;
  readonly system: string | undefined;
}

const settingNames: Readonly<Record<Exclude<keyof CallSettings, "maxTokens" | "system">, true>> = {
  temperature: true,
  topP: true,
  topK: true,
  stop: true,
  seed: true,
  frequencyPenalty: true,
  presencePenalty: true,
  reasoningEffort: true,
  extraBody: true,
  headers: true,
  tools: true,
  toolChoice: true,
  parallelToolCalls: true,
  signal: true,
  timeouts: true,
  limits: true,
  price: true,
  metadata: true,
};
const sessionNames = [...Object.keys(settingNames), "model", "system", "maxSteps", "maxMessages", "maxTokens"];
/** A turn is a layer like any other: what the types leave out, such as `use`, works there too. */
const accessNames = ["apiKey", "baseURL", "client", "fetch", "connections", "api"];
const turnNames = [...Object.keys(settingNames), "system", "maxTokens", "model", "use", ...accessNames];

/** @throws ConfigurationError for a name that is not an option, and for a number out of range. */
export function partsOf(given: Partial<SessionOptions>): SessionParts {
  checkNames(given, sessionNames, "new Session()");
  const { maxSteps, maxMessages, maxTokens, system, ...settings } = own(given);
  checkCounts({ maxSteps, maxMessages, maxTokens });
  return { settings, limits: { maxMessages, maxTokens }, maxSteps, system };
}

/** @throws ConfigurationError for a name that is not a setting of a turn. */
export function checkTurnSettings(settings: TurnSettings | undefined): void {
  if (settings) checkNames(settings, turnNames, "session.send()");
}

const elsewhere = new Map([
  [
    "responseModel",
    "Make a typed value with call(model, { responseModel })(() => [...session.history, user(question)])",
  ],
  ["stream", "Use session.stream()"],
  ["use", "Pass it to the model: model(reference, { use })"],
  ...accessNames.map((name) => [name, `Pass it to the model: model(reference, { ${name} })`] as const),
]);

function checkNames(given: object, known: readonly string[], where: string): void {
  const stranger = Object.entries(given).find(([name, value]) => value !== undefined && !known.includes(name))?.[0];
  if (stranger === undefined) return;
  const meant = nearest(stranger, known);
  const advice = elsewhere.get(stranger) ?? (meant ? `Did you mean ${meant}?` : `Its options are ${known.join(", ")}`);
  throw new ConfigurationError(
    `${where} has no option ${JSON.stringify(stranger.slice(0, 80))}. ${advice.replace(/([^?.])$/, "$1.")}`,
  );
}
