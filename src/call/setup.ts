import { dropPromise } from "../drop-promise.js";
import { ConfigurationError } from "../errors.js";
import { boundedModel, foreignModel, markBounded } from "../foreign-model.js";
import { isSilent, type Message, system } from "../message.js";
import {
  isModel,
  type Limits,
  type Middleware,
  type Model,
  type ModelRef,
  type ModelRequest,
  type Params,
  providerOf,
  type Timeouts,
} from "../model.js";
import { ownThroughout } from "../own.js";
import { costAt } from "../pricing.js";
import type { ProviderModel } from "../providers/clients.js";
import { resolveModel } from "../providers/registry.js";
import { retry } from "../resilience/retry.js";
import { currentScope } from "../scope.js";
import { accessOf, type Layer, limitsOf, overlay, paramsOf, timeoutsOf } from "../settings.js";
import { type Toolkit, toolkitOf } from "../tool/toolkit.js";
import { defaultTimeouts } from "../transport/attempt.js";
import { now } from "../wait.js";

/** All layers together, checked, with the model that answers. */
export interface Setup {
  readonly layer: Layer;
  /** The layers without those of `override`, and these, so that what is said later can come between. */
  readonly own: Layer;
  readonly scope: readonly Layer[];
  readonly model: Model;
  readonly toolkit: Toolkit | undefined;
  readonly params: Params;
  readonly timeouts: Timeouts;
  readonly limits: Limits;
  /** Closes the connections that the model's own calls use. */
  close(): Promise<void>;
}

/**
 * @param like A setup whose model serves this one too, where the two differ in other things only; middleware may keep
 * state in its model.
 * @throws ConfigurationError where a value is out of range or two tools share a name; UnsupportedProviderError.
 */
export function toSetup(own: Layer, like?: Setup, scope: readonly Layer[] = []): Setup {
  const layer = scope.reduce(overlay, own);
  const { tools = [] } = layer;
  const { model, close } = like && sameRoute(like.layer, layer) ? like : routeOf(layer);
  return {
    layer,
    own,
    scope,
    model,
    close,
    toolkit: tools.length > 0 ? toolkitOf(tools) : undefined,
    params: paramsOf(layer),
    timeouts: timeoutsOf(layer),
    limits: limitsOf(layer),
  };
}

/** A setup with what is said for one call, and with what `override` says around it: here, and where the setup was made. */
export function setupFor(base: Setup, said: Layer | undefined): Setup {
  const around = (currentScope() as readonly Layer[]).filter((change) => !base.scope.includes(change));
  if (!said && around.length === 0) return base;
  return toSetup(said ? overlay(base.own, said) : base.own, base, [...base.scope, ...around]);
}

function sameRoute(a: Layer, b: Layer): boolean {
  const [first, second] = [accessOf(a), accessOf(b)];
  const sameAccess = Object.keys({ ...first, ...second }).every(
    (name) => first[name as "apiKey"] === second[name as "apiKey"],
  );
  return (
    a.model === b.model &&
    sameAccess &&
    a.use?.length === b.use?.length &&
    (a.use ?? []).every((each, index) => each === b.use?.[index])
  );
}

/** The middleware outermost first, and the one retry innermost, where it steps aside for another. */
function routeOf(layer: Layer): Pick<Setup, "model" | "close"> {
  const provider = resolve(layer.model, layer);
  const model = (layer.use ?? []).reduceRight((inner: Model, middleware: Middleware) => {
    const made = dropPromise(middleware(inner));
    if (isModel(made)) return made;
    throw new ConfigurationError("A middleware did not return a model. Return an object with an id and run().");
  }, defaultRetry(provider));
  // A middleware of the caller's own may be, or ask, a model that ignores its signal.
  return { model: boundedModel(model, "What the middleware returned"), close: async () => provider.close?.() };
}

const defaultRetry = retry();

function resolve(target: ModelRef | ProviderModel | undefined, layer: Layer): ProviderModel {
  if (typeof target === "string") return resolveModel(target, accessOf(layer));
  const limited = foreignModel(target, "What the call was given");
  if (layer.client !== undefined)
    throw new ConfigurationError(`The model ${limited.id} is an object of its own, so it takes no client.`);
  return markBounded({ ...limited, close: async () => target?.close?.() });
}

/**
 * The request for some messages; its deadline begins now.
 *
 * @throws ConfigurationError if all that is said beside system messages is blank.
 */
export async function toRequest(setup: Setup, messages: readonly Message[]): Promise<ModelRequest> {
  if (isSilent(messages)) {
    const found = messages.length === 0 ? "there are no messages" : "all messages are blank";
    throw new ConfigurationError(`There is nothing to send: ${found}. Write a text, or do not make the call.`);
  }
  const { toolkit, params, timeouts, limits, layer } = setup;
  const { toolChoice, price } = layer;
  const ownProvider = providerOf(setup.model);
  if (typeof toolChoice === "object" && toolkit && !toolkit.names.includes(toolChoice.name)) {
    throw new ConfigurationError(
      `toolChoice names ${JSON.stringify(toolChoice.name)}, which this call does not offer. Its tools are ${toolkit.names.join(", ")}.`,
    );
  }
  // The request is seen by models and middleware of the user's own, who expect plain objects.
  // Whole, also where nothing is set yet: a copy that gets a further member costs twenty times one that changes a member.
  return ownThroughout({
    messages: layer.system ? [system(layer.system), ...messages] : messages,
    tools: toolkit && (await toolkit.define()),
    toolChoice,
    parallelToolCalls: layer.parallelToolCalls,
    output: undefined,
    params: { ...params },
    stream: false,
    signal: undefined,
    metadata: layer.metadata,
    context: {
      deadline: now() + (timeouts.totalMs ?? defaultTimeouts.totalMs),
      timeouts: { ...timeouts },
      limits: { ...limits },
      retriedBy: undefined,
      onRetry: undefined,
      beforeRetry: undefined,
      onEndpoint: undefined,
      onProgress: undefined,
      whyRefused: undefined,
      costOf: price && ((provider, usage) => (provider === ownProvider ? costAt(price, usage) : undefined)),
    },
  });
}
