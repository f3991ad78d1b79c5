import type { EventSourceMessage } from "eventsource-parser";
import { isPlainObject } from "../../json.js";
import type { FinishReason, ModelEvent, Usage } from "../../model.js";
import { now } from "../../wait.js";
import { type Emit, interrupted, type StreamDecoder, type WholeAnswer } from "../exchange.js";
import { failureIn } from "../failure/failure-in.js";
import { type ToolDelta, ToolSlots } from "../tool-slots.js";
import { count, objectOf, parseEvent, stringOf } from "../wire-parts.js";

// What is read of the wire; all of it may be missing or null. Source: https://platform.openai.com/docs/api-reference/chat/object
interface WireMessage {
  readonly content?: unknown;
  readonly refusal?: unknown;
  readonly tool_calls?: unknown;
  // Not OpenAI's: how DeepSeek and xAI show what a model thought, and how Groq, OpenRouter and vLLM do.
  readonly reasoning_content?: unknown;
  readonly reasoning?: unknown;
}
interface WireChoice {
  readonly index?: unknown;
  readonly delta?: WireMessage | null;
  readonly message?: WireMessage | null;
  readonly finish_reason?: unknown;
}
interface WireChunk {
  readonly id?: unknown;
  readonly model?: unknown;
  readonly choices?: unknown;
  readonly usage?: unknown;
  /** Groq's, with the usage of a stream. https://console.groq.com/docs/api-reference */
  readonly x_groq?: unknown;
}

/** The events of a whole Chat Completions answer. */
export function decodeChat(provider: string, body: unknown, emit: Emit, answer: WholeAnswer): void {
  const chunk = isPlainObject(body) ? (body as WireChunk) : {};
  const failure = failureIn(provider, body);
  if (failure) throw failure;
  const choice = choiceOf(chunk);
  if (!choice?.message) throw answer.unexpected("holds no choices[0].message");
  emit({ type: "start", id: stringOf(chunk.id), model: stringOf(chunk.model) });
  const slots = new ToolSlots(provider, emit, answer.maxToolCalls);
  decodeMessage(choice.message, slots, emit, true);
  const reason = finishReasonOf(choice.finish_reason, slots);
  slots.end();
  emit({ type: "finish", reason, usage: usageOf(chunk.usage), raw: body });
}

/** Decodes a Chat Completions stream: one `data:` object a chunk, then `[DONE]`. */
export function chatDecoder(provider: string, emit: Emit, maxToolCalls: number): StreamDecoder {
  // What the finishing chunk makes waits for the usage, which comes in a chunk of its own.
  let held: ModelEvent[] | undefined;
  let started = false;
  let usage: Usage | undefined;
  let reason: FinishReason = "unknown";
  const slots = new ToolSlots(provider, (event) => (held ? held.push(event) : emit(event)), maxToolCalls);

  const decoder = {
    done: false,
    completeSince: undefined as number | undefined,

    decode({ data }: EventSourceMessage) {
      if (data === "[DONE]") return decoder.end(true);
      const chunk: WireChunk = parseEvent(provider, data);
      const failure = failureIn(provider, chunk);
      if (failure) throw failure;
      if (!started && (chunk.id !== undefined || chunk.model !== undefined)) {
        started = true;
        emit({ type: "start", id: stringOf(chunk.id), model: stringOf(chunk.model) });
      }
      const told = usageOf(chunk.usage ?? (chunk.x_groq && objectOf(chunk.x_groq).usage));
      usage = told ?? usage;
      const choice = choiceOf(chunk);
      if (choice) decodeChoice(choice);
      // Some tell the usage so far with every chunk; what came before the end is not all.
      if (told && held) decoder.end(true);
    },

    /** @param said Whether the server itself said that this is the end. */
    end(said = false) {
      if (decoder.done) return;
      if (!held && !said) throw interrupted();
      if (!held) slots.end();
      const finish: ModelEvent = { type: "finish", reason, usage };
      for (const event of held ?? []) emit({ ...event, more: true });
      emit(finish);
      decoder.done = true;
    },
  };

  function decodeChoice(choice: WireChoice): void {
    const finishes = typeof choice.finish_reason === "string" && choice.finish_reason !== "" && !held;
    const calls = slots.size > 0 || Array.isArray(choice.delta?.tool_calls);
    // Without tools there is nothing to show together, so the text of the last chunk need not wait.
    if (finishes && calls) held = [];
    if (choice.delta) decodeMessage(choice.delta, slots, held ? (event) => held?.push(event) : emit, false);
    if (!finishes) return;
    held ??= [];
    reason = finishReasonOf(choice.finish_reason, slots);
    slots.end();
    // Each call in one piece, so that a stream can show it as one; text stays first.
    held.sort((a, b) => placeOf(a) - placeOf(b));
    decoder.completeSince = now();
  }

  return decoder;
}

