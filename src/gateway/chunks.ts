import { StreamConsumedError, StreamInterruptedError } from "../errors.js";
import { isPlainObject } from "../json.js";
import type { Model, ModelEvent, ModelRequest } from "../model.js";
import { dropped, type StreamControls } from "../stream.js";
import { encodeFinishReason, encodeUsage, newId, seconds } from "./answer.js";
import type { ChatCompletionChunk, WireFinishReason } from "./wire.js";

type Delta = ChatCompletionChunk["choices"][number]["delta"];

/**
 * A stream in OpenAI's shape. Resolves when the provider has begun to answer, so that its refusal is thrown here.
 *
 * @param includeUsage Whether a chunk with the usage and no choice ends the stream.
 */
export async function openChunks(
  model: Model,
  request: ModelRequest,
  controls: StreamControls,
  includeUsage: boolean,
): Promise<AsyncIterable<ChatCompletionChunk>> {
  const events = model.run(request)[Symbol.asyncIterator]();
  try {
    const first = await events.next();
    const chunks = new Chunks(model.id, first, events, controls, includeUsage);
    dropped.register(chunks, controls, controls);
    return chunks;
  } catch (error) {
    controls.unlink();
    throw error;
  }
}

/** Its own class, so that it can be seen when nobody holds it any more; whoever iterates holds it. */
class Chunks implements AsyncIterable<ChatCompletionChunk> {
  readonly #modelId: string;
  readonly #first: IteratorResult<ModelEvent>;
  readonly #events: AsyncIterator<ModelEvent>;
  readonly #controls: StreamControls;
  readonly #encode: (event: ModelEvent) => ChatCompletionChunk[];
  #consumed = false;

  constructor(
    modelId: string,
    first: IteratorResult<ModelEvent>,
    events: AsyncIterator<ModelEvent>,
    controls: StreamControls,
    includeUsage: boolean,
  ) {
    this.#modelId = modelId;
    this.#first = first;
    this.#events = events;
    this.#controls = controls;
    this.#encode = chunkEncoder(modelId.slice(modelId.indexOf("/") + 1), includeUsage);
  }

  /** @throws StreamConsumedError the second time. */
  [Symbol.asyncIterator](): AsyncGenerator<ChatCompletionChunk, void> {
    if (this.#consumed) throw new StreamConsumedError("The chunks of a completion can be iterated once.");
    this.#consumed = true;
    return this.#generate();
  }

  async *#generate(): AsyncGenerator<ChatCompletionChunk, void> {
    let finished = false;
    try {
      for (let step = this.#first; !step.done; step = await this.#events.next()) {
        finished ||= step.value.type === "finish";
        yield* this.#encode(step.value);
      }
      if (!finished) throw new StreamInterruptedError(`The model ${this.#modelId} ended without a finish.`);
    } finally {
      this.#controls.unlink();
      dropped.unregister(this.#controls);
      await this.#events.return?.();
    }
  }
}

/** Turns the events of a stream into chunks: one for each, or none. */
function chunkEncoder(modelName: string, includeUsage: boolean): (event: ModelEvent) => ChatCompletionChunk[] {
  let head = { id: newId(), object: "chat.completion.chunk" as const, created: seconds(), model: modelName };
  let begun = false;
  // Providers may count text among their indexes; OpenAI counts calls from 0.
  const places = new Map<number, number>();
  // By id, since what the provider wants back with a call may come before the call or after it.
  const begunCalls = new Map<unknown, number>();
  const extras = new Map<unknown, unknown>();

  const chunk = (delta: Delta, finish_reason: WireFinishReason | null = null): ChatCompletionChunk => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason }],
  });
  const chunksOf = (event: ModelEvent): ChatCompletionChunk[] => {
    switch (event.type) {
      case "text-delta":
        return [chunk({ content: event.text })];
      case "refusal-delta":
        return [chunk({ refusal: event.text })];
      case "reasoning-delta": {
        const { toolCallId, extra_content, reasoning_details } = isPlainObject(event.data) ? event.data : {};
        if (Array.isArray(reasoning_details)) return [chunk({ reasoning_details })];
        if (toolCallId === undefined) return [];
        const index = begunCalls.get(toolCallId);
        if (index !== undefined) return [chunk({ tool_calls: [{ index, extra_content }] })];
        extras.set(toolCallId, extra_content);
        return [];
      }
      case "tool-start": {
        const { id } = event;
        const index = places.get(event.index) ?? places.size;
        places.set(event.index, index);
        begunCalls.set(id, index);
        const called = { name: event.name, arguments: "" };
        const extra = extras.has(id) && { extra_content: extras.get(id) };
        return [chunk({ tool_calls: [{ index, id, type: "function", function: called, ...extra }] })];
      }
      case "tool-delta": {
        const index = places.get(event.index) ?? 0;
        return [chunk({ tool_calls: [{ index, function: { arguments: event.arguments } }] })];
      }
      case "restart":
        throw new StreamInterruptedError(
          "Another model took over in the middle of a stream, and OpenAI's format cannot take back what was sent. Ask again.",
          { cause: event.error },
        );
      case "finish": {
        const last = chunk({}, encodeFinishReason(event.reason));
        return includeUsage && event.usage ? [last, { ...head, choices: [], usage: encodeUsage(event.usage) }] : [last];
      }
      default:
        return [];
    }
  };

  return (event) => {
    if (event.type === "start") head = { ...head, id: event.id || head.id, model: event.model || head.model };
    const chunks = chunksOf(event);
    if (begun || (event.type !== "start" && chunks.length === 0)) return chunks;
    begun = true;
    return [chunk({ role: "assistant", content: "" }), ...chunks];
  };
}
