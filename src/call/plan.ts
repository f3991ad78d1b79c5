import { collect } from "../collect.js";
import { ConfigurationError } from "../errors.js";
import { type Message, system } from "../message.js";
import type { Access, Middleware, Model, ModelRef, ModelRequest } from "../model.js";
import { loadPrices } from "../pricing.js";
import type { DynamicConfig } from "../prompt/prompt.js";
import { readPromptValue, requireMessages } from "../prompt/value.js";
import { resolveModel } from "../providers/registry.js";
import { retry } from "../resilience/retry.js";
import type { Origin } from "../response.js";
import { type CallStream, openStream } from "../stream.js";
import { type Toolkit, toolkitOf } from "../tool/toolkit.js";
import { defaultTimeouts } from "../transport/attempt.js";
import { now } from "../wait.js";
import { type CallOptions, mergeSettings, type Settings, toSettings } from "./settings.js";

/** Everything about a call that is known before it is made. */
export interface Plan {
  run(promptValue: unknown): Promise<unknown>;
}

/** @throws ConfigurationError where the options contradict each other or name something that is not there. */
export function createPlan(target: ModelRef | Model, options: CallOptions): Plan {
  const base = toSettings(options);
  const { apiKey, baseURL, client, fetch, connections, use = [], outputParser } = options;
  const access: Access = { apiKey, baseURL, client, fetch, connections };
  const model = compose(typeof target === "string" ? resolveModel(target, access) : checkModel(target), use);
  if (base.tools) toolkitOf(base.tools);

  /** For this call only; what authenticates at one provider is not taken to another. */
  const modelFor = ({ model: other, client: own }: DynamicConfig): Model => {
    if (other === undefined && own === undefined) return model;
    if (other !== undefined && typeof other !== "string") return compose(checkModel(other), use);
    if (other !== undefined) return compose(resolveModel(other, { client: own }), use);
    if (typeof target !== "string")
      throw new ConfigurationError(
        `The model ${target.id} is an object of its own, so a config cannot give it a client.`,
      );
    return compose(resolveModel(target, { ...access, client: own }), use);
  };

  return {
    async run(promptValue) {
      const reading = readPromptValue(promptValue);
      const messages = requireMessages(reading);
      const settings = mergeSettings(base, reading.config);
      const toolkit = settings.tools && settings.tools.length > 0 ? toolkitOf(settings.tools) : undefined;
      const prices = loadPrices();
      const request = await createRequest(messages, settings, toolkit, options.stream ?? false);
      const chosen = modelFor(reading.config);
      const answer = await (options.stream
        ? stream(chosen, { request, toolkit })
        : collect(chosen, { request, toolkit }));
      await prices;
      return outputParser ? outputParser(answer) : answer;
    },
  };
}

/** The middleware outermost first, and the one retry innermost, where it steps aside for another. */
function compose(model: Model, use: readonly Middleware[]): Model {
  return use.reduceRight((inner, middleware) => middleware(inner), defaultRetry(model));
}

const defaultRetry = retry();

async function createRequest(
  messages: readonly Message[],
  settings: Settings,
  toolkit: Toolkit | undefined,
  stream: boolean,
): Promise<ModelRequest> {
  const { toolChoice, parallelToolCalls, params, signal, metadata, timeouts } = settings;
  return {
    messages: settings.system ? [system(settings.system), ...messages] : messages,
    tools: toolkit && (await toolkit.define()),
    toolChoice,
    parallelToolCalls,
    params,
    stream,
    signal,
    metadata,
    context: { deadline: now() + (timeouts?.totalMs ?? defaultTimeouts.totalMs), timeouts },
  };
}

/** A stream has a signal of its own, so that it can be ended from outside; the caller's is linked to it by hand, and unlinked. */
function stream(model: Model, origin: Origin): Promise<CallStream> {
  const { signal } = origin.request;
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort, { once: true });
  const unlink = () => signal?.removeEventListener("abort", abort);
  const request = { ...origin.request, signal: controller.signal };
  return openStream(model, { ...origin, request }, { controller, unlink });
}

function checkModel(model: Model): Model {
  if (typeof model?.run === "function" && typeof model.id === "string") return model;
  throw new ConfigurationError(
    'A model is a reference such as "openai/gpt-4o-mini", or an object with an id and run().',
  );
}
