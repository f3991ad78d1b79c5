import { madeMessage, madePart } from "./brand.js";
import type { Part, ToolCallPart } from "./content.js";
import type { Message } from "./message.js";
import {
  type CheckedAnswer,
  type FinishReason,
  isFromCache,
  type ModelEvent,
  type Source,
  sumUsage,
  type Usage,
} from "./model.js";

export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** What one request of an answer used. */
export interface Metered {
  readonly provider: string;
  readonly model: string;
  readonly usage: Usage | undefined;
  readonly cached: boolean;
}

type Growing = { type: "text" | "reasoning"; text: string; data?: unknown; origin?: string };
/** The place of a tool call; the calls themselves go by index. */
type Place = { type: "tool-call" };

/** Puts the events of one model together. A plain answer and a stream are the same from here on. */
export class Answer {
  readonly modelId: string;
  provider: string;
  model: string;
  id = "";
  requestId: string | undefined;
  text = "";
  reasoning = "";
  refusal: string | undefined;
  finishReason: FinishReason | undefined;
  /** Of all requests of the answer together. */
  usage: Usage | undefined;
  /** One for each request that was finished: several if the turn was paused. */
  metered: readonly Metered[] = [];
  raw: unknown;
  sources: Source[] = [];
  warnings: Warning[] = [];
  /** Off for streams longer than memory. */
  keepsText = true;
  /** Those that came before anything else: they are about the request and not about one try, and no restart makes them void. */
  #warningsBefore: readonly Warning[] | undefined;
  #parts: (Growing | Place)[] = [];
  #calls = new Map<number, { id: string; name: string; arguments: string }>();
  readonly #paused: Answer | undefined;

  /** @param paused The answer that this one goes on from; what it said stands before what comes now. It has no calls. */
  constructor(modelId: string, paused?: Answer) {
    this.modelId = modelId;
    const slash = modelId.indexOf("/");
    this.provider = modelId.slice(0, Math.max(slash, 0));
    this.model = modelId.slice(slash + 1);
    this.#paused = paused;
    if (!paused) return;
    this.keepsText = paused.keepsText;
    this.#reset();
  }

  add(event: ModelEvent): void {
    if (event.type !== "warning") this.#warningsBefore ??= [...this.warnings];
    switch (event.type) {
      case "text-delta":
        if (!this.keepsText) return;
        this.text += event.text;
        this.#grow("text", event.text);
        return;
      case "reasoning-delta":
        this.reasoning += event.text;
        this.#grow("reasoning", event.text, event.data);
        return;
      case "tool-start":
        if (!this.#calls.has(event.index)) this.#parts.push({ type: "tool-call" });
        this.#calls.set(event.index, { id: event.id, name: event.name, arguments: "" });
        return;
      case "tool-delta": {
        const call = this.#calls.get(event.index);
        if (call) call.arguments += event.arguments;
        return;
      }
      case "refusal-delta":
        this.refusal = (this.refusal ?? "") + event.text;
        return;
      case "open":
        this.#reset();
        this.provider = event.provider;
        this.requestId = event.requestId;
        return;
      case "restart":
        return this.#reset();
      case "start":
        this.id = event.id;
        this.model = event.model || this.model;
        return;
      case "correction":
        return this.#correct(event);
      case "source":
        this.sources.push(event.source);
        return;
      case "warning":
        this.warnings.push({ code: event.code, message: event.message });
        return;
      case "finish":
        this.finishReason = event.reason;
        this.metered = [
          ...(this.#paused?.metered ?? []),
          { provider: this.provider, model: this.model, usage: event.usage, cached: isFromCache(event) },
        ];
        this.usage = this.#paused ? sumUsage(this.metered.map(({ usage }) => usage)) : event.usage;
        this.raw = event.raw;
    }
  }

  /** Whether no part of it was asked of the provider. */
  get cached(): boolean {
    return this.metered.length > 0 && this.metered.every(({ cached }) => cached);
  }

  /** What a call looks at before it accepts the answer. */
  get checked(): CheckedAnswer {
    const { text, toolCalls, finishReason = "unknown", refusal } = this;
    return { content: text, toolCalls, finishReason, refusal };
  }

  /** How often the turn was paused before this part of it. */
  get pauses(): number {
    return this.#paused ? this.#paused.pauses + 1 : 0;
  }

  get hasCalls(): boolean {
    return this.#calls.size > 0;
  }

  /** The call that stands at an index, as far as it has come. */
  toolCall(index: number): ToolCallPart | undefined {
    const call = this.#calls.get(index);
    return call && { type: "tool-call", ...call };
  }

  get toolIndexes(): number[] {
    return [...this.#calls.keys()].sort((a, b) => a - b);
  }

  /** In order of index. */
  get toolCalls(): ToolCallPart[] {
    return this.toolIndexes.map((index) => this.toolCall(index) as ToolCallPart);
  }

  /** What the model said, ready to be sent back to it. */
  get message(): Message {
    return madeMessage.put({ role: "assistant", content: this.#content });
  }

  get #content(): Message["content"] {
    const [only, ...others] = this.#parts;
    if (!only) return "";
    if (only.type === "text" && others.length === 0) return only.text;
    const calls = this.toolCalls.values();
    return this.#parts.map((part): Part => {
      if (part.type === "text") return madePart.put({ type: "text", text: part.text });
      return madePart.put(
        part.type === "reasoning" ? { origin: this.provider, ...part } : (calls.next().value as ToolCallPart),
      );
    });
  }

  /** Text and reasoning each grow where they were; data, such as a signature, ends a piece of reasoning. */
  #grow(type: Growing["type"], text: string, data?: unknown): void {
    const last = this.#parts.at(-1);
    if (last && last.type !== "tool-call" && last.type === type && last.data === undefined) {
      last.text += text;
      if (data !== undefined) last.data = data;
    } else this.#parts.push(data === undefined ? { type, text } : { type, text, data });
  }

  #correct({ target, call: index, from, to }: ModelEvent & { type: "correction" }): void {
    const call = this.#calls.get(index ?? -1);
    if (target === "tool" && call) call.arguments = to;
    else if (target === "refusal") this.refusal = replaceLast(this.refusal ?? "", from, to);
    else if (target === "text") {
      this.text = replaceLast(this.text, from, to);
      const part = this.#parts.findLast((each): each is Growing => each.type === "text" && each.text.includes(from));
      if (part) part.text = replaceLast(part.text, from, to);
    }
  }

  /** Back to where this answer began: empty, or what was said before the pause. */
  #reset(): void {
    const paused = this.#paused;
    Object.assign(this, {
      id: "",
      text: paused?.text ?? "",
      reasoning: paused?.reasoning ?? "",
      refusal: undefined,
      finishReason: undefined,
      usage: undefined,
      metered: [],
      raw: undefined,
      sources: [...(paused?.sources ?? [])],
      warnings: [...(this.#warningsBefore ?? paused?.warnings ?? [])],
    });
    this.#parts = paused ? paused.#partsSaid() : [];
    this.#calls = new Map();
  }

  /** Copies, since parts grow; reasoning keeps its provider, whichever goes on. */
  #partsSaid(): Growing[] {
    return this.#parts.flatMap((part) => {
      if (part.type === "tool-call") return [];
      return part.type === "reasoning" ? { origin: this.provider, ...part } : { ...part };
    });
  }
}

/** The text with `to` in the place of the last `from`. */
function replaceLast(text: string, from: string, to: string): string {
  const at = text.lastIndexOf(from);
  return at < 0 ? text : text.slice(0, at) + to + text.slice(at + from.length);
}
