import type { EventSourceMessage } from "eventsource-parser";
import type { FinishReason } from "../../model.js";
import { type Emit, interrupted, type StreamDecoder, type WholeAnswer } from "../exchange.js";
import { failureIn } from "../failure/failure-in.js";
import { endingOf, failedEnding } from "../finish-words.js";
import { ToolSlots } from "../tool-slots.js";
import { objectOf, parseEvent, stringOf } from "../wire-parts.js";
import { type Block, blockReader } from "./blocks.js";
import { laterUsage, usageOf } from "./usage.js";

type Wire = Record<string, unknown>;

/**
 * The events of a whole Messages answer.
 * Source: https://docs.anthropic.com/en/api/messages
 */
export function decodeMessage(body: unknown, emit: Emit, answer: WholeAnswer): void {
  const failure = failureIn("anthropic", body);
  if (failure) throw failure;
  const message = objectOf(body);
  if (!Array.isArray(message.content)) throw answer.unexpected("holds no content");
  emit({ type: "start", id: stringOf(message.id), model: stringOf(message.model) });
  const slots = new ToolSlots("anthropic", emit, answer.maxToolCalls);
  const blocks = blockReader(slots, emit);
  for (const block of message.content) blocks.stop(blocks.start(block));
  slots.end();
  emitRefusal(message, emit);
  emit({
    type: "finish",
    reason: finishReasonOf(message.stop_reason),
    usage: usageOf(message.usage),
    raw: body,
  });
}

/**
 * Decodes a Messages stream: blocks that start, grow and stop, then the reason and `message_stop`.
 * Source: https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export function messagesDecoder(emit: Emit, maxToolCalls: number): StreamDecoder {
  const slots = new ToolSlots("anthropic", emit, maxToolCalls);
  const reader = blockReader(slots, emit);
  // Those that have not stopped, by the wire's index.
  const open = new Map<unknown, Block>();
  let usage: Wire | undefined;
  let stopReason: unknown;

  const decoder = {
    done: false,
    completeSince: undefined,

    decode({ data, event: name }: EventSourceMessage) {
      const event = parseEvent("anthropic", data);
      switch (event.type ?? name) {
        case "message_start":
          return start(objectOf(event.message));
        case "content_block_start":
          stopBlock(event.index);
          open.set(event.index, reader.start(event.content_block));
          return;
        case "content_block_delta":
          return growBlock(event.index, objectOf(event.delta));
        case "content_block_stop":
          return stopBlock(event.index);
        case "message_delta":
          stopReason = objectOf(event.delta).stop_reason ?? stopReason;
          emitRefusal(objectOf(event.delta), emit);
          return addUsage(event.usage);
        case "message_stop":
          for (const index of [...open.keys()]) stopBlock(index);
          slots.end();
          emit({ type: "finish", reason: finishReasonOf(stopReason), usage: usageOf(usage) });
          decoder.done = true;
          return;
        case "ping":
          return;
      }
      const failure = failureIn("anthropic", event);
      if (failure) throw failure;
    },

    end() {
      if (!decoder.done) throw interrupted();
    },
  };

  function start(message: Wire): void {
    emit({ type: "start", id: stringOf(message.id), model: stringOf(message.model) });
    addUsage(message.usage);
  }

  function growBlock(index: unknown, delta: Wire): void {
    const block = open.get(index) ?? reader.start({ type: blockTypes.get(delta.type) });
    open.set(index, block);
    reader.grow(block, delta);
  }

  function stopBlock(index: unknown): void {
    const block = open.get(index);
    open.delete(index);
    if (block) reader.stop(block);
  }

  function addUsage(wire: unknown): void {
    usage = laterUsage(usage, wire);
  }

  return decoder;
}

function emitRefusal(message: Wire, emit: Emit): void {
  if (stringOf(message.stop_reason).toLowerCase() !== "refusal") return;
  const { explanation } = objectOf(message.stop_details);
  emit({
    type: "refusal-delta",
    text: typeof explanation === "string" && explanation ? explanation : "The model refused to answer.",
  });
}

/** The types of blocks whose start did not come, by that of their deltas. */
const blockTypes: ReadonlyMap<unknown, string> = new Map([
  ["text_delta", "text"],
  ["thinking_delta", "thinking"],
  ["signature_delta", "thinking"],
]);

/** @throws ServerError or OverloadedError for a reason that says that the answer failed. */
function finishReasonOf(reason: unknown): FinishReason {
  const word = stringOf(reason);
  const ending = word === "" ? "unknown" : endingOf(word);
  if (ending === "failed" || ending === "overloaded") throw failedEnding("anthropic", word, ending);
  return ending;
}
