import type { FinishReason, ModelEvent, Usage } from "../model.js";
import type { CallResponse } from "../response.js";
import type { ChatCompletion, ChatCompletionChunk, WireFinishReason, WireUsage } from "./wire.js";

/** A whole answer in OpenAI's shape. */
export function encodeCompletion(response: CallResponse<unknown>): ChatCompletion {
  const { content, refusal, toolCalls, finishReason, usage, id, model } = response;
  const tool_calls = toolCalls.map((call) => ({
    id: call.id,
    type: "function" as const,
    function: { name: call.name, arguments: call.arguments || "{}" },
  }));
  const empty = content === "" && (tool_calls.length > 0 || refusal !== undefined);
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
          content: empty ? null : content,
          refusal: refusal ?? null,
          ...(tool_calls.length > 0 && { tool_calls }),
        },
        finish_reason: encodeFinishReason(finishReason),
        logprobs: null,
      },
    ],
    ...(usage && { usage: encodeUsage(usage) }),
  };
}

type Delta = ChatCompletionChunk["choices"][number]["delta"];

/** Turns the events of a stream into chunks of OpenAI's shape; one for each, or none. */
export function chunkEncoder(modelId: string, includeUsage: boolean): (event: ModelEvent) => ChatCompletionChunk[] {
  let head = { id: newId(), object: "chat.completion.chunk" as const, created: seconds(), model: modelId };
  // Providers may count text among their indexes; OpenAI counts calls from 0.
  const places = new Map<number, number>();
  const chunk = (delta: Delta, finish_reason: WireFinishReason | null = null): ChatCompletionChunk => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason }],
  });

  return (event) => {
    switch (event.type) {
      case "start":
        head = { ...head, id: event.id || head.id, model: event.model || head.model };
        return [chunk({ role: "assistant", content: "" })];
      case "text-delta":
        return [chunk({ content: event.text })];
      case "refusal-delta":
        return [chunk({ refusal: event.text })];
      case "tool-start": {
        const index = places.size;
        places.set(event.index, index);
        return [
          chunk({
            tool_calls: [{ index, id: event.id, type: "function", function: { name: event.name, arguments: "" } }],
          }),
        ];
      }
      case "tool-delta":
        return [
          chunk({ tool_calls: [{ index: places.get(event.index) ?? 0, function: { arguments: event.arguments } }] }),
        ];
      case "finish": {
        const last = chunk({}, encodeFinishReason(event.reason));
        return includeUsage && event.usage ? [last, { ...head, choices: [], usage: encodeUsage(event.usage) }] : [last];
      }
      default:
        return [];
    }
  };
}

function encodeFinishReason(reason: FinishReason): WireFinishReason {
  return (
    {
      "tool-calls": "tool_calls",
      "content-filter": "content_filter",
      length: "length",
      stop: "stop",
      unknown: "stop",
    } as const
  )[reason];
}

function encodeUsage(usage: Usage): WireUsage {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.totalTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
}

function newId(): string {
  return `chatcmpl-${crypto.randomUUID()}`;
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
