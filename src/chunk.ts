import type { Answer } from "./answer.js";
import type { FinishReason, ModelEvent, Usage } from "./model.js";

export interface ToolDelta {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  /** A piece of JSON text. */
  readonly arguments: string;
}

/** One step of a stream. */
export class CallChunk {
  /** The new text of this chunk. */
  readonly content: string;
  /** All text so far. */
  readonly text: string;
  /** The new reasoning of this chunk. */
  readonly reasoning: string;
  /** New text of a tool's arguments. */
  readonly toolDelta: ToolDelta | undefined;
  /** True where everything shown so far is void: another try or model took over. */
  readonly restarted: boolean;
  readonly finishReason: FinishReason | undefined;
  /** Tokens, with the last chunk. */
  readonly usage: Usage | undefined;

  constructor(content: string, text: string, draft?: Draft<unknown>) {
    this.content = content;
    this.text = text;
    this.reasoning = draft?.reasoning ?? "";
    this.toolDelta = draft?.toolDelta;
    this.restarted = draft?.restarted ?? false;
    this.finishReason = draft?.finishReason;
    this.usage = draft?.usage;
  }
}

/** A chunk that still grows, for events that came in one chunk of the wire. */
class Draft<T> {
  content = "";
  reasoning = "";
  toolDelta: ToolDelta | undefined;
  tool: T | undefined;
  restarted = false;
  finishReason: FinishReason | undefined;
  usage: Usage | undefined;

  /** A chunk that carries nothing at all is not shown. */
  get isEmpty(): boolean {
    return !(
      this.content ||
      this.reasoning ||
      this.toolDelta ||
      this.tool ||
      this.restarted ||
      this.finishReason ||
      this.usage
    );
  }
}

export type Tuple<T> = [chunk: CallChunk, tool: T | undefined];

interface Called {
  readonly toolCall: { readonly id: string };
}

/** Makes tuples of the events of a step; what came in one chunk of the wire becomes as few chunks as can hold it. */
export class ChunkAssembler<T> {
  #drafts: Draft<T>[] = [];

  get isEmpty(): boolean {
    return this.#drafts.length === 0;
  }

  /** @param answer Already holds the event. */
  add(event: ModelEvent, answer: Answer): void {
    switch (event.type) {
      case "text-delta":
        this.#last().content += event.text;
        return;
      case "reasoning-delta":
        this.#last().reasoning += event.text;
        return;
      case "tool-delta": {
        const call = answer.toolCall(event.index);
        if (!call || !event.arguments) return;
        const draft = this.#last().toolDelta ? this.#begin() : this.#last();
        draft.toolDelta = { index: event.index, id: call.id, name: call.name, arguments: event.arguments };
        return;
      }
      case "restart":
        // What was not handed out yet is void as well.
        this.#drafts = [];
        this.#last().restarted = true;
    }
  }

  /**
   * Adds the end of a step. Each tool stands in a chunk of its own: in that of its last arguments if they came with the
   * end and no later tool stands before it, else in a new one. The last chunk bears finish and usage.
   */
  finish(tools: readonly T[], { finishReason, usage }: Answer): void {
    let from = 0;
    for (const tool of tools) {
      const position = this.#positionFor(tool as Called, from);
      (this.#drafts[position] as Draft<T>).tool = tool;
      from = position + 1;
    }
    const last = this.#last();
    last.finishReason = finishReason;
    last.usage = usage;
  }

  /** Hands out what came so far. @param content All text up to here. */
  take(content: string): Tuple<T>[] {
    const drafts = this.#drafts;
    this.#drafts = [];
    const tuples: Tuple<T>[] = [];
    let text = content;
    for (let position = drafts.length - 1; position >= 0; position--) {
      const draft = drafts[position] as Draft<T>;
      if (!draft.isEmpty) tuples.unshift([new CallChunk(draft.content, text, draft), draft.tool]);
      // Cutting a long text costs, and most chunks are the only one.
      if (position > 0 && draft.content) text = text.slice(0, -draft.content.length);
    }
    return tuples;
  }

  #positionFor({ toolCall }: Called, from: number): number {
    const found = this.#drafts.findLastIndex((draft, at) => at >= from && draft.toolDelta?.id === toolCall.id);
    if (found >= 0) return found;
    const last = this.#last();
    if (last.tool || last.toolDelta) this.#begin();
    return this.#drafts.length - 1;
  }

  #last(): Draft<T> {
    return this.#drafts.at(-1) ?? this.#begin();
  }

  #begin(): Draft<T> {
    const draft = new Draft<T>();
    this.#drafts.push(draft);
    return draft;
  }
}
