import type { EventSourceMessage } from "eventsource-parser";
import { isPlainObject } from "../../json.js";
import type { FinishReason, Usage } from "../../model.js";
import { own } from "../../own.js";
import { type Emit, interrupted, type StreamDecoder, type WholeAnswer } from "../exchange.js";
import { streamedFailure } from "../failure.js";
import { ToolSlots } from "../tool-slots.js";
import { count, objectOf, parseEvent } from "../wire-parts.js";

type Wire = Record<string, unknown>;

/**
 * The events of a whole Messages answer.
 * Source: https://docs.anthropic.com/en/api/messages
 */
export function decodeMessage(body: unknown, emit: Emit, answer: WholeAnswer): void {
  const message = objectOf(body);
  if (message.type === "error") throw streamedFailure("anthropic", body);
  if (!Array.isArray(message.content)) throw answer.unexpected("holds no content");
  emit({ type: "start", id: String(message.id ?? ""), model: String(message.model ?? "") });
  const slots = new ToolSlots("anthropic", emit, answer.maxToolCalls);
  let tools = 0;
  for (const each of message.content) {
    const block = objectOf(each);
    if (block.type === "text" && block.text) emit({ type: "text-delta", text: String(block.text) });
    else if (block.type === "thinking")
      emit({
        type: "reasoning-delta",
        text: String(block.thinking ?? ""),
        data: { type: "thinking", signature: block.signature },
      });
    else if (block.type === "redacted_thinking")
      emit({ type: "reasoning-delta", text: "", data: { type: block.type, data: block.data } });
    else if (block.type === "tool_use")
      slots.add({ index: tools++, id: block.id, name: block.name, arguments: block.input });
  }
  slots.end();
  emitRefusal(message, emit);
  emit({
    type: "finish",
    reason: finishReasonOf(message.stop_reason),
    usage: isPlainObject(message.usage) ? usageOf(message.usage) : undefined,
    raw: body,
  });
}

/**
 * Decodes a Messages stream: blocks that start, grow and stop, then the reason and `message_stop`.
 * Source: https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export function messagesDecoder(emit: Emit, maxToolCalls: number): StreamDecoder {
  const slots = new ToolSlots("anthropic", emit, maxToolCalls);
  // What each open block is, by the wire's index; the data of a thinking block is whole only when it stops.
  const blocks = new Map<unknown, Wire>();
  let tools = 0;
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
          return startBlock(event.index, own({ ...objectOf(event.content_block) }));
        case "content_block_delta":
          return growBlock(event.index, objectOf(event.delta));
        case "content_block_stop":
          return stopBlock(event.index);
        case "message_delta":
          stopReason = objectOf(event.delta).stop_reason ?? stopReason;
          emitRefusal(objectOf(event.delta), emit);
          return addUsage(event.usage);
        case "message_stop":
          slots.end();
          emit({ type: "finish", reason: finishReasonOf(stopReason), usage: usage && usageOf(usage) });
          decoder.done = true;
          return;
        case "error":
          throw streamedFailure("anthropic", event);
      }
    },

    end() {
      if (!decoder.done) throw interrupted();
    },
  };

  function start(message: Wire): void {
    emit({ type: "start", id: String(message.id ?? ""), model: String(message.model ?? "") });
    addUsage(message.usage);
  }

  function startBlock(index: unknown, block: Wire): void {
    blocks.set(index, block);
    if (block.type === "tool_use") block.tool = tools++;
    if (block.type === "text" && block.text) emit({ type: "text-delta", text: String(block.text) });
    else if (block.type === "tool_use") slots.add({ index: block.tool, id: block.id, name: block.name });
  }

  function growBlock(index: unknown, delta: Wire): void {
    const block = blocks.get(index);
    if (delta.type === "text_delta") {
      if (delta.text) emit({ type: "text-delta", text: String(delta.text) });
    } else if (delta.type === "input_json_delta") {
      if (block?.type === "tool_use") {
        block.input = undefined;
        slots.add({ index: block.tool, arguments: delta.partial_json });
      }
    } else if (delta.type === "thinking_delta") {
      if (delta.thinking) emit({ type: "reasoning-delta", text: String(delta.thinking) });
    } else if (delta.type === "signature_delta" && block) {
      block.signature = `${block.signature ?? ""}${delta.signature}`;
    }
  }

  function stopBlock(index: unknown): void {
    const block = blocks.get(index);
    blocks.delete(index);
    if (block?.type === "thinking")
      emit({ type: "reasoning-delta", text: "", data: { type: "thinking", signature: block.signature } });
    else if (block?.type === "redacted_thinking")
      emit({ type: "reasoning-delta", text: "", data: { type: block.type, data: block.data } });
    else if (block?.type === "tool_use") {
      // Some compatible servers send the arguments whole, with the start.
      if (Object.keys(objectOf(block.input)).length > 0) slots.add({ index: block.tool, arguments: block.input });
      slots.end(block.tool);
    }
  }

  // The counts are of all so far, so the last one holds; what an event leaves out keeps its value.
  function addUsage(wire: unknown): void {
    if (!isPlainObject(wire)) return;
    usage = { ...usage, ...Object.fromEntries(Object.entries(wire).filter(([, value]) => value != null)) };
  }

  return decoder;
}

function emitRefusal(message: Wire, emit: Emit): void {
  if (message.stop_reason !== "refusal") return;
  const { explanation } = objectOf(message.stop_details);
  emit({
    type: "refusal-delta",
    text: typeof explanation === "string" && explanation ? explanation : "The model refused to answer.",
  });
}

const finishReasons = new Map<unknown, FinishReason>([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "tool-calls"],
  ["refusal", "content-filter"],
  ["pause_turn", "pause"],
]);

function finishReasonOf(reason: unknown): FinishReason {
  return finishReasons.get(reason) ?? "unknown";
}

/** Here `input_tokens` counts neither what was read from the cache nor what was written to it. */
function usageOf(wire: Wire): Usage {
  const cachedInputTokens = count(wire.cache_read_input_tokens);
  const cacheWriteTokens = count(wire.cache_creation_input_tokens);
  const inputTokens = count(wire.input_tokens) + cachedInputTokens + cacheWriteTokens;
  const outputTokens = count(wire.output_tokens);
  const reasoningTokens = count(objectOf(wire.output_tokens_details).thinking_tokens);
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens,
    cacheWriteTokens,
    reasoningTokens,
    totalTokens: inputTokens + outputTokens,
  };
}
