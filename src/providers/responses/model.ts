import type { OpenAI } from "openai";
import type { Access } from "../../model.js";
import type { ProviderModel } from "../clients.js";
import { createOpenai, endpointOf } from "../openai/client.js";
import type { Preset } from "../presets/preset.js";
import { openaiPreset } from "../presets/presets.js";
import { sdkModel } from "../sdk-model.js";
import { holdsOutput } from "../tool-schema.js";
import { decodeResponse, responsesDecoder } from "./decode.js";
import { encodeResponses } from "./encode.js";

/** A model behind OpenAI's Responses, through the package `openai`. */
export function responsesModel(name: string, access: Access, preset: Preset = openaiPreset): ProviderModel {
  const { provider } = preset;
  return sdkModel<OpenAI>(name, access, {
    provider,
    requestIdHeader: "x-request-id",
    endpointOf: (given) => endpointOf(preset, given),
    createClient: (options) => createOpenai(preset, options),
    holdsOutput: (request) => holdsOutput(request, "openai"),
    encode: (request, warn) => encodeResponses(provider, name, request, warn),
    create: (client, body, options) => client.responses.create(body, options),
    decodeBody: (body, emit, answer) => decodeResponse(provider, body, emit, answer),
    streamDecoder: (emit, maxToolCalls) => responsesDecoder(provider, emit, maxToolCalls),
  });
}
