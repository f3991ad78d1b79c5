import type { EventSourceMessage } from "eventsource-parser";
import { UnexpectedResponseError } from "../../errors.js";
import { isPlainObject } from "../../json.js";
import type { FinishReason, Usage } from "../../model.js";
import { type Emit, interrupted, type StreamDecoder, type WholeAnswer } from "../exchange.js";
import { streamedFailure } from "../failure.js";
import { ToolSlots } from "../tool-slots.js";
import { count, objectOf, parseEvent } from "../wire-parts.js";

// What is read of the wire; all of it may be missing or null.
type Wire = Record<string, unknown>;

/**
 * The events of a whole Responses answer.
 * Source: https://platform.openai.com/docs/api-reference/responses/object
 */
export function decodeResponse(provider: string, body: unknown, emit: Emit, answer: WholeAnswer): void {
  const response = objectOf(body);
  if (response.error) throw streamedFailure(provider, response);
  const { status = "completed" } = response;
  if (!Array.isArray(response.output)) throw answer.unexpected("holds no output");
  if (status !== "completed" && status !== "incomplete") {
    const shown = JSON.stringify(body).slice(0, 200);
    throw new UnexpectedResponseError(`The answer of ${provider} is no finished response: ${shown}`, { provider });
  }
  emit(startOf(response));
  const slots = new ToolSlots(provider, emit, answer.maxToolCalls);
  for (const item of response.output) emitItem(objectOf(item), slots.size, slots, emit);
  slots.end();
  emit({ type: "finish", reason: finishReasonOf(response, slots), usage: usageOf(response.usage), raw: body });
}

/** An item of a stream that has not ended. */
interface OpenItem {
  /** The number of its tool call among the answer's. */
  tool?: number;
  /** The piece of reasoning that its last text belongs to. */
  reasoning?: string;
  grew?: true;
}

/**
 * Decodes a Responses stream: items that begin, grow and end, then the response as a whole.
 * Source: https://platform.openai.com/docs/api-reference/responses-streaming
 */
export function responsesDecoder(provider: string, emit: Emit, maxToolCalls: number): StreamDecoder {
  const slots = new ToolSlots(provider, emit, maxToolCalls);
  // By index: the ids of one item differ from event to event behind some proxies.
  const items = new Map<unknown, OpenItem>();
  let started = false;

  const decoder = {
    done: false,
    completeSince: undefined,

    decode({ data }: EventSourceMessage) {
      if (data === "[DONE]") return;
      const event = parseEvent(provider, data);
      if (event.error) throw streamedFailure(provider, event);
      switch (event.type) {
        case "response.created":
          return start(objectOf(event.response));
        case "response.output_item.added":
          return startItem(event.output_index, objectOf(event.item));
        case "response.output_item.done":
          return endItem(event.output_index, objectOf(event.item));
        case "response.completed":
        case "response.incomplete":
          return finish(objectOf(event.response));
        case "response.failed":
          throw streamedFailure(provider, objectOf(event.response));
        case "error":
          throw streamedFailure(provider, { error: { code: event.code, message: event.message } });
      }
      if (typeof event.delta === "string" && event.delta) growItem(event, event.delta);
    },

    end() {
      if (!decoder.done) throw interrupted();
    },
  };

  function start(response: Wire): void {
    if (started) return;
    started = true;
    emit(startOf(response));
  }

  function startItem(index: unknown, { type, call_id, name }: Wire): void {
    if (type !== "function_call") return;
    const tool = slots.size;
    items.set(index, { tool });
    slots.add({ index: tool, id: call_id, name });
  }

  function growItem(event: Wire, text: string): void {
    const item = items.get(event.output_index) ?? {};
    switch (event.type) {
      case "response.output_text.delta":
        emit({ type: "text-delta", text });
        break;
      case "response.refusal.delta":
        emit({ type: "refusal-delta", text });
        break;
      case "response.reasoning_summary_text.delta":
      case "response.reasoning_text.delta": {
        const piece = `${event.type} ${event.summary_index ?? event.content_index}`;
        const begins = item.reasoning !== undefined && item.reasoning !== piece;
        item.reasoning = piece;
        emit({ type: "reasoning-delta", text: begins ? betweenPieces + text : text });
        break;
      }
      case "response.function_call_arguments.delta":
        if (item.tool === undefined) return;
        slots.add({ index: item.tool, arguments: text });
        break;
      default:
        return;
    }
    item.grew = true;
    items.set(event.output_index, item);
  }

  /** What came without deltas is taken from the whole item. */
  function endItem(index: unknown, wire: Wire): void {
    const { tool, grew } = items.get(index) ?? {};
    items.delete(index);
    if (!grew) emitItem(wire, tool ?? slots.size, slots, emit);
    else if (wire.type === "reasoning") emit({ type: "reasoning-delta", text: "", data: wire });
    else if (tool !== undefined) slots.end(tool);
  }

  function finish(response: Wire): void {
    start(response);
    slots.end();
    emit({ type: "finish", reason: finishReasonOf(response, slots), usage: usageOf(response.usage) });
    decoder.done = true;
  }

  return decoder;
}

/** A whole item; one of a kind that is not known is skipped. */
function emitItem(item: Wire, tool: number, slots: ToolSlots, emit: Emit): void {
  switch (item.type) {
    case "message":
      for (const part of objectsOf(item.content)) {
        if (part.type === "output_text" && part.text) emit({ type: "text-delta", text: String(part.text) });
        else if (part.type === "refusal" && part.refusal) emit({ type: "refusal-delta", text: String(part.refusal) });
      }
      return;
    case "reasoning": {
      const pieces = [...objectsOf(item.summary), ...objectsOf(item.content)].map(({ text }) => text);
      emit({ type: "reasoning-delta", text: pieces.filter(Boolean).join(betweenPieces), data: item });
      return;
    }
    case "function_call":
      slots.add({ index: tool, id: item.call_id, name: item.name, arguments: item.arguments });
      slots.end(tool);
  }
}

const betweenPieces = "\n\n";

function startOf(response: Wire) {
  return { type: "start", id: String(response.id ?? ""), model: String(response.model ?? "") } as const;
}

function objectsOf(value: unknown): Wire[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

const incomplete = new Map<unknown, FinishReason>([
  ["max_output_tokens", "length"],
  ["content_filter", "content-filter"],
]);

function finishReasonOf(response: Wire, slots: ToolSlots): FinishReason {
  if (response.status === "incomplete")
    return incomplete.get(objectOf(response.incomplete_details).reason) ?? "unknown";
  return slots.size > 0 ? "tool-calls" : "stop";
}

function usageOf(usage: unknown): Usage | undefined {
  if (!isPlainObject(usage)) return undefined;
  const inputTokens = count(usage.input_tokens);
  const outputTokens = count(usage.output_tokens);
  const input = objectOf(usage.input_tokens_details);
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens: count(input.cached_tokens),
    cacheWriteTokens: count(input.cache_write_tokens),
    reasoningTokens: count(objectOf(usage.output_tokens_details).reasoning_tokens),
    totalTokens: count(usage.total_tokens) || inputTokens + outputTokens,
  };
}
