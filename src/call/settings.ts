import { ConfigurationError } from "../errors.js";
import type { Access, Middleware, Params, Timeouts, ToolChoice } from "../model.js";
import type { DynamicConfig } from "../prompt/prompt.js";
import type { ToolLike } from "../tool/function-tool.js";

/** What holds for one call, wherever it is said. An option that is undefined is unset. */
export interface CallSettings extends Params {
  /** Stands before the messages as a system message. */
  system?: string | undefined;
  tools?: readonly ToolLike[] | undefined;
  /** @default the provider's, "auto" */
  toolChoice?: ToolChoice | undefined;
  /** Whether the model may ask for several tools at once. @default the provider's, true */
  parallelToolCalls?: boolean | undefined;
  signal?: AbortSignal | undefined;
  timeouts?: Timeouts | undefined;
  /** For your own middleware and traces; it is not sent. */
  metadata?: Readonly<Record<string, unknown>> | undefined;
}

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

/** The settings of a call, in the form that a request needs. */
export interface Settings {
  readonly system: string | undefined;
  readonly tools: readonly ToolLike[] | undefined;
  readonly toolChoice: ToolChoice | undefined;
  readonly parallelToolCalls: boolean | undefined;
  readonly signal: AbortSignal | undefined;
  readonly timeouts: Timeouts | undefined;
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  readonly params: Params;
}

/** @throws ConfigurationError that names the option and what it must be. */
export function toSettings(options: CallSettings): Settings {
  checkTimeouts(options.timeouts);
  const { system, tools, toolChoice, parallelToolCalls, signal, timeouts, metadata } = options;
  const params: Params = Object.fromEntries(
    paramNames.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]),
  );
  return { system, tools, toolChoice, parallelToolCalls, signal, timeouts, metadata, params: checkParams(params) };
}

/** What a prompt function said for this one call wins; both stay as they were. */
export function mergeSettings(base: Settings, config: DynamicConfig): Settings {
  const { params, timeouts } = config;
  if (timeouts) checkTimeouts(timeouts);
  return {
    ...base,
    tools: config.tools ?? base.tools,
    toolChoice: config.toolChoice ?? base.toolChoice,
    signal: config.signal ?? base.signal,
    metadata: config.metadata ?? base.metadata,
    timeouts: timeouts ? overlay(base.timeouts ?? {}, timeouts) : base.timeouts,
    params: params ? checkParams(overlay(base.params, params)) : base.params,
  };
}

function overlay<T extends object>(base: T, top: T): T {
  const set = Object.entries(top).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(set) };
}

function checkTimeouts(timeouts: Timeouts | undefined): void {
  for (const [name, ms] of Object.entries(timeouts ?? {})) {
    if (ms === undefined || (typeof ms === "number" && ms > 0)) continue;
    throw new ConfigurationError(`timeouts.${name} must be a number of milliseconds above 0, not ${String(ms)}.`);
  }
}

function checkParams(params: Params): Params {
  const { temperature, topP, frequencyPenalty, presencePenalty, maxTokens, topK, seed } = params;
  for (const [name, value] of Object.entries({ temperature, topP, frequencyPenalty, presencePenalty, seed })) {
    if (value !== undefined && !Number.isFinite(value))
      throw new ConfigurationError(`${name} must be a number, not ${String(value)}.`);
  }
  for (const [name, value] of Object.entries({ maxTokens, topK })) {
    if (value !== undefined && !(Number.isInteger(value) && value > 0))
      throw new ConfigurationError(`${name} must be a whole number above 0, not ${String(value)}.`);
  }
  return params;
}

/** The options of `@call`. */
export interface CallOptions extends CallSettings, Access {
  /** Whether the call makes a stream. @default false */
  stream?: boolean | undefined;
  /** Makes the call's value of the response. */
  outputParser?: ((response: any) => unknown) | undefined;
  /** What changes how the model behaves, outermost first. */
  use?: readonly Middleware[] | undefined;
}
