import type { OpenAI } from "openai";
import type { Access } from "../model.js";
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
} from "./clients.js";
import { exchange } from "./exchange.js";
import { failureOf } from "./failure.js";
import { chatDecoder, decodeChat } from "./openai-decode.js";
import { encodeChat } from "./openai-encode.js";

const provider = "openai";

/** A model behind OpenAI's Chat Completions, through the package `openai`. */
export function openaiModel(name: string, access: Access): ProviderModel {
  return {
    id: `${provider}/${name}`,
    close: async () => {
      if (access.client === undefined) await closeClients(provider, endpointOf(access));
    },
    run: (request) =>
      exchange(request, {
        provider,
        requestIdHeader: "x-request-id",
        async send(attempt, warn) {
          const body = encodeChat(name, request, warn);
          const own = access.client === undefined ? endpointOf(access) : undefined;
          const client = own ? await clientOf(provider, own, request, createClient) : (access.client as OpenAI);
          try {
            // The SDK's type of a body depends on `stream`, which is data here.
            return await client.chat.completions.create(body as never, sendOptions(attempt, request)).asResponse();
          } catch (error) {
            throw failureOf(provider, attempt, error, own?.apiKey);
          }
        },
        decodeBody: (body, emit) => decodeChat(provider, body, emit),
        streamDecoder: (emit) => chatDecoder(provider, emit),
      }),
  };
}

function endpointOf(access: Access) {
  const apiKey = apiKeyOf(provider, access, "OPENAI_API_KEY");
  const baseURL = baseUrlOf(provider, access, "OPENAI_BASE_URL", "https://api.openai.com/v1");
  // An address of a host alone means its API, which all compatible servers keep under /v1.
  return { ...access, apiKey, baseURL: new URL(baseURL).pathname === "/" ? `${baseURL}/v1` : baseURL };
}

async function createClient(options: ClientOptions): Promise<OpenAI> {
  const { OpenAI } = await loadSdk("openai", () => import("openai"));
  return new OpenAI({ ...options, maxRetries: 0, logger: silent, logLevel: "off" });
}
