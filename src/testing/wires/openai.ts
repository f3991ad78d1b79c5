import { openaiChatStrictness } from "../strict/openai-chat.js";
import type { Problem } from "../strict/problem.js";
import { type Answer, fragmentsOf, nameOfModel, newId, type RequestBody, textEvents, type Wire } from "./wire.js";

/** OpenAI Chat Completions. */
export const openaiWire = {
  name: "openai",
  requestIdHeader: "x-request-id",

  plain(answer, text, request) {
    const calls = answer.toolCalls.map((call) => ({
      id: call.id ?? newId("call_"),
      type: "function" as const,
      function: { name: call.name, arguments: call.arguments },
    }));
    return {
      ...head(request),
      object: "chat.completion" as const,
      choices: [
        {
          index: 0,
          message: {
            role: "assistant" as const,
            content: text ?? null,
            refusal: null,
            annotations: [],
            ...(calls.length > 0 && { tool_calls: calls }),
          },
          logprobs: null,
          finish_reason: finishReasons[answer.finishReason],
        },
      ],
      ...(answer.usage && { usage: usageOf(answer.usage) }),
    };
  },

  async *stream(answer, request) {
    const withUsage = request.stream_options?.include_usage === true;
    const base = { ...head(request), object: "chat.completion.chunk" as const, ...(withUsage && { usage: null }) };
    const chunk = (delta: object, finish_reason: string | null = null) =>
      this.event({ ...base, choices: [{ index: 0, delta, logprobs: null, finish_reason }] });

    yield chunk({ role: "assistant", content: answer.text ? "" : null, refusal: null });
    const textChunk = textEvents((content) => chunk({ content }));
    for await (const content of answer.text ?? []) yield textChunk(content);
    for (const [index, call] of answer.toolCalls.entries()) {
      const id = call.id ?? newId("call_");
      yield chunk({ tool_calls: [{ index, id, type: "function", function: { name: call.name, arguments: "" } }] });
      for (const fragment of fragmentsOf(call.arguments)) {
        yield chunk({ tool_calls: [{ index, function: { arguments: fragment } }] });
      }
    }
    yield chunk({}, finishReasons[answer.finishReason]);
    if (withUsage && answer.usage) yield this.event({ ...base, choices: [], usage: usageOf(answer.usage) });
    yield "data: [DONE]\n\n";
  },

  event: (payload) => `data: ${JSON.stringify(payload)}\n\n`,

  isDelta: (event) => /"(?:content|arguments)":"[^"]/.test(event),

  error: openaiError,

  strictness: openaiChatStrictness,

  refusal: openaiRefusal,

  overload: () => openaiError(503, undefined),
} as const satisfies Wire;

/** Both of OpenAI's APIs write errors in this form. */
export function openaiError(status: number, message: string | undefined) {
  const [type, code, said] = errors[status] ?? (status < 500 ? errors[400] : errors[500]) ?? [];
  return { error: { message: message ?? said ?? "", type: type ?? "", param: null, code: code ?? null } };
}

export function openaiRefusal({ message, type = "invalid_request_error", param, code }: Problem) {
  return { error: { message, type, param: param ?? null, code: code ?? null } };
}

const errors: Readonly<Record<number, readonly [type: string, code: string | null, message: string]>> = {
  400: ["invalid_request_error", null, "The request is not valid."],
  401: ["invalid_request_error", "invalid_api_key", "Incorrect API key provided."],
  403: ["permission_error", "permission_denied", "This key may not do that."],
  404: ["invalid_request_error", "model_not_found", "The model does not exist or you do not have access to it."],
  429: ["requests", "rate_limit_exceeded", "Rate limit reached."],
  500: ["server_error", null, "The server had an error while processing your request."],
  503: ["server_error", null, "The engine is currently overloaded, please try again later."],
};

const finishReasons = {
  stop: "stop",
  length: "length",
  "tool-calls": "tool_calls",
  "content-filter": "content_filter",
} as const;

function head(request: RequestBody) {
  return {
    id: newId("chatcmpl-"),
    created: Math.floor(Date.now() / 1000),
    model: nameOfModel(request),
    service_tier: "default" as const,
    system_fingerprint: "fp_wireserver",
  };
}

function usageOf(usage: NonNullable<Answer["usage"]>) {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cachedInput, cache_write_tokens: usage.cacheWrite, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
