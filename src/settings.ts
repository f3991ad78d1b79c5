import { ConfigurationError } from "./errors.js";
import type { Access, Middleware, Model, ModelRef, Params, Timeouts, ToolChoice } from "./model.js";
import type { Price } from "./pricing.js";
import type { ToolLike } from "./tool/function-tool.js";

/** What holds for one call, wherever it is said. An option that is undefined is unset. */
export interface CallSettings extends Params {
  /** Stands before the messages as a system message. */
  system?: string | undefined;
  tools?: readonly ToolLike[] | undefined;
  /** @default the provider's, "auto" */
  toolChoice?: ToolChoice | undefined;
  /** Whether the model may ask for several tools at once. @default the provider's, true */
  parallelToolCalls?: boolean | undefined;
  /** Aborts the call; where several places give one, each of them does. */
  signal?: AbortSignal | undefined;
  timeouts?: Timeouts | undefined;
  /** For `cost`, where the price table does not know the model or you pay another price. @default the table's */
  price?: Price | undefined;
  /** For your own middleware and traces; it is not sent. */
  metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** What one place says of a call: `model()`, the decorator, a prompt's config, `override`; or several together. */
export interface Layer extends CallSettings, Access {
  model?: ModelRef | Model | undefined;
  /** What changes how the model behaves, outermost first. */
  use?: readonly Middleware[] | undefined;
  /** All signals of the layers together. */
  signals?: readonly AbortSignal[] | undefined;
}

const accessNames = [
  "apiKey",
  "baseURL",
  "client",
  "fetch",
  "connections",
  "api",
] as const satisfies readonly (keyof Access)[];
const paramNames = [
  "temperature",
  "maxTokens",
  "topP",
  "topK",
  "stop",
  "seed",
  "frequencyPenalty",
  "presencePenalty",
  "reasoningEffort",
  "extraBody",
  "headers",
] as const satisfies readonly (keyof Params)[];

/** The layers that stand for models made by `model()`. */
export const layerOfModel = new WeakMap<Model, Layer>();

/** Two layers as one: what `top` sets wins, its middleware stands outermost, and each signal counts. */
export function overlay(base: Layer, top: Layer): Layer {
  const own = typeof top.model === "object" ? layerOfModel.get(top.model) : undefined;
  if (own) {
    // A model with options of its own: who may be asked and how wins as a whole, its other options are the lowest of all.
    const { model, use } = own;
    return overlay(overlay(without(own, ["model", "use", ...accessNames]), base), {
      ...top,
      ...pick(own, accessNames),
      model,
      use: [...(top.use ?? []), ...(use ?? [])],
    });
  }
  // A key, or a header that may hold one, belongs to the provider that it was given for.
  const moves = top.model !== undefined && providerOf(top.model) !== providerOf(base.model);
  const { signal, use = [], timeouts = {}, ...rest } = top;
  return {
    ...(moves ? without(base, [...accessNames, "headers", "price"]) : base),
    ...withoutUnset(rest),
    use: [...use, ...(base.use ?? [])],
    timeouts: { ...base.timeouts, ...withoutUnset(timeouts) },
    signals: [...(base.signals ?? []), ...(signal ? [signal] : [])],
  };
}

function providerOf(model: ModelRef | Model | undefined): unknown {
  return typeof model === "string" ? model.slice(0, model.indexOf("/")) : model;
}

export function accessOf(layer: Layer): Access {
  return pick(layer, accessNames);
}

/** @throws ConfigurationError that names the parameter and what it must be. */
export function paramsOf(layer: Layer): Params {
  const params: Params = pick(layer, paramNames);
  const { temperature, topP, frequencyPenalty, presencePenalty, seed, maxTokens, topK } = params;
  for (const [name, value] of Object.entries({ temperature, topP, frequencyPenalty, presencePenalty, seed })) {
    if (value !== undefined && !Number.isFinite(value)) throw outOfRange(name, "a number", value);
  }
  checkCounts({ maxTokens, topK });
  return params;
}

/** @throws ConfigurationError that names the limit. */
export function timeoutsOf({ timeouts = {} }: Layer): Timeouts {
  for (const [name, ms] of Object.entries(timeouts)) {
    if (!(typeof ms === "number" && ms > 0))
      throw outOfRange(`timeouts.${name}`, "a number of milliseconds above 0", ms);
  }
  return timeouts;
}

/** @throws ConfigurationError that names the first value that is set and no whole number above 0. */
export function checkCounts(values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && !(Number.isInteger(value) && (value as number) > 0))
      throw outOfRange(name, "a whole number above 0", value);
  }
}

/** @throws ConfigurationError that names the first value that is set and no number of milliseconds above 0. */
export function checkMilliseconds(values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && !(typeof value === "number" && value > 0))
      throw outOfRange(name, "a number of milliseconds above 0", value);
  }
}

export function outOfRange(name: string, what: string, value: unknown): ConfigurationError {
  return new ConfigurationError(`${name} must be ${what}, not ${String(value)}.`);
}

function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]])) as Pick<
    T,
    K
  >;
}

function without<T extends object>(from: T, names: readonly PropertyKey[]): T {
  return Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name))) as T;
}

function withoutUnset<T extends object>(from: T): T {
  return Object.fromEntries(Object.entries(from).filter(([, value]) => value !== undefined)) as T;
}
