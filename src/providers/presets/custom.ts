import { ConfigurationError } from "../../errors.js";
import { nearest } from "../../nearest.js";
import { own } from "../../own.js";
import type { ChatQuirks, Preset } from "./preset.js";

/** A server that speaks OpenAI's Chat Completions. */
export interface ProviderEndpoint {
  /** Its address; that of a host alone means `/v1` there. */
  readonly baseURL: string;
  /** The environment variable that holds the key. @default none; a key is then sent only where `apiKey` is passed */
  readonly apiKeyEnv?: string | undefined;
  /** Where it differs from most others. */
  readonly quirks?: ChatQuirks | undefined;
}

const quirkNames: Readonly<Record<keyof ChatQuirks, true>> = {
  fields: true,
  effort: true,
  efforts: true,
  streamOptions: true,
  tools: true,
  strictTools: true,
  namedToolChoice: true,
  toolIds: true,
  userAfterResults: true,
  systemAnywhere: true,
  prefill: true,
  schemas: true,
  images: true,
  imageTypes: true,
  audio: true,
  documents: true,
  plainContent: true,
  reasoningBack: true,
  reasoningInTotal: true,
};

/** @throws ConfigurationError that names what is wrong. */
export function customPreset(provider: string, endpoint: ProviderEndpoint): Preset {
  const { baseURL, apiKeyEnv, quirks = {} } = own(endpoint);
  if (!URL.canParse(baseURL) || !/^https?:/i.test(baseURL))
    throw new ConfigurationError(`The provider ${provider} needs a baseURL that starts with http:// or https://.`);
  for (const name of Object.keys(quirks)) {
    if (Object.hasOwn(quirkNames, name)) continue;
    const meant = nearest(name, Object.keys(quirkNames));
    throw new ConfigurationError(
      `The provider ${provider} has no quirk ${JSON.stringify(name)}.${meant ? ` Did you mean ${meant}?` : ""}`,
    );
  }
  const alone = new URL(baseURL).pathname === "/";
  return { provider, baseURL, apiKeyEnv, quirks, ...(alone && { path: "/v1" }) };
}
