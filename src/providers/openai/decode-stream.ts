import type { EventSourceMessage } from "eventsource-parser";
import { UnexpectedResponseError } from "../../errors.js";
import { isPlainObject } from "../../json.js";
import type { ModelEvent, Usage } from "../../model.js";
import { now } from "../../wait.js";
import { doneMark } from "../event-reader.js";
import { type Emit, interrupted, type StreamDecoder } from "../exchange.js";
import { failureIn } from "../failure/failure-in.js";
import { endingOf, failedEnding } from "../finish-words.js";
import type { Preset } from "../presets/preset.js";
import { ToolSlots } from "../tool-slots.js";
import { parseEvent, stringOf } from "../wire-parts.js";
import { finishReasonOf } from "./decode.js";
import { type MessageReader, readMessage } from "./message-events.js";
import { Reasoning } from "./reasoning.js";
import { Sources } from "./sources.js";
import { usageIn } from "./usage.js";
import { choiceOf, finishWordOf, type WireChoice, type WireChunk, type WireMessage } from "./wire.js";

/**
 * How long silence must last to be an end. A finish in a chunk of its own, as OpenAI sends it, is a strong sign; less so
 * beside output, behind tool calls, or from a server that has said it too early, since more may come:
 * https://github.com/BerriAI/litellm/issues/2195, https://github.com/RayBytes/ChatMock/pull/114
 */
const graceMs = { strong: 1000, weak: 3000 };

/** Decodes a Chat Completions stream: one `data:` object a chunk, then `[DONE]`. */
export function chatDecoder(preset: Preset, emit: Emit, maxToolCalls: number): StreamDecoder {
  return new ChatDecoder(preset, emit, maxToolCalls);
}

/**
 * A finish is not the end: some servers say "stop" with every chunk, or in an empty one before all others. The stream ends
 * by `[DONE]`, the end of the body, a chunk for the usage alone, or silence, if its last output was a finish.
 */
class ChatDecoder implements StreamDecoder {
  done = false;
  completeSince: number | undefined;
  graceMs = graceMs.strong;
  readonly #preset: Preset;
  readonly #emit: Emit;
  readonly #reader: MessageReader;
  readonly #sources: Sources;
  /** What a chunk holds that finishes and has tool calls waits for more, so that a call and the finish can be shown as one. */
  #held: ModelEvent[] = [];
  #holds = false;
  #id = "";
  #model = "";
  /** Whether anything was said, in deltas or in messages in their place. */
  #spoke = false;
  #hasMessages = false;
  #word: string | undefined;
  #finishedEarly = false;
  #usage: Usage | undefined;

