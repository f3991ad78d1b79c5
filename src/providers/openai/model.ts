import type { OpenAI } from "openai";
import { ConfigurationError } from "../../errors.js";
import type { Access } from "../../model.js";
import type { ProviderModel } from "../clients.js";
import type { Preset } from "../presets/preset.js";
import { responsesModel } from "../responses/model.js";
import { sdkModel } from "../sdk-model.js";
import { holdsOutput } from "../tool-schema.js";
import { createOpenai, endpointOf } from "./client.js";
import { decodeChat } from "./decode.js";
import { chatDecoder } from "./decode-stream.js";
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
  return sdkModel<OpenAI>(name, access, {
    provider,
    requestIdHeader: "x-request-id",
    endpointOf: (given) => endpointOf(preset, given),
    createClient: (options) => createOpenai(preset, options),
    holdsOutput: (request) => preset.quirks.schemas !== false && holdsOutput(request, "openai"),
    encode: (request, warn) => encodeChat(preset, name, request, warn),
    create: (client, body, options) => client.chat.completions.create(body, options),
    decodeBody: (body, emit, answer) => decodeChat(preset, body, emit, answer),
    streamDecoder: (emit, maxToolCalls) => chatDecoder(preset, emit, maxToolCalls),
  });
}
