import type { FinishReason, Usage } from "./model.js";

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
export class Draft<T> {
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

  finish(text: string): [chunk: CallChunk, tool: T | undefined] {
    return [new CallChunk(this.content, text, this), this.tool];
  }
}