  constructor(preset: Preset, emit: Emit, maxToolCalls: number) {
    this.#preset = preset;
    this.#emit = emit;
    this.#sources = new Sources(emit);
    this.#reader = {
      emit: this.#show,
      slots: new ToolSlots(preset.provider, this.#show, maxToolCalls),
      reasoning: new Reasoning(this.#show),
      whole: false,
    };
  }

  decode({ data }: EventSourceMessage): void {
    if (data === doneMark) return this.#endSaid();
    const { provider, quirks } = this.#preset;
    const chunk: WireChunk = parseEvent(provider, data);
    const failure = failureIn(provider, chunk);
    if (failure) {
      this.#release();
      throw failure;
    }
    if (this.#id === "" || this.#model === "") this.#identify(chunk);
    const choice = choiceOf(chunk);
    const usage =
      chunk.usage || chunk.x_groq || choice?.usage ? usageIn(chunk, choice, quirks.reasoningInTotal) : undefined;
    this.#usage = usage ?? this.#usage;
    const message = choice && this.#messageOf(choice);
    this.#sources.read(chunk, message);
    if (choice) this.#read(choice, message);
    // Some tell the usage so far with every chunk; one for the usage alone is the last.
    else if (usage && this.#word !== undefined && isEmpty(chunk.choices)) this.end();
  }

  /** The body ended, or was silent for long enough. */
  end(): void {
    if (this.done) return;
    if (this.#word === undefined) throw interrupted();
    this.#finish();
  }

  /** The server says that this is the end. If it said nothing else, it lost its answer. https://github.com/coder/coder/pull/26005 */
  #endSaid(): void {
    if (this.done) return;
    const { provider } = this.#preset;
    if (!this.#spoke && this.#word === undefined)
      throw new UnexpectedResponseError(
        `The stream of ${provider} ended without an answer: it holds no text, no tool call and no finish_reason.`,
        { provider, shouldRetry: true },
      );
    this.#finish();
  }

  #finish(): void {
    const { reasoning, slots } = this.#reader;
    this.#holds = true;
    reasoning.flush();
    slots.end();
    // Each call in one piece, so that a stream can show it as one; text stays first.
    this.#held.sort((a, b) => placeOf(a) - placeOf(b));
    for (const event of this.#held) this.#emit({ ...event, more: true });
    this.#emit({
      type: "finish",
      reason: finishReasonOf(this.#preset.provider, this.#word, slots),
      usage: this.#usage,
    });
    this.done = true;
  }

  /**
   * The first that are not empty, each by itself: Azure begins with a chunk of empty ones, for its filter's results.
   * https://github.com/vercel/ai/issues/5577
   */
  #identify({ id, model }: WireChunk): void {
    const before = this.#id + this.#model;
    this.#id ||= stringOf(id);
    this.#model ||= stringOf(model);
    if (this.#id + this.#model !== before) this.#emit({ type: "start", id: this.#id, model: this.#model });
  }

  /**
   * Some servers send a `message` in place of the delta, others one beside it, or a whole one in the end.
   * https://github.com/Amm1rr/WebAI-to-API/issues/55, https://github.com/BerriAI/litellm/issues/5535
   */
  #messageOf({ delta, message, text }: WireChoice): WireMessage | undefined {
    if (isPlainObject(message)) {
      const isWhole = this.#spoke && !this.#hasMessages;
      if (isWhole || (isPlainObject(delta) && Object.keys(delta).length > 0))
        return isPlainObject(delta) ? delta : undefined;
      this.#hasMessages = true;
      return message;
    }
    if (isPlainObject(delta)) return delta;
    return typeof text === "string" ? { content: text } : undefined;
  }

  #read(choice: WireChoice, message: WireMessage | undefined): void {
    const word = finishWordOf(choice);
    if (word !== undefined && message && hasCalls(message)) {
      this.#release();
      this.#holds = true;
    }
    const said = message !== undefined && readMessage(message, this.#reader);
    this.#holds = false;
    if (said) {
      this.#spoke = true;
      this.#finishedEarly ||= this.#word !== undefined;
      this.completeSince = undefined;
    }
    if (word !== undefined) this.#note(word, said);
  }

  #note(word: string, said: boolean): void {
    if (word !== this.#word) {
      this.#word = word;
      const ending = endingOf(word);
      if (ending === "failed" || ending === "overloaded") {
        this.#release();
        throw failedEnding(this.#preset.provider, word, ending);
      }
    }
    // Before any output, silence is not an end: the model may only be thinking. A finish that is repeated changes nothing.
    if (!this.#spoke || (this.completeSince !== undefined && !said)) return;
    this.completeSince = now();
    this.graceMs = said || this.#finishedEarly || this.#reader.slots.size > 0 ? graceMs.weak : graceMs.strong;
  }

  readonly #show: Emit = (event) => {
    if (this.#holds) this.#held.push(event);
    else {
      if (this.#held.length > 0) this.#release();
      this.#emit(event);
    }
  };

  #release(): void {
    for (const event of this.#held) this.#emit(event);
    this.#held = [];
  }
}

function hasCalls({ tool_calls: calls, function_call: legacy }: WireMessage): boolean {
  return (Array.isArray(calls) && calls.length > 0) || isPlainObject(legacy);
}

function isEmpty(choices: unknown): boolean {
  return !Array.isArray(choices) || choices.length === 0;
}

function placeOf(event: ModelEvent): number {
  return "index" in event ? event.index : -1;
}