function placeOf(event: ModelEvent): number {
  return "index" in event ? event.index : -1;
}

/** Only the first choice is read; asking for several is asking several times. */
function choiceOf(chunk: WireChunk): WireChoice | undefined {
  const choices: readonly unknown[] = Array.isArray(chunk.choices) ? chunk.choices : [];
  const choice = choices.find((each) => isPlainObject(each) && (each.index ?? 0) === 0);
  return choice as WireChoice | undefined;
}

function decodeMessage(message: WireMessage, slots: ToolSlots, emit: Emit, whole: boolean): void {
  const reasoning = message.reasoning_content || message.reasoning;
  if (typeof reasoning === "string" && reasoning) emit({ type: "reasoning-delta", text: reasoning });
  if (Array.isArray(message.content)) {
    for (const block of message.content) decodeBlock(objectOf(block), emit);
  } else if (typeof message.content === "string" && message.content)
    emit({ type: "text-delta", text: message.content });
  if (typeof message.refusal === "string" && message.refusal) emit({ type: "refusal-delta", text: message.refusal });
  if (!Array.isArray(message.tool_calls)) return;
  message.tool_calls.forEach((call: unknown, position) => {
    if (!isPlainObject(call)) return;
    const called: Record<string, unknown> = isPlainObject(call.function) ? call.function : {};
    const delta: ToolDelta = {
      index: whole ? position : call.index,
      id: call.id,
      name: called.name,
      arguments: called.arguments,
      extra: call.extra_content,
    };
    slots.add(delta);
  });
}

/** Mistral's models that think answer in blocks. https://docs.mistral.ai/capabilities/reasoning */
function decodeBlock({ type, text, thinking }: Record<string, unknown>, emit: Emit): void {
  if (type === "text" && typeof text === "string" && text) emit({ type: "text-delta", text });
  else if (type === "thinking") {
    const thought = Array.isArray(thinking)
      ? thinking.map((block) => stringOf(objectOf(block).text)).join("")
      : thinking;
    if (typeof thought === "string" && thought) emit({ type: "reasoning-delta", text: thought });
  }
}

const finishReasons = new Map<unknown, FinishReason>([
  ["stop", "stop"],
  ["length", "length"],
  ["model_length", "length"], // Mistral
  ["eos", "stop"], // Together
  ["eos_token", "stop"], // Hugging Face
  ["stop_sequence", "stop"],
  ["tool_calls", "tool-calls"],
  ["function_call", "tool-calls"],
  ["content_filter", "content-filter"],
]);

function finishReasonOf(spelled: unknown, slots: ToolSlots): FinishReason {
  const reason = finishReasons.get(spelled) ?? "unknown";
  // Some compatible servers say "stop" after tool calls, and OpenAI does when a tool was forced by name.
  return reason === "stop" && slots.size > 0 ? "tool-calls" : reason;
}

function usageOf(usage: unknown): Usage | undefined {
  if (!isPlainObject(usage)) return undefined;
  const input = objectOf(usage.prompt_tokens_details);
  const output = objectOf(usage.completion_tokens_details);
  const inputTokens = count(usage.prompt_tokens);
  const totalTokens = count(usage.total_tokens);
  // xAI and Google count what a model thought in the total alone.
  const outputTokens = Math.max(count(usage.completion_tokens), totalTokens - inputTokens);
  return {
    inputTokens,
    outputTokens,
    // DeepSeek told it in a field of its own before it took over OpenAI's.
    cachedInputTokens: count(input.cached_tokens ?? usage.prompt_cache_hit_tokens),
    cacheWriteTokens: count(input.cache_write_tokens),
    reasoningTokens: count(output.reasoning_tokens),
    totalTokens: totalTokens || inputTokens + outputTokens,
  };
}
