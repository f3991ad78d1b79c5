import type { Access, Limits, Middleware, Model, ModelRef, Params, Timeouts, ToolChoice } from "./model.js";
import { checkAmounts, checkCounts, checkMilliseconds } from "./numbers.js";
import { own } from "./own.js";
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
  limits?: Limits | undefined;
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

/** Two layers as one: what the one above sets wins, its middleware stands outermost, and each signal counts. */
export function overlay(below: Layer, above: Layer): Layer {
  const [base, top] = [own(below), own(above)];
  const brought = typeof top.model === "object" ? layerOfModel.get(top.model) : undefined;
  if (brought) {
    // A model with options of its own: who may be asked and how wins as a whole, its other options are the lowest of all.
    const { model, use } = brought;
    // What was given for another provider goes, and this model's own must not go with it.
    const stays = providerOf(model) !== providerOf(base.model) ? pick(brought, ["headers", "price"]) : {};
    return overlay(overlay(without(brought, ["model", "use", ...accessNames]), base), {
      ...stays,
      ...withoutUnset(top),
      ...pick(brought, accessNames),
      model,
      use: [...(top.use ?? []), ...(use ?? [])],
    });
  }
  // A key, or a header that may hold one, belongs to the provider that it was given for.
  const moves = top.model !== undefined && providerOf(top.model) !== providerOf(base.model);
  const { signal, use = [], timeouts = {}, limits = {}, ...rest } = top;
  return own({
    ...(moves ? without(base, [...accessNames, "headers", "price"]) : base),
    ...withoutUnset(rest),
    use: [...use, ...(base.use ?? [])],
    timeouts: own({ ...base.timeouts, ...withoutUnset(timeouts) }),
    limits: own({ ...base.limits, ...withoutUnset(limits) }),
    signals: [...(base.signals ?? []), ...(signal ? [signal] : [])],
  });
}

/** Settings for another model than the one they were given for; headers and a price stay with their provider. */
export function settingsFor<T extends Layer>(settings: T, model: ModelRef | Model): T {
  const [before, after] = [settings.model, model].map((each) => providerOf(overlay({}, { model: each }).model));
  return { ...(before === after ? settings : without(settings, ["headers", "price"])), model };
}

function providerOf(model: ModelRef | Model | undefined): unknown {
  return typeof model === "string" ? model.slice(0, model.indexOf("/")) : model;
}

/** @throws ConfigurationError where `connections` is out of range. */
export function accessOf(layer: Layer): Access {
  checkCounts({ connections: layer.connections });
  return pick(layer, accessNames);
}

/** @throws ConfigurationError that names the parameter, or what of the price is out of range, and what it must be. */
export function paramsOf(layer: Layer): Params {
  const params: Params = pick(layer, paramNames);
  const { temperature, topP, frequencyPenalty, presencePenalty, seed, maxTokens, topK } = params;
  checkAmounts({ temperature, topP, frequencyPenalty, presencePenalty, seed }, "any");
  checkCounts({ maxTokens, topK });
  checkAmounts(under("price", layer.price), "price");
  return params;
}

/** @throws ConfigurationError that names the limit. */
export function timeoutsOf({ timeouts = {} }: Layer): Timeouts {
  checkMilliseconds(under("timeouts", timeouts));
  return timeouts;
}

/** @throws ConfigurationError that names the limit. */
export function limitsOf({ limits = {} }: Layer): Limits {
  checkCounts(under("limits", limits));
  return limits;
}

/** The members of an option, each under the name by which a message tells where it stands. */
function under(option: string, members: object = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [`${option}.${name}`, value]));
}

function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  const set = names.filter((name) => from[name] !== undefined);
  return own(Object.fromEntries(set.map((name) => [name, from[name]]))) as Pick<T, K>;
}

function without<T extends object>(from: T, names: readonly PropertyKey[]): T {
  return Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name))) as T;
}

export function withoutUnset<T extends object>(from: T): T {
  return Object.fromEntries(Object.entries(from).filter(([, value]) => value !== undefined)) as T;
}
