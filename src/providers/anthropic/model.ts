import type { Anthropic } from "@anthropic-ai/sdk";
import type { Access } from "../../model.js";
import {
  apiKeyOf,
  baseUrlOf,
  type ClientOptions,
  clientOf,
  closeClients,
  loadSdk,
  type ProviderModel,
  sendOptions,
  silent,
} from "../clients.js";
import { exchange } from "../exchange.js";
import { failureOf } from "../failure.js";
import { decodeMessage, messagesDecoder } from "./decode.js";
import { encodeMessages } from "./encode.js";

const provider = "anthropic";

/** A model behind Anthropic's Messages, through the package `@anthropic-ai/sdk`. */
export function anthropicModel(name: string, access: Access): ProviderModel {
  return {
    id: `${provider}/${name}`,
    close: async () => {
      if (access.client === undefined) await closeClients(provider, endpointOf(access));
    },
    run: (request) =>
      exchange(request, {
        provider,
        requestIdHeader: "request-id",
        async send(attempt, warn) {
          const body = encodeMessages(name, request, warn);
          const own = access.client === undefined ? endpointOf(access) : undefined;
          const client = own ? await clientOf(provider, own, request, createClient) : (access.client as Anthropic);
          try {
            // The SDK's type of a body depends on `stream`, which is data here.
            return await client.messages
              .create(body as never, sendOptions(attempt, request, own ?? access))
              .asResponse();
          } catch (error) {
            throw failureOf(provider, attempt, error);
          }
        },
        decodeBody: decodeMessage,
        streamDecoder: messagesDecoder,
      }),
  };
}

function endpointOf(access: Access) {
  const apiKey = apiKeyOf(provider, access, "ANTHROPIC_API_KEY");
  const baseURL = baseUrlOf(provider, access, "ANTHROPIC_BASE_URL", "https://api.anthropic.com");
  // The SDK adds /v1 itself.
  return { ...access, apiKey, baseURL: baseURL.replace(/\/v1(?=$|\?)/, "") };
}

async function createClient(options: ClientOptions): Promise<Anthropic> {
  const { Anthropic } = await loadSdk("@anthropic-ai/sdk", () => import("@anthropic-ai/sdk"));
  // It would trace by itself where OpenTelemetry is installed.
  return new Anthropic({ ...options, maxRetries: 0, logger: silent, logLevel: "off", openTelemetry: false });
}
