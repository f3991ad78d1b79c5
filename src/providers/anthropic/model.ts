import type { Anthropic } from "@anthropic-ai/sdk";
import type { Access } from "../../model.js";
import { requireInstead } from "../../optional-package.js";
import { own } from "../../own.js";
import { apiKeyOf, baseUrlOf } from "../access.js";
import { type ClientOptions, type ProviderModel, silent } from "../clients.js";
import { sdkModel } from "../sdk-model.js";
import { holdsOutput } from "../tool-schema.js";
import { decodeMessage, messagesDecoder } from "./decode.js";
import { encodeMessages } from "./encode.js";

const provider = "anthropic";

/** A model behind Anthropic's Messages, through the package `@anthropic-ai/sdk`. */
export function anthropicModel(name: string, access: Access): ProviderModel {
  return sdkModel<Anthropic>(name, access, {
    provider,
    requestIdHeader: "request-id",
    endpointOf,
    createClient,
    holdsOutput: (request) => holdsOutput(request, "anthropic"),
    encode: (request, warn) => encodeMessages(name, request, warn),
    create: (client, body, options) => client.messages.create(body, options),
    decodeBody: decodeMessage,
    streamDecoder: messagesDecoder,
  });
}

function endpointOf(access: Access) {
  const apiKey = apiKeyOf(provider, access, "ANTHROPIC_API_KEY");
  const baseURL = baseUrlOf(provider, access, "ANTHROPIC_BASE_URL", "https://api.anthropic.com");
  // The SDK adds /v1 itself.
  return { ...access, apiKey, baseURL: baseURL.replace(/\/v1(?=$|\?)/, "") };
}

async function createClient(options: ClientOptions): Promise<Anthropic> {
  const { Anthropic } = await importSdk();
  // It would trace by itself where OpenTelemetry is installed.
  const quiet = { maxRetries: 0, logger: silent, logLevel: "off", openTelemetry: false } as const;
  return new Anthropic(own({ ...options, ...quiet }));
}

async function importSdk() {
  try {
    return await import("@anthropic-ai/sdk");
  } catch (cause) {
    return requireInstead<typeof import("@anthropic-ai/sdk")>("@anthropic-ai/sdk", cause);
  }
}
