import { dropPromise } from "../drop-promise.js";
import { ConfigurationError, UnsupportedProviderError } from "../errors.js";
import { foreignModel, markBounded } from "../foreign-model.js";
import { type Access, type Model, type ModelRef, providerOf } from "../model.js";
import { nearest } from "../nearest.js";
import { own } from "../own.js";
import type { StrictProvider } from "../schema/strict.js";
import { anthropicModel } from "./anthropic/model.js";
import type { ProviderModel } from "./clients.js";
import { openaiModel } from "./openai/model.js";
import { customPreset, type ProviderEndpoint } from "./presets/custom.js";
import type { Preset } from "./presets/preset.js";
import { compatiblePresets, openaiPreset } from "./presets/presets.js";

/** Makes a model of a provider from its name there. */
export type ProviderFactory = (name: string, access: Access) => Model;

interface Provider {
  readonly create: ProviderFactory;
  readonly preset?: Preset;
}

const builtIn: ReadonlyMap<string, Provider> = new Map([
  [openaiPreset.provider, fromPreset(openaiPreset)],
  ["anthropic", { create: anthropicModel }],
  ...compatiblePresets.map((preset): [string, Provider] => [preset.provider, fromPreset(preset)]),
]);
const providers = new Map(builtIn);

function fromPreset(given: Preset): Provider {
  const { fields = {}, ...quirks } = given.quirks;
  const preset = own({ ...given, quirks: own({ ...quirks, fields: own(fields) }) });
  return { preset, create: (name, access) => openaiModel(preset, name, access) };
}

/**
 * Makes a provider of one's own known, so that references can name it: a factory of models, or a server that speaks
 * OpenAI's Chat Completions. It holds for the whole process. A later registration of the same name replaces the earlier
 * one for calls that are defined after it; the built-in providers cannot be replaced.
 *
 * @throws ConfigurationError where the name or the server's description is not usable.
 */
export function registerProvider(name: string, provider: ProviderFactory | ProviderEndpoint): void {
  if (typeof name !== "string" || !/^[a-z0-9][a-z0-9._-]{0,63}$/i.test(name)) {
    throw new ConfigurationError(
      `${JSON.stringify(String(name).slice(0, 80))} cannot name a provider. Use letters, digits, ".", "_" and "-", at most 64, without a slash.`,
    );
  }
  if (builtIn.has(name)) {
    throw new ConfigurationError(
      `The provider ${name} is built in and cannot be replaced. Pass baseURL or client to the call, or take another name.`,
    );
  }
  providers.set(name, typeof provider === "function" ? { create: provider } : fromPreset(customPreset(name, provider)));
}

/**
 * Whose rules an answer's schema has to follow so that the provider of a model, by its id, can hold the answer to it; false if
 * it cannot hold any, undefined if that is not known.
 */
export function schemaRulesOf(modelId: string): StrictProvider | false | undefined {
  const name = providerOf({ id: modelId });
  if (name === "anthropic") return "anthropic";
  const preset = providers.get(name)?.preset;
  return preset && preset.quirks.schemas !== false && "openai";
}

/**
 * The model that a reference `provider/name` stands for; all after the first slash is the name.
 *
 * @throws UnsupportedProviderError that lists the providers.
 */
export function resolveModel(reference: ModelRef, access: Access = {}): ProviderModel {
  const [, provider, name] = /^([^/]*)\/([\s\S]*)$/.exec(reference) ?? [];
  const known = provider === undefined ? undefined : providers.get(provider);
  if (!known) throw unsupported(reference, provider);
  if (!name)
    throw new ConfigurationError(
      `The reference ${JSON.stringify(reference)} names no model. Write it as ${provider}/<model>.`,
    );
  const model: ProviderModel = dropPromise(known.create(name, access));
  if (known.preset || builtIn.has(provider as string)) return markBounded(model);
  const limited = foreignModel(model, `What the factory of the provider ${provider} returned`);
  return markBounded({
    ...limited,
    close: async () => model.close?.(),
    warmUp: async () => model.warmUp?.(),
  });
}

function unsupported(reference: string, provider: string | undefined): UnsupportedProviderError {
  const known = [...providers.keys()];
  const named = provider ?? reference;
  const meant = nearest(named, known);
  const hint =
    provider === undefined
      ? `Write provider/model, such as openai/${reference}. `
      : meant
        ? `Did you mean ${meant}? `
        : "";
  return new UnsupportedProviderError(
    `No provider ${JSON.stringify(named.slice(0, 80))}. ${hint}Known are ${known.join(", ")}. Make others known with registerProvider(name, { baseURL }), before the call is defined.`,
  );
}
