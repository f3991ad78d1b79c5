import { Answer } from "../answer.js";
import { AbortedError, ConfigurationError, FallbackError, UnexpectedResponseError } from "../errors.js";
import { boundedMiddleware, foreignModel } from "../foreign-model.js";
import {
  isModel,
  isOutput,
  type Middleware,
  type Model,
  type ModelEvent,
  type ModelRef,
  type ModelRequest,
  providerOf,
} from "../model.js";
import { own } from "../own.js";
import { resolveModel } from "../providers/registry.js";
import { messageOf } from "../tool/result.js";
import { retry } from "./retry.js";
import { isCallOver } from "./retrying.js";

/**
 * What an answer can be besides whole: stopped by the provider's content filter, refused by the model, cut off at the token
 * limit, or not valid for the call's `responseModel`.
 */
export type FallbackOutcome = "content-filter" | "refusal" | "length" | "invalid";

export interface FallbackOptions {
  /**
   * Which answers another model is asked for, besides errors. An answer of the last model stays as it is.
   *
   * @default none
   */
  readonly on?: readonly FallbackOutcome[] | undefined;
}

/**
 * Asks the next model if one fails, with a `warning` on the answer that says why. In mid-stream it emits a `restart` event,
 * shown as `chunk.restarted`, and the next model begins anew; so it does at the finish of an answer that `on` names. Once a
 * tool was handed out, an error no longer changes models.
 *
 * Headers that were given for the first model do not go along to another, and neither do its key and address.
 *
 * @param models References or models, asked in this order, and options at the end; a reference takes its key from the
 * environment.
 * @throws FallbackError with the error of each if all fail; AbortedError, and the TimeoutError of the call's total, at once;
 * ConfigurationError at once if a model or an option is none.
 */
export function fallback(...models: readonly (ModelRef | Model)[]): Middleware;
export function fallback(...modelsAndOptions: readonly [...(ModelRef | Model)[], FallbackOptions]): Middleware;
export function fallback(...given: readonly (ModelRef | Model | FallbackOptions)[]): Middleware {
  const { models, on } = readArguments(given);
  // Looked up now, so that a misspelt reference is found before the day on which it is needed.
  const others = models.map((model) =>
    typeof model === "string" ? retry()(resolveModel(model)) : foreignModel(model, "What fallback() was given"),
  );

  return boundedMiddleware((first) => ({
    id: first.id,
    run: (request) => runInTurn([first, ...others], request, on),
  }));
}

async function* runInTurn(
  models: readonly Model[],
  request: ModelRequest,
  on: ReadonlySet<string>,
): AsyncGenerator<ModelEvent, void> {
  const errors: unknown[] = [];
  let shown = false;
  for (const [index, model] of models.entries()) {
    let toolShown = false;
    const isLast = index === models.length - 1;
    // The last answer is judged by the call, whatever it is.
    const answer = on.size > 0 && !isLast ? new Answer(model.id) : undefined;
    if (shown) yield { type: "restart", error: errors.at(-1) };
    try {
      const events = model.run(index === 0 ? request : withoutHeaders(request));
      for await (const event of index === 0 ? events : announced(model, events, models, errors)) {
        answer?.add(event);
        if (answer && event.type === "finish") {
          const error = await unwanted(model, answer, request, on);
          // No tool of an answer is run before its finish was handed on.
          toolShown &&= error === undefined;
          if (error) throw error;
        }
        shown ||= isOutput(event);
        toolShown ||= event.type === "tool-end";
        yield event;
      }
      return;
    } catch (error) {
      // If nobody waits any more, another model could not help.
      if (toolShown || error instanceof AbortedError || isCallOver(error, request)) throw error;
      errors.push(error);
    }
  }
  const tried = models.map(({ id }, index) => `${id}: ${messageOf(errors[index])}`);
  throw new FallbackError(`All ${tried.length} models failed. ${tried.join(" | ")}`, { errors });
}

/** The events of a model that took over, with an opening, so that it does not pass for the one that failed, and the reason. */
async function* announced(
  model: Model,
  events: AsyncIterable<ModelEvent>,
  models: readonly Model[],
  errors: readonly unknown[],
): AsyncGenerator<ModelEvent, void> {
  const reasons = errors.map((error, index) => `${models[index]?.id}: ${messageOf(error)}`);
  const message = `${model.id} was asked instead. ${reasons.join(" | ")}`;
  let isOpen = false;
  for await (const event of events) {
    if (isOpen || event.type === "warning") {
      yield event;
      continue;
    }
    isOpen = true;
    const { more: _, ...opening } =
      event.type === "open" ? event : ({ type: "open", provider: providerOf(model), headers: {} } as ModelEvent);
    yield opening as ModelEvent;
    // Behind the opening, which takes back what the model before it warned of.
    yield { type: "warning", code: "fallback_used", message };
    if (event.type !== "open") yield event;
  }
}

/** The error for an answer that another model is asked for; undefined for any other. */
async function unwanted(
  { id }: Model,
  answer: Answer,
  { context }: ModelRequest,
  on: ReadonlySet<string>,
): Promise<UnexpectedResponseError | undefined> {
  const why = await whyUnwanted(answer, context, on);
  if (why === undefined) return undefined;
  return new UnexpectedResponseError(`The answer of ${id} ${why}.`, {
    provider: providerOf({ id }),
    shouldRetry: false,
  });
}

async function whyUnwanted(
  answer: Answer,
  context: ModelRequest["context"],
  on: ReadonlySet<string>,
): Promise<string | undefined> {
  if (on.has("refusal") && answer.refusal !== undefined) return "was refused by the model";
  if (on.has("content-filter") && answer.finishReason === "content-filter")
    return "was stopped by the provider's content filter";
  if (on.has("length") && answer.finishReason === "length") return "was cut off at the token limit";
  return on.has("invalid") ? context?.whyRefused?.(answer.checked) : undefined;
}

const outcomes: Readonly<Record<FallbackOutcome, true>> = {
  "content-filter": true,
  refusal: true,
  length: true,
  invalid: true,
};

function readArguments(given: readonly (ModelRef | Model | FallbackOptions)[]) {
  const last = given.at(-1);
  // Anything else is meant as a model, and refused if it is none.
  const hasOptions =
    typeof last === "object" && last !== null && !isModel(last) && Object.keys(last).every((name) => name === "on");
  const { on = [] } = own(hasOptions ? (last as FallbackOptions) : {});
  const names = Object.keys(outcomes);
  if (!Array.isArray(on) || !on.every((outcome) => names.includes(outcome)))
    throw new ConfigurationError(`The option on of fallback() is a list of these: ${names.join(", ")}.`);
  return {
    models: (hasOptions ? given.slice(0, -1) : given) as readonly (ModelRef | Model)[],
    on: new Set<string>(on),
  };
}

function withoutHeaders(request: ModelRequest): ModelRequest {
  return { ...request, params: { ...request.params, headers: undefined } };
}
