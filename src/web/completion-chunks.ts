import { encodeCompletion, encodeFinishReason, encodeUsage, newId, seconds } from "../gateway/answer.js";
import type { ChatCompletion, ChatCompletionChunk, WireFinishReason } from "../gateway/wire.js";
import { usableCalls } from "../incomplete.js";
import type { CallResponse } from "../response.js";
import { CallStream } from "../stream.js";
import { usageOf } from "./usage.js";

type Delta = ChatCompletionChunk["choices"][number]["delta"];

/** What a function answered with. */
export type Answer = CallResponse<unknown> | CallStream<unknown>;

/** A whole answer in OpenAI's shape, with the tokens of all its steps. */
export async function completionOf(answer: Answer): Promise<ChatCompletion> {
  const response = CallStream.isInstance(answer) ? await answer.response() : answer;
  const usage = usageOf(response);
  return { ...encodeCompletion(response), ...(usage && { usage: encodeUsage(usage) }) };
}

/**
 * An answer as chunks. Text comes as it is said; tool calls come whole, at the end: those of earlier steps were run here,
 * and which step is the last is known only then.
 *
 * @throws StreamInterruptedError if another model takes over in mid-stream: OpenAI's format cannot take back what was sent.
 */
export async function* chunksOf(answer: Answer, includeUsage: boolean): AsyncGenerator<ChatCompletionChunk, void> {
  const head = { id: newId(), object: "chat.completion.chunk" as const, created: seconds(), model: "" };
  const chunk = (delta: Delta, finish_reason: WireFinishReason | null = null): ChatCompletionChunk => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason }],
  });

  yield chunk({ role: "assistant", content: "" });
  if (CallStream.isInstance(answer)) for await (const content of answer.textStream()) yield chunk({ content });
  else if (answer.content) yield chunk({ content: answer.content });
  const response = CallStream.isInstance(answer) ? await answer.response() : answer;
  const { refusal, finishReason } = response;
  if (refusal !== undefined) yield chunk({ refusal });
  for (const [index, { id, name, arguments: json }] of usableCalls(response).entries())
    yield chunk({ tool_calls: [{ index, id, type: "function", function: { name, arguments: json || "{}" } }] });
  yield chunk({}, encodeFinishReason(finishReason));
  const usage = includeUsage ? usageOf(response) : undefined;
  if (usage) yield { ...head, choices: [], usage: encodeUsage(usage) };
}
