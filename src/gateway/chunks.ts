import { Answer } from "../answer.js";
import { endedWithoutFinish } from "../collect.js";
import { continuationOf } from "../continuation.js";
import { StreamConsumedError, StreamInterruptedError } from "../errors.js";
import { whyIncomplete } from "../incomplete.js";
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
  try {
    const events = model.run(request)[Symbol.asyncIterator]();
    const first = await events.next();
    const chunks = new Chunks({ model, request, first, events, controls, includeUsage });
    dropped.register(chunks, controls, controls);
    return chunks;
  } catch (error) {
    controls.unlink();
    throw error;
  }
}

interface Opened {
  readonly model: Model;
  readonly request: ModelRequest;
  readonly first: IteratorResult<ModelEvent>;
  readonly events: AsyncIterator<ModelEvent>;
  readonly controls: StreamControls;
  readonly includeUsage: boolean;
}

/** Its own class, so that it can be seen when nobody holds it any more; whoever iterates holds it. */
class Chunks implements AsyncIterable<ChatCompletionChunk> {
  readonly #opened: Opened;
  #consumed = false;

  constructor(opened: Opened) {
    this.#opened = opened;
  }

  /** @throws StreamConsumedError the second time. */
  [Symbol.asyncIterator](): AsyncGenerator<ChatCompletionChunk, void> {
    if (this.#consumed) throw new StreamConsumedError("The chunks of a completion can be iterated once.");
    this.#consumed = true;
    return this.#generate();
  }

  async *#generate(): AsyncGenerator<ChatCompletionChunk, void> {
    const { model, request, first, controls, includeUsage } = this.#opened;
    const encoder = chunkEncoder(model.id.slice(model.id.indexOf("/") + 1), includeUsage);
    let { events } = this.#opened;
    let answer = new Answer(model.id);
    try {
      for (let step = first; ; step = await events.next()) {
        if (!step.done) {
          answer.add(step.value);
          yield* encoder.encode(step.value);
          continue;
        }
        if (answer.finishReason === undefined) throw endedWithoutFinish(model);
        const rest = continuationOf(answer, request);
        if (!rest) break;
        answer = rest.answer;
        events = model.run(rest.request)[Symbol.asyncIterator]();
      }
      yield* encoder.end(answer);
    } finally {
      controls.unlink();
      dropped.unregister(controls);
      await events.return?.();
    }
  }
}

interface ChunkEncoder {
  /** The chunks of an event: one or none. */
  encode(event: ModelEvent): ChatCompletionChunk[];
  /** The chunks that come when the answer is over, the finish last. */
  end(answer: Answer): ChatCompletionChunk[];
}

/** Text is handed on as it comes; calls are held back until the finish tells that they are whole. */
function chunkEncoder(modelName: string, includeUsage: boolean): ChunkEncoder {
  let head = { id: newId(), object: "chat.completion.chunk" as const, created: seconds(), model: modelName };
  let begun = false;
  /** Whether something was handed on that cannot be taken back. */
  let said = false;
  let held: Delta[] = [];
  // Providers may count text among their indexes; OpenAI counts calls from 0.
  const places = new Map<number, number>();
  // By id, since what the provider wants back with a call may come before the call or after it.
  const extras = new Map<unknown, unknown>();

  const chunk = (delta: Delta, finish_reason: WireFinishReason | null = null): ChatCompletionChunk => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason }],
  });
  const withRole = (chunks: ChatCompletionChunk[]): ChatCompletionChunk[] => {
    if (begun) return chunks;
    begun = true;
    return [chunk({ role: "assistant", content: "" }), ...chunks];
  };
  const withExtra = ({ tool_calls = [] }: Delta): Delta => ({
    tool_calls: tool_calls.map((call) =>
      extras.has(call.id) ? { ...call, extra_content: extras.get(call.id) } : call,
    ),
  });
  const tell = (delta: Delta) => {
    said = true;
    return withRole([chunk(delta)]);
  };

  return {
    encode(event) {
      switch (event.type) {
        case "start":
          // A turn that was paused and goes on is one answer to the client.
          if (begun) return [];
          head = { ...head, id: event.id || head.id, model: event.model || head.model };
          return withRole([]);
        case "text-delta":
          return tell({ content: event.text });
        case "refusal-delta":
          return tell({ refusal: event.text });
        case "reasoning-delta": {
          const { toolCallId, extra_content, reasoning_details } = isPlainObject(event.data) ? event.data : {};
          if (toolCallId !== undefined) extras.set(toolCallId, extra_content);
          return Array.isArray(reasoning_details) ? tell({ reasoning_details }) : [];
        }
        case "tool-start": {
          const index = places.get(event.index) ?? places.size;
          places.set(event.index, index);
          const called = { name: event.name, arguments: "" };
          held.push({ tool_calls: [{ index, id: event.id, type: "function", function: called }] });
          return [];
        }
        case "tool-delta": {
          const index = places.get(event.index) ?? 0;
          held.push({ tool_calls: [{ index, function: { arguments: event.arguments } }] });
          return [];
        }
        case "correction": {
          if (event.target !== "tool") throw pieceLost();
          const index = places.get(event.call ?? -1) ?? 0;
          held = held.filter(({ tool_calls: [call] = [] }) => call?.index !== index || call.id !== undefined);
          held.push({ tool_calls: [{ index, function: { arguments: event.to } }] });
          return [];
        }
        case "restart":
          if (said) throw takenOver(event.error);
          held = [];
          places.clear();
          return [];
        default:
          return [];
      }
    },

    end(answer) {
      const calls = whyIncomplete(answer) === undefined ? held.map((delta) => chunk(withExtra(delta))) : [];
      const last = chunk({}, encodeFinishReason(answer.finishReason ?? "unknown"));
      const { usage } = answer;
      const told = includeUsage && usage ? [{ ...head, choices: [], usage: encodeUsage(usage) }] : [];
      return withRole([...calls, last, ...told]);
    },
  };
}

function pieceLost(): StreamInterruptedError {
  return new StreamInterruptedError(
    "The provider's stream lost a piece of its text, and OpenAI's format cannot take back what was sent. Ask again.",
  );
}

function takenOver(cause: unknown): StreamInterruptedError {
  return new StreamInterruptedError(
    "Another model took over in the middle of a stream, and OpenAI's format cannot take back what was sent. Ask again.",
    { cause },
  );
}
