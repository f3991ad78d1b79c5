import type { OpenAI } from "openai";
import { ConfigurationError } from "../../errors.js";
import type { Access } from "../../model.js";
import { clientOf, closeClients, type ProviderModel, sendOptions } from "../clients.js";
import { exchange } from "../exchange.js";
import { failureOf } from "../failure.js";
import type { Preset } from "../presets/preset.js";
import { responsesModel } from "../responses/model.js";
import { createOpenai, endpointOf } from "./client.js";
import { chatDecoder, decodeChat } from "./decode.js";
import { encodeChat } from "./encode.js";

/**
 * A model behind a server that speaks OpenAI's wire, in the API that was asked for.
 *
 * @throws ConfigurationError where the server has no such API.
 */
export function openaiModel(preset: Preset, name: string, access: Access): ProviderModel {
  if (access.api !== "responses") return chatModel(preset, name, access);
  if (preset.responses) return responsesModel(name, access, preset);
  throw new ConfigurationError(`${preset.provider} is asked by Chat Completions only. Leave out api: "responses".`);
}

/** A model behind Chat Completions, through the package `openai`. */
function chatModel(preset: Preset, name: string, access: Access): ProviderModel {
  const { provider } = preset;
  return {
    id: `${provider}/${name}`,
    close: async () => {
      if (access.client === undefined) await closeClients(provider, endpointOf(preset, access));
    },
    run: (request) =>
      exchange(request, {
        provider,
        requestIdHeader: "x-request-id",
        async send(attempt, warn) {
          const body = encodeChat(preset, name, request, warn);
          const own = access.client === undefined ? endpointOf(preset, access) : undefined;
          const client = own
            ? await clientOf(provider, own, request, (options) => createOpenai(preset, options))
            : (access.client as OpenAI);
          try {
            // The SDK's type of a body depends on `stream`, which is data here.
            return await client.chat.completions
              .create(body as never, sendOptions(attempt, request, own ?? access))
              .asResponse();
          } catch (error) {
            throw failureOf(provider, attempt, error);
          }
        },
        decodeBody: (body, emit) => decodeChat(provider, body, emit),
        streamDecoder: (emit) => chatDecoder(provider, emit),
      }),
  };
}
