import { ConfigurationError, UnsupportedProviderError } from "../errors.js";
import type { Access, ModelRef } from "../model.js";
import { nearest } from "../nearest.js";
import { anthropicModel } from "./anthropic.js";
import type { ProviderModel } from "./clients.js";
import { openaiModel } from "./openai.js";

/** Makes a model of a provider from its name there. */
export type ProviderFactory = (name: string, access: Access) => ProviderModel;

const providers = new Map<string, ProviderFactory>([
  ["openai", openaiModel],
  ["anthropic", anthropicModel],
]);

/**
 * The model that a reference `provider/name` stands for; all after the first slash is the name.
 *
 * @throws UnsupportedProviderError that lists the providers.
 */
export function resolveModel(reference: ModelRef, access: Access = {}): ProviderModel {
  const [, provider, name] = /^([^/]*)\/([\s\S]*)$/.exec(reference) ?? [];
  const factory = provider === undefined ? undefined : providers.get(provider);
  if (!factory) throw unsupported(reference, provider);
  if (!name)
    throw new ConfigurationError(
      `The reference ${JSON.stringify(reference)} names no model. Write it as ${provider}/<model>.`,
    );
  return factory(name, access);
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
    `No provider ${JSON.stringify(named.slice(0, 80))}. ${hint}Known are ${known.join(", ")}.`,
  );
}
