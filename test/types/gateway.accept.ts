// What completion() gives fits OpenAI's own types, and what its client takes fits completion().
import { type ChatCompletion, type ChatCompletionChunk, completion } from "callwright";
import type OpenAI from "openai";
import { exactly } from "./exactly.js";

const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "Hi" }];
const tools: OpenAI.ChatCompletionTool[] = [{ type: "function", function: { name: "find_book" } }];

export async function gateway(params: OpenAI.ChatCompletionCreateParamsNonStreaming, streamed: boolean) {
  const answer = await completion({ model: "anthropic/claude-haiku-4-5", messages, tools, tool_choice: "auto" });
  exactly<typeof answer, ChatCompletion>();
  const theirs: OpenAI.ChatCompletion = answer;
  const calls: OpenAI.ChatCompletionMessageToolCall[] | undefined = answer.choices[0]?.message.tool_calls;

  const chunks = await completion({ model: "openai/gpt-4o-mini", messages, stream: true });
  exactly<typeof chunks, AsyncIterable<ChatCompletionChunk>>();
  const theirChunks: AsyncIterable<OpenAI.ChatCompletionChunk> = chunks;
  for await (const chunk of chunks) {
    const theirChunk: OpenAI.ChatCompletionChunk = chunk;
    void theirChunk;
  }

  // The answer goes in again as a message, here and there.
  const message: OpenAI.ChatCompletionMessageParam | undefined = answer.choices[0]?.message;
  if (message) await completion({ model: "openai/gpt-4o-mini", messages: [...messages, message] });

  // Whole parameters of the client, and a `stream` that is known at run time only.
  const whole: ChatCompletion = await completion({ ...params, model: `groq/${params.model}` });
  const either = await completion({ model: "openai/gpt-4o-mini", messages, stream: streamed });
  const id = "id" in either ? either.id : undefined;
  return [theirs, calls, theirChunks, whole, id];
}
