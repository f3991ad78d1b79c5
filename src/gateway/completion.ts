import { converse, prepareStream } from "../call/conversation.js";
import { type Setup, setupFor, toSetup } from "../call/setup.js";
import { ConfigurationError } from "../errors.js";
import type { Message } from "../message.js";
import type { ModelEvent } from "../model.js";
import { overlay } from "../settings.js";
import { dropped } from "../stream.js";
import { chunkEncoder, encodeCompletion } from "./answer.js";
import { type CompletionRequest, decodeMessages, decodeOutput, decodeToolChoice, decodeTools } from "./request.js";
import type { ChatCompletion, ChatCompletionChunk } from "./wire.js";

/**
 * Answers a request in OpenAI's wire shape with any provider: `model` is `provider/name`, and the rest is as OpenAI's
 * Chat Completions take it. What other providers call otherwise is translated; keys without a translation go along.
 *
 * @throws ConfigurationError where the request cannot be read; the provider's failure, as one of the classes that extend
 * CallwrightError. Of a stream, a refusal is thrown before the first chunk.
 */
export function completion(request: CompletionRequest & { stream: true }): Promise<AsyncIterable<ChatCompletionChunk>>;
export function completion(request: CompletionRequest & { stream?: false | undefined }): Promise<ChatCompletion>;
export async function completion(
  request: CompletionRequest,
): Promise<ChatCompletion | AsyncIterable<ChatCompletionChunk>> {
  const { setup, messages, lead, stream, includeUsage } = read(request);
  if (!stream) return encodeCompletion(await converse(setup, messages, lead));
  return openChunks(setup, messages, lead, includeUsage);
}

function read(request: CompletionRequest) {
  const {
    model,
    messages,
    stream,
    signal,
    timeouts,
    stream_options,
    n,
    tools,
    tool_choice,
    parallel_tool_calls,
    response_format,
    apiKey,
    baseURL,
    client,
    fetch,
    connections,
    api,
    temperature,
    top_p,
    top_k,
    max_tokens,
    max_completion_tokens,
    stop,
    seed,
    frequency_penalty,
    presence_penalty,
    reasoning_effort,
    ...extraBody
  } = request;
  if (n !== undefined && n !== null && n !== 1)
    throw new ConfigurationError("completion() makes one choice. Leave n out, and call it several times.");
  const output = decodeOutput(response_format);
  const layer = {
    model,
    signal,
    timeouts,
    apiKey,
    baseURL,
    client,
    fetch,
    connections,
    api,
    temperature: numberOf(temperature),
    topP: numberOf(top_p),
    topK: numberOf(top_k),
    maxTokens: numberOf(max_completion_tokens) ?? numberOf(max_tokens),
    stop: typeof stop === "string" ? [stop] : ((stop ?? undefined) as readonly string[] | undefined),
    seed: numberOf(seed),
    frequencyPenalty: numberOf(frequency_penalty),
    presencePenalty: numberOf(presence_penalty),
    reasoningEffort: (reasoning_effort ?? undefined) as "low" | undefined,
    extraBody: { ...extraBody, ...(response_format && !output ? { response_format } : {}) },
  };
  return {
    setup: setupFor(toSetup(overlay({}, layer)), undefined),
    messages: decodeMessages(messages),
    stream: stream === true,
    includeUsage: (stream_options as { include_usage?: unknown } | undefined)?.include_usage === true,
    lead: {
      maxSteps: 1,
      request: {
        tools: decodeTools(tools),
        toolChoice: decodeToolChoice(tool_choice),
        parallelToolCalls: typeof parallel_tool_calls === "boolean" ? parallel_tool_calls : undefined,
        output,
      },
    },
  };
}

/** JSON clients write null for what they leave out. */
function numberOf(value: unknown): number | undefined {
  return (value ?? undefined) as number | undefined;
}

/** Resolves when the provider has begun to answer. */
async function openChunks(
  setup: Setup,
  messages: readonly Message[],
  lead: { maxSteps: number },
  includeUsage: boolean,
): Promise<AsyncIterable<ChatCompletionChunk>> {
  const { request, controls } = await prepareStream(setup, messages, lead);
  const events = setup.model.run(request)[Symbol.asyncIterator]();
  try {
    const first = await events.next();
    const chunks = new Chunks(
      first,
      events,
      chunkEncoder(setup.model.id.slice(setup.model.id.indexOf("/") + 1), includeUsage),
      () => {
        controls.unlink();
        dropped.unregister(controls);
      },
    );
    dropped.register(chunks, controls, controls);
    return chunks;
  } catch (error) {
    controls.unlink();
    throw error;
  }
}

/** Its own class, so that it can be seen when nobody holds it any more. */
class Chunks implements AsyncIterable<ChatCompletionChunk> {
  readonly #iterator: AsyncGenerator<ChatCompletionChunk, void>;

  constructor(
    first: IteratorResult<ModelEvent>,
    events: AsyncIterator<ModelEvent>,
    encode: (event: ModelEvent) => ChatCompletionChunk[],
    end: () => void,
  ) {
    this.#iterator = generate(first, events, encode, end);
  }

  [Symbol.asyncIterator](): AsyncGenerator<ChatCompletionChunk, void> {
    return this.#iterator;
  }
}

async function* generate(
  first: IteratorResult<ModelEvent>,
  events: AsyncIterator<ModelEvent>,
  encode: (event: ModelEvent) => ChatCompletionChunk[],
  end: () => void,
): AsyncGenerator<ChatCompletionChunk, void> {
  try {
    for (let step = first; !step.done; step = await events.next()) yield* encode(step.value);
  } finally {
    end();
    await events.return?.();
  }
}
