import { ConfigurationError } from "../errors.js";
import { encodeUsage, newId, seconds } from "../gateway/answer.js";
import type { ChatCompletion, ChatCompletionChunk } from "../gateway/wire.js";
import type { MadeValue } from "../output/made-value.js";
import type { OutputStream } from "../output/stream.js";
import { usageOf } from "./usage.js";

/** A value to be served, with the response behind it if that is known. */
export type ValueAnswer = Pick<MadeValue, "value" | "parsed"> & Partial<Pick<MadeValue, "response">>;

/** The validated value of a stream, which is known at its end. */
export async function readOutput(stream: OutputStream<unknown>): Promise<ValueAnswer> {
  const value = await stream.output();
  return { value, parsed: false, response: await stream.response() };
}

/** The value as JSON in `content`. */
export function valueCompletion(answer: ValueAnswer): ChatCompletion {
  const usage = answer.response && usageOf(answer.response);
  const message = { role: "assistant" as const, content: contentOf(answer), refusal: null };
  return {
    id: answer.response?.id || newId(),
    object: "chat.completion",
    created: seconds(),
    model: "",
    choices: [{ index: 0, message, finish_reason: "stop", logprobs: null }],
    ...(usage && { usage: encodeUsage(usage) }),
  };
}

/**
 * The value in one chunk: what was shown could not be taken back if the whole does not fit its schema.
 *
 * @param read Called when the first chunk is read.
 */
export async function* valueChunks(
  read: () => ValueAnswer | Promise<ValueAnswer>,
  includeUsage: boolean,
): AsyncGenerator<ChatCompletionChunk, void> {
  const head = { id: newId(), object: "chat.completion.chunk" as const, created: seconds(), model: "" };
  yield { ...head, choices: [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }] };
  const made = await read();
  yield { ...head, choices: [{ index: 0, delta: { content: contentOf(made) }, finish_reason: null }] };
  yield { ...head, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
  const usage = includeUsage && made.response ? usageOf(made.response) : undefined;
  if (usage) yield { ...head, choices: [], usage: encodeUsage(usage) };
}

function contentOf({ value, parsed }: ValueAnswer): string {
  if (parsed && typeof value === "string") return value;
  try {
    const json = JSON.stringify(value);
    if (json !== undefined) return json;
  } catch {}
  throw new ConfigurationError(
    "The call made a value that cannot be written as JSON. Let its schema or its outputParser make plain data.",
  );
}
