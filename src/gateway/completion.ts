import { converse, prepareStream } from "../call/conversation.js";
import { setupFor, toSetup } from "../call/setup.js";
import { providerOf } from "../model.js";
import { overlay } from "../settings.js";
import { encodeCompletion } from "./answer.js";
import { openChunks } from "./chunks.js";
import { type CompletionRequest, type DecodedRequest, decodeRequest } from "./request.js";
import type { ChatCompletion, ChatCompletionChunk } from "./wire.js";

/**
 * Answers a request in OpenAI's wire shape with any provider: `model` is `provider/name`, and the rest is as OpenAI's
 * Chat Completions take it. What other providers call otherwise is translated; keys without a translation go along.
 *
 * @throws ConfigurationError where the request cannot be read; the provider's failure, as one of the classes that extend
 * CallwrightError. Of a stream, a refusal is thrown before the first chunk.
 */
export function completion(request: CompletionRequest & { stream: true }): Promise<AsyncIterable<ChatCompletionChunk>>;
export function completion(request: CompletionRequest & { stream?: false | null | undefined }): Promise<ChatCompletion>;
export function completion(request: CompletionRequest): Promise<ChatCompletion | AsyncIterable<ChatCompletionChunk>>;
export async function completion(
  request: CompletionRequest,
): Promise<ChatCompletion | AsyncIterable<ChatCompletionChunk>> {
  return answerRequest(
    decodeRequest(request, providerOf({ id: typeof request.model === "string" ? request.model : "" })),
  );
}

/** @throws As `completion`. */
export async function answerRequest(
  request: DecodedRequest,
): Promise<ChatCompletion | AsyncIterable<ChatCompletionChunk>> {
  const { messages, layer, tools, output, stream, includeUsage } = request;
  const setup = setupFor(toSetup(overlay({}, layer)), undefined);
  const lead = { maxSteps: 1, request: { ...(tools && { tools }), ...(output && { output }) } };
  if (!stream) return encodeCompletion(await converse(setup, messages, lead));
  const { request: streamed, controls } = await prepareStream(setup, messages, lead);
  return openChunks(setup.model, streamed, controls, includeUsage);
}
