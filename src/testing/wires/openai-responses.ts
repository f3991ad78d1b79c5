import { openaiResponsesStrictness } from "../strict/openai-responses.js";
import { openaiError, openaiRefusal } from "./openai.js";
import { type Answer, fragmentsOf, nameOfModel, newId, type RequestBody, type Wire } from "./wire.js";

/** OpenAI Responses. */
export const openaiResponsesWire = {
  name: "openai-responses",
  requestIdHeader: "x-request-id",

  plain(answer, text, request) {
    return finished(head(request), answer, [
      ...(text === undefined ? [] : [message(newId("msg_"), text)]),
      ...answer.toolCalls.map((call) => functionCall(newId("fc_"), call, call.arguments)),
    ]);
  },

  async *stream(answer, request) {
    let sequence = 0;
    const event = (type: string, members: object) => this.event({ type, sequence_number: sequence++, ...members });
    const response = head(request);
    const output: (ReturnType<typeof message> | ReturnType<typeof functionCall>)[] = [];

    yield event("response.created", { response });
    yield event("response.in_progress", { response });

    if (answer.text) {
      const item_id = newId("msg_");
      const at = { item_id, output_index: output.length, content_index: 0 };
      yield event("response.output_item.added", {
        output_index: output.length,
        item: { ...message(item_id, ""), status: "in_progress", content: [] },
      });
      yield event("response.content_part.added", { ...at, part: textPart("") });
      let text = "";
      for await (const delta of answer.text) {
        text += delta;
        yield event("response.output_text.delta", { ...at, delta, logprobs: [] });
      }
      yield event("response.output_text.done", { ...at, text, logprobs: [] });
      yield event("response.content_part.done", { ...at, part: textPart(text) });
      const item = message(item_id, text);
      yield event("response.output_item.done", { output_index: output.length, item });
      output.push(item);
    }
    for (const call of answer.toolCalls) {
      const item = functionCall(newId("fc_"), call, call.arguments);
      const at = { item_id: item.id, output_index: output.length };
      yield event("response.output_item.added", {
        output_index: output.length,
        item: { ...item, status: "in_progress", arguments: "" },
      });
      for (const delta of fragmentsOf(call.arguments)) {
        yield event("response.function_call_arguments.delta", { ...at, delta });
      }
      const { name } = call;
      yield event("response.function_call_arguments.done", { ...at, name, arguments: call.arguments });
      yield event("response.output_item.done", { output_index: output.length, item });
      output.push(item);
    }

    const whole = finished(response, answer, output);
    yield event(`response.${whole.status}`, { response: whole });
  },

  event(payload) {
    const name = "type" in payload ? `event: ${payload.type}\n` : "";
    return `${name}data: ${JSON.stringify(payload)}\n\n`;
  },

  isDelta: (event) => /^event: response\.(?:output_text|function_call_arguments)\.delta\n/.test(event),

  error: openaiError,

  strictness: openaiResponsesStrictness,

  refusal: openaiRefusal,

  overload() {
    const { message } = openaiError(503, undefined).error;
    return { type: "error", code: "server_error", message, param: null, sequence_number: 0 };
  },
} as const satisfies Wire;

function head(request: RequestBody) {
  return {
    id: newId("resp_"),
    object: "response" as const,
    created_at: Math.floor(Date.now() / 1000),
    status: "in_progress" as const,
    background: false,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    metadata: {},
    model: nameOfModel(request),
    output: [],
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: "default" as const,
    temperature: 1,
    text: { format: { type: "text" as const } },
    tool_choice: "auto" as const,
    tools: [],
    top_p: 1,
    truncation: "disabled" as const,
  };
}

function finished<Item>(response: ReturnType<typeof head>, answer: Answer, output: readonly Item[]) {
  const reason = incomplete[answer.finishReason];
  return {
    ...response,
    status: reason ? ("incomplete" as const) : ("completed" as const),
    incomplete_details: reason ? { reason } : null,
    output: [...output],
    ...(answer.usage && { usage: usageOf(answer.usage) }),
  };
}

const incomplete = {
  stop: undefined,
  "tool-calls": undefined,
  length: "max_output_tokens",
  "content-filter": "content_filter",
} as const;

function message(id: string, text: string) {
  return {
    id,
    type: "message" as const,
    status: "completed" as const,
    role: "assistant" as const,
    content: [textPart(text)],
  };
}

function textPart(text: string) {
  return { type: "output_text" as const, text, annotations: [], logprobs: [] };
}

function functionCall(id: string, call: Answer["toolCalls"][number], text: string) {
  return {
    id,
    type: "function_call" as const,
    status: "completed" as const,
    call_id: call.id ?? newId("call_"),
    name: call.name,
    arguments: text,
  };
}

function usageOf(usage: NonNullable<Answer["usage"]>) {
  return {
    input_tokens: usage.input,
    input_tokens_details: { cached_tokens: usage.cachedInput, cache_write_tokens: usage.cacheWrite },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: usage.input + usage.output,
  };
}
