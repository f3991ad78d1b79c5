import { isPlainObject } from "../../json.js";
import type { Emit } from "../exchange.js";
import { objectOf } from "../wire-parts.js";
import type { WireMessage } from "./wire.js";

type Detail = Record<string, unknown>;

/**
 * Reads what a model thought. OpenRouter's `reasoning_details` come with it: signed or encrypted blocks, which the model
 * wants back as they were. In a stream they come in pieces; they are put together and emitted as the data of the
 * reasoning that they belong to, when something else follows or the answer ends.
 * Sources: https://openrouter.ai/docs/use-cases/reasoning-tokens#preserving-reasoning-blocks; the pieces, which share an
 * index, and the signature behind them: https://github.com/agno-agi/agno/pull/5802
 */
export class Reasoning {
  readonly #emit: Emit;
  #details: Detail[] | undefined;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  /** Returns whether the message holds any. */
  read(message: WireMessage): boolean {
    const details: readonly unknown[] | undefined =
      message.reasoning_details && Array.isArray(message.reasoning_details) && message.reasoning_details.length > 0
        ? message.reasoning_details
        : undefined;
    let text: unknown = message.reasoning_content || message.reasoning;
    if (details) {
      for (const detail of details) if (isPlainObject(detail)) this.#add(detail);
      text ||= details.map(textOf).join("");
    }
    if (typeof text === "string" && text) this.#emit({ type: "reasoning-delta", text });
    return details !== undefined || (typeof text === "string" && text !== "");
  }

  /** Emits the details that came so far. */
  flush(): void {
    if (!this.#details) return;
    const data = { type: "reasoning_details", reasoning_details: this.#details };
    this.#details = undefined;
    this.#emit({ type: "reasoning-delta", text: "", data });
  }

  /** Text and summaries grow; an encrypted block comes whole. */
  #add(detail: Detail): void {
    this.#details ??= [];
    const before = this.#details.findLast((other) => other.type === detail.type && other.index === detail.index);
    const grows = before && detail.data === undefined && (detail.index != null || before === this.#details.at(-1));
    if (!grows) this.#details.push({ ...detail });
    else for (const [name, value] of Object.entries(detail)) before[name] = grown(name, before[name], value);
  }
}

function grown(name: string, before: unknown, more: unknown): unknown {
  if (more === null || more === undefined) return before;
  return (name === "text" || name === "summary") && typeof before === "string" && typeof more === "string"
    ? before + more
    : more;
}

function textOf(detail: unknown): string {
  const { text, summary } = objectOf(detail);
  return typeof text === "string" ? text : typeof summary === "string" ? summary : "";
}
