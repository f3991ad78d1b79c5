import { openaiImageTypes } from "../media.js";
import { hostedPresets } from "./hosted.js";
import { localPresets } from "./local.js";
import type { ChatQuirks, Preset } from "./preset.js";

/** OpenAI and Azure serve the same models through the same code. */
const openaiQuirks: ChatQuirks = {
  // Newer models refuse max_tokens, and all of them take this. https://platform.openai.com/docs/api-reference/chat/create
  fields: { maxTokens: "max_completion_tokens" },
  imageTypes: openaiImageTypes,
};

export const openaiPreset: Preset = {
  provider: "openai",
  baseURL: "https://api.openai.com/v1",
  baseUrlEnv: "OPENAI_BASE_URL",
  apiKeyEnv: "OPENAI_API_KEY",
  isOpenai: true,
  responses: true,
  quirks: openaiQuirks,
};

const azurePreset: Preset = {
  // The v1 API, which needs no api-version; the name of a deployment is the model. AZURE_OPENAI_ENDPOINT is what the
  // SDK's AzureOpenAI reads. https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle
  provider: "azure",
  baseURL: undefined,
  path: "/openai/v1",
  baseUrlEnv: "AZURE_OPENAI_ENDPOINT",
  apiKeyEnv: "AZURE_OPENAI_API_KEY",
  keyHeader: "api-key",
  responses: true,
  quirks: openaiQuirks,
};

/** The built-in servers of others that speak OpenAI's wire. What a model lacks and its server has, the server tells. */
export const compatiblePresets: readonly Preset[] = [azurePreset, ...localPresets, ...hostedPresets];
