import { isPlainObject } from "../../json.js";
import type { FinishReason } from "../../model.js";
import type { Emit, WholeAnswer } from "../exchange.js";
import { failureIn } from "../failure/failure-in.js";
import { endingOf, failedEnding } from "../finish-words.js";
import type { Preset } from "../presets/preset.js";
import { ToolSlots } from "../tool-slots.js";
import { stringOf } from "../wire-parts.js";
import { readMessage } from "./message-events.js";
import { Reasoning } from "./reasoning.js";
import { Sources } from "./sources.js";
import { usageIn } from "./usage.js";
import { choiceOf, finishWordOf, type WireChoice, type WireChunk, type WireMessage } from "./wire.js";

/** The events of a whole Chat Completions answer. */
export function decodeChat({ provider, quirks }: Preset, body: unknown, emit: Emit, answer: WholeAnswer): void {
  const chunk = isPlainObject(body) ? (body as WireChunk) : {};
  const failure = failureIn(provider, body);
  if (failure) throw failure;
  const choice = choiceOf(chunk);
  const message = choice && messageOf(choice);
  if (!message) throw answer.unexpected("holds no choices[0].message");

  emit({ type: "start", id: stringOf(chunk.id), model: stringOf(chunk.model) });
  const slots = new ToolSlots(provider, emit, answer.maxToolCalls);
  const reasoning = new Reasoning(emit);
  readMessage(message, { emit, slots, reasoning, whole: true });
  reasoning.flush();
  slots.end();
  new Sources(emit).read(chunk, message);
  const reason = finishReasonOf(provider, finishWordOf(choice), slots);
  emit({ type: "finish", reason, usage: usageIn(chunk, choice, quirks.reasoningInTotal), raw: body });
}

function messageOf({ message, delta, text }: WireChoice): WireMessage | undefined {
  if (isPlainObject(message)) return message;
  if (isPlainObject(delta)) return delta;
  return typeof text === "string" ? { content: text } : undefined;
}

/** @throws ServerError or OverloadedError for a word that says that the answer failed. */
export function finishReasonOf(provider: string, word: string | undefined, slots: ToolSlots): FinishReason {
  const ending = word === undefined ? "unknown" : endingOf(word);
  if (ending === "failed" || ending === "overloaded") throw failedEnding(provider, word ?? "", ending);
  // Some compatible servers say "stop" after tool calls, and OpenAI does when a tool was forced by name.
  return ending === "stop" && slots.size > 0 ? "tool-calls" : ending;
}
