import type { OpenAI } from "openai";
import type { Access } from "../../model.js";
import { clientOf, closeClients, type ProviderModel, sendOptions } from "../clients.js";
import { exchange } from "../exchange.js";
import { failureOf } from "../failure.js";
import { createOpenai, endpointOf } from "../openai/client.js";
import type { Preset } from "../presets/preset.js";
import { openaiPreset } from "../presets/presets.js";
import { decodeResponse, responsesDecoder } from "./decode.js";
import { encodeResponses } from "./encode.js";

/** A model behind OpenAI's Responses, through the package `openai`. */
export function responsesModel(name: string, access: Access, preset: Preset = openaiPreset): ProviderModel {
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
          const body = encodeResponses(provider, name, request, warn);
          const own = access.client === undefined ? endpointOf(preset, access) : undefined;
          const client = own
            ? await clientOf(provider, own, request, (options) => createOpenai(preset, options))
            : (access.client as OpenAI);
          try {
            // The SDK's type of a body depends on `stream`, which is data here.
            return await client.responses
              .create(body as never, sendOptions(attempt, request, own ?? access))
              .asResponse();
          } catch (error) {
            throw failureOf(provider, attempt, error);
          }
        },
        decodeBody: (body, emit) => decodeResponse(provider, body, emit),
        streamDecoder: (emit) => responsesDecoder(provider, emit),
      }),
  };
}
