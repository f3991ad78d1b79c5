import { anthropicStrictness } from "../strict/anthropic.js";
import { type Answer, fragmentsOf, nameOfModel, newId, type RequestBody, textEvents, type Wire } from "./wire.js";

/** Anthropic Messages. */
export const anthropicWire = {
  name: "anthropic",
  requestIdHeader: "request-id",

  plain(answer, text, request) {
    return {
      ...head(request),
      content: [
        ...(text === undefined ? [] : [textBlock(text)]),
        ...answer.toolCalls.map((call) => toolBlock(call, inputOf(call.arguments))),
      ],
      stop_reason: stopReasons[answer.finishReason],
      ...(answer.usage && { usage: usageOf(answer.usage) }),
    };
  },

  async *stream(answer, request) {
    const { usage } = answer;
    const message = { ...head(request), content: [], ...(usage && { usage: { ...usageOf(usage), output_tokens: 1 } }) };
    yield this.event({ type: "message_start", message });

    let index = 0;
    if (answer.text) {
      yield this.event({ type: "content_block_start", index, content_block: textBlock("") });
      yield this.event({ type: "ping" });
      const textDelta = textEvents((text) =>
        this.event({ type: "content_block_delta", index, delta: { type: "text_delta", text } }),
      );
      for await (const text of answer.text) yield textDelta(text);
      yield this.event({ type: "content_block_stop", index: index++ });
    }
    for (const call of answer.toolCalls) {
      yield this.event({ type: "content_block_start", index, content_block: toolBlock(call, {}) });
      for (const partial_json of ["", ...fragmentsOf(call.arguments)]) {
        yield this.event({ type: "content_block_delta", index, delta: { type: "input_json_delta", partial_json } });
      }
      yield this.event({ type: "content_block_stop", index: index++ });
    }

    yield this.event({
      type: "message_delta",
      delta: {
        stop_reason: stopReasons[answer.finishReason],
        stop_sequence: null,
        stop_details: null,
        container: null,
      },
      ...(usage && { usage: finalUsageOf(usage) }),
    });
    yield this.event({ type: "message_stop" });
  },

  event(payload) {
    const name = "type" in payload ? `event: ${payload.type}\n` : "";
    return `${name}data: ${JSON.stringify(payload)}\n\n`;
  },

  isDelta: (event) => event.startsWith("event: content_block_delta\n"),

  error: anthropicError,

  strictness: anthropicStrictness,

  refusal: ({ message, status = 400 }, requestId) => anthropicError(status, message, requestId),

  overload: (requestId) => anthropicError(529, undefined, requestId),
} as const satisfies Wire;

function anthropicError(status: number, message: string | undefined, request_id: string) {
  const [type, said] = errors[status] ?? (status < 500 ? errors[400] : errors[500]) ?? [];
  return { type: "error" as const, error: { type: type ?? "", message: message ?? said ?? "" }, request_id };
}

const errors: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ["invalid_request_error", "The request is not valid."],
  401: ["authentication_error", "invalid x-api-key"],
  402: ["billing_error", "There is a problem with your billing."],
  403: ["permission_error", "This key may not do that."],
  404: ["not_found_error", "The model was not found."],
  409: ["conflict_error", "The request conflicts with another."],
  413: ["request_too_large", "Request exceeds the maximum allowed number of bytes."],
  429: ["rate_limit_error", "This request would exceed your rate limit."],
  500: ["api_error", "Internal server error"],
  504: ["timeout_error", "The request timed out."],
  529: ["overloaded_error", "Overloaded"],
};

const stopReasons = {
  stop: "end_turn",
  length: "max_tokens",
  "tool-calls": "tool_use",
  "content-filter": "refusal",
} as const;

function head(request: RequestBody) {
  return {
    id: newId("msg_"),
    type: "message" as const,
    role: "assistant" as const,
    model: nameOfModel(request),
    stop_reason: null,
    stop_sequence: null,
    stop_details: null,
    container: null,
    diagnostics: null,
  };
}

function textBlock(text: string) {
  return { type: "text" as const, text, citations: null };
}

function toolBlock(call: Answer["toolCalls"][number], input: unknown) {
  return {
    type: "tool_use" as const,
    id: call.id ?? newId("toolu_"),
    name: call.name,
    input,
    caller: { type: "direct" as const },
  };
}

// A plain answer holds the arguments as JSON, so broken ones can only be sent as a string there.
function inputOf(text: string): unknown {
  try {
    return JSON.parse(text || "{}");
  } catch {
    return text;
  }
}

function usageOf(usage: NonNullable<Answer["usage"]>) {
  return {
    ...finalUsageOf(usage),
    cache_creation: { ephemeral_5m_input_tokens: usage.cacheWrite, ephemeral_1h_input_tokens: 0 },
    inference_geo: null,
    service_tier: "standard" as const,
    speed: null,
  };
}

function finalUsageOf(usage: NonNullable<Answer["usage"]>) {
  return {
    // On this wire, what the cache read or wrote is counted apart.
    input_tokens: usage.input - usage.cachedInput - usage.cacheWrite,
    cache_creation_input_tokens: usage.cacheWrite,
    cache_read_input_tokens: usage.cachedInput,
    output_tokens: usage.output,
    output_tokens_details: { thinking_tokens: usage.reasoning },
    server_tool_use: null,
  };
}
