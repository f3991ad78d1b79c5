import type { EventSourceMessage } from "eventsource-parser";
import { UnexpectedResponseError } from "../../errors.js";
import { isPlainObject } from "../../json.js";
import type { FinishReason, Usage } from "../../model.js";
import { type Emit, interrupted, type StreamDecoder, type WholeAnswer } from "../exchange.js";
import { beginningOf } from "../failure/error-words.js";
import { failureIn, streamedFailure } from "../failure/failure-in.js";
import { endingOf } from "../finish-words.js";
import { ToolSlots } from "../tool-slots.js";
import { count, objectOf, parseEvent, stringOf } from "../wire-parts.js";
import { itemReader } from "./item-reader.js";
import { listOf, type TextKind, type Wire } from "./items.js";
import { openItems } from "./open-items.js";

/**
 * The events of a whole Responses answer.
 * Source: https://platform.openai.com/docs/api-reference/responses/object
 */
export function decodeResponse(provider: string, body: unknown, emit: Emit, answer: WholeAnswer): void {
  const failure = failureIn(provider, body);
  if (failure) throw failure;
  const response = objectOf(body);
  checkStatus(provider, response);
  if (!Array.isArray(response.output)) throw answer.unexpected("holds no output");
  if (!finalStatuses.has(response.status ?? "completed")) {
    throw unexpected(provider, "is no finished response", body);
  }
  emit(startOf(response));
  const slots = new ToolSlots(provider, emit, answer.maxToolCalls);
  const reader = itemReader(slots, emit);
  for (const item of response.output) reader.end(reader.begin(item), objectOf(item));
  slots.end();
  emit({ type: "finish", reason: finishReasonOf(response, slots), usage: usageOf(response.usage), raw: body });
}

/** The kind of text that an event brings more of. */
const deltas: ReadonlyMap<unknown, TextKind> = new Map([
  ["response.output_text.delta", "text"],
  ["response.refusal.delta", "refusal"],
  ["response.reasoning_summary_text.delta", "reasoning"],
  ["response.reasoning_text.delta", "reasoning"],
]);

/** The same for events that bring a piece as a whole, with the member that holds it. */
const wholes: ReadonlyMap<unknown, readonly [TextKind, member: string]> = new Map([
  ["response.output_text.done", ["text", "text"]],
  ["response.refusal.done", ["refusal", "refusal"]],
  ["response.reasoning_summary_text.done", ["reasoning", "text"]],
  ["response.reasoning_text.done", ["reasoning", "text"]],
]);

/**
 * Decodes a Responses stream: items that begin, grow and end, then the response as a whole. Each of them may be missing,
 * and each whole makes up for the pieces that are.
 * Source: https://platform.openai.com/docs/api-reference/responses-streaming
 */
export function responsesDecoder(provider: string, emit: Emit, maxToolCalls: number): StreamDecoder {
  const slots = new ToolSlots(provider, emit, maxToolCalls);
  const reader = itemReader(slots, emit);
  const items = openItems(reader);
  let started = false;

  const decoder = {
    done: false,
    completeSince: undefined,

    decode({ data }: EventSourceMessage) {
      if (data === "[DONE]") return;
      const event = parseEvent(provider, data);
      const kind = deltas.get(event.type);
      if (kind === undefined) return decodeRare(event);
      const text = stringOf(event.delta);
      if (text) reader.grow(items.growing(event), kind, placeOf(event), text);
    },

    end() {
      if (!decoder.done) throw interrupted();
    },
  };

  function decodeRare(event: Wire): void {
    switch (event.type) {
      case "response.created":
        return start(objectOf(event.response));
      case "response.output_item.added":
        return items.add(event);
      case "response.function_call_arguments.delta":
        return reader.calls.grow(items.growing(event), stringOf(event.delta));
      case "response.function_call_arguments.done":
        return settleCall(event);
      case "response.output_text.annotation.added":
        return reader.cite(event.annotation);
      case "response.output_item.done":
        return items.end(event);
      case "response.completed":
      case "response.incomplete":
        return finish(objectOf(event.response));
      case "response.failed":
      case "response.cancelled":
        checkStatus(provider, { status: stringOf(event.type).slice("response.".length), ...objectOf(event.response) });
    }
    const whole = wholes.get(event.type);
    if (whole) return settle(event, ...whole);
    const isOurs = stringOf(event.type).startsWith("response.");
    const failure = failureIn(provider, isOurs ? { error: event.error } : event);
    if (failure) throw failure;
  }

  function start(response: Wire): void {
    if (started) return;
    started = true;
    emit(startOf(response));
  }

  function settle(event: Wire, kind: TextKind, member: string): void {
    const item = items.settling(event);
    if (item) reader.settle(item, kind, placeOf(event), stringOf(event[member]));
  }

  function settleCall(event: Wire): void {
    const item = items.settling(event);
    if (!item) return;
    item.name ??= event.name;
    reader.calls.settle(item, event.arguments);
  }

  function finish(response: Wire): void {
    checkStatus(provider, response);
    start(response);
    items.complete(listOf(response.output));
    slots.end();
    emit({ type: "finish", reason: finishReasonOf(response, slots), usage: usageOf(response.usage) });
    decoder.done = true;
  }

  return decoder;
}

/** Which piece of an item an event is about: of a summary and of the reasoning itself, each has its own count. */
function placeOf({ content_index: content, summary_index: summary }: Wire): unknown {
  // Negative, so that the two do not meet.
  return typeof summary === "number" ? -1 - summary : (content ?? 0);
}

/** @throws The error of a response that failed or was cancelled. */
function checkStatus(provider: string, response: Wire): void {
  const failure = failureIn(provider, { error: response.error });
  if (failure) throw failure;
  if (response.status === "failed")
    throw streamedFailure(provider, { error: { message: "The response failed without a reason." } });
  if (response.status === "cancelled" || response.status === "canceled")
    throw unexpected(provider, "was cancelled", response);
}

function unexpected(provider: string, what: string, body: unknown): UnexpectedResponseError {
  const shown = beginningOf(JSON.stringify(body), 200);
  return new UnexpectedResponseError(`The answer of ${provider} ${what}: ${shown}`, { provider, body });
}

const finalStatuses: ReadonlySet<unknown> = new Set(["completed", "incomplete"]);

function startOf(response: Wire) {
  return { type: "start", id: stringOf(response.id), model: stringOf(response.model) } as const;
}

/** Why a response is not complete. Any other reason has cut it off too. */
function incompleteBecause(reason: unknown): FinishReason {
  return endingOf(stringOf(reason)) === "content-filter" ? "content-filter" : "length";
}

function finishReasonOf(response: Wire, slots: ToolSlots): FinishReason {
  const isCut = listOf(response.output).some((item) => objectOf(item).status === "incomplete");
  if (isCut || response.status === "incomplete") return incompleteBecause(objectOf(response.incomplete_details).reason);
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
