import { usableCalls } from "../incomplete.js";
import { isPlainObject } from "../json.js";
import type { Message } from "../message.js";
import type { FinishReason, Usage } from "../model.js";
import type { CallResponse } from "../response.js";
import type { ChatCompletion, WireFinishReason, WireUsage } from "./wire.js";

/** An answer in OpenAI's shape. */
export function encodeCompletion(response: CallResponse<unknown>): ChatCompletion {
  const { content, refusal, finishReason, usage, id, model } = response;
  const { details, extras } = sentBack(response.message);
  const tool_calls = usableCalls(response).map((call) => ({
    id: call.id,
    type: "function" as const,
    function: { name: call.name, arguments: call.arguments || "{}" },
    ...(extras.has(call.id) && { extra_content: extras.get(call.id) }),
  }));
  const isEmpty = content === "" && (tool_calls.length > 0 || refusal !== undefined);
  return {
    id: id || newId(),
    object: "chat.completion",
    created: seconds(),
    model,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: isEmpty ? null : content,
          refusal: refusal ?? null,
          ...(tool_calls.length > 0 && { tool_calls }),
          ...(details.length > 0 && { reasoning_details: details }),
        },
        finish_reason: encodeFinishReason(finishReason),
        logprobs: null,
      },
    ],
    ...(usage && { usage: encodeUsage(usage) }),
  };
}

/** What the provider wants back with the answer: OpenRouter's list of thoughts, and by id what stands beside calls. */
function sentBack({ content }: Message): { details: unknown[]; extras: Map<unknown, unknown> } {
  const details: unknown[] = [];
  const extras = new Map<unknown, unknown>();
  for (const part of typeof content === "string" ? [] : content) {
    if (part.type !== "reasoning" || !isPlainObject(part.data)) continue;
    const { toolCallId, extra_content, reasoning_details } = part.data;
    if (toolCallId !== undefined) extras.set(toolCallId, extra_content);
    if (Array.isArray(reasoning_details)) details.push(...reasoning_details);
  }
  return { details, extras };
}

const finishReasons: Readonly<Record<FinishReason, WireFinishReason>> = {
  "tool-calls": "tool_calls",
  "content-filter": "content_filter",
  length: "length",
  stop: "stop",
  // Clients take "stop" for a whole answer.
  pause: "length",
  unknown: "stop",
};

export function encodeFinishReason(reason: FinishReason): WireFinishReason {
  return finishReasons[reason];
}

export function encodeUsage(usage: Usage): WireUsage {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.totalTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
}

/** For models that name no answer of theirs. */
export function newId(): string {
  return `chatcmpl-${crypto.randomUUID()}`;
}

export function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
