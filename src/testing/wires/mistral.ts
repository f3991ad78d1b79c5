import { randomUUID } from "node:crypto";
import { mistralStrictness } from "../strict/mistral.js";
import { openaiWire } from "./openai.js";
import type { Answer, Wire } from "./wire.js";

/** Mistral's Chat Completions: OpenAI's wire, with ids, refusals and rules of its own. */
export const mistralWire: Wire = {
  ...openaiWire,
  plain: (answer, text, request) => openaiWire.plain(withIds(answer), text, request),
  stream: (answer, request) => openaiWire.stream(withIds(answer), request),

  strictness: mistralStrictness,

  error(status, message) {
    const { message: words, type, code } = openaiWire.error(status, message).error;
    return { object: "error", message: words, type, param: null, code };
  },

  // Source: https://github.com/nearai/ironclaw/issues/1241, https://github.com/Gage-Technologies/mistral-go/issues/3
  refusal: ({ message, detail, type = "invalid_request_error", code = null }) => ({
    object: "error",
    message: detail ? { detail } : message,
    type,
    param: null,
    code,
  }),
};

/** The API refuses ids in a history that are not nine letters and digits, so it never gives others. */
function withIds(answer: Answer): Answer {
  const toolCalls = answer.toolCalls.map((call) => ({
    ...call,
    id: call.id ?? randomUUID().replaceAll("-", "").slice(0, 9),
  }));
  return { ...answer, toolCalls };
}
