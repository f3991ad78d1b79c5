import type { Emit } from "../exchange.js";
import { sourceOf } from "../sources.js";
import type { WireChunk, WireMessage } from "./wire.js";

/**
 * Reads the pages that an answer cites, each once: Perplexity repeats its list with every chunk.
 * https://github.com/BerriAI/litellm/issues/5535
 */
export class Sources {
  readonly #emit: Emit;
  readonly #seen = new Set<string>();

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  read(chunk: WireChunk, message: WireMessage | undefined): void {
    // Search results come first, since they have the titles of the addresses in `citations`.
    if (chunk.search_results) this.#add(chunk.search_results);
    if (chunk.citations) this.#add(chunk.citations);
    if (message?.annotations) this.#add(message.annotations);
    if (message?.citations) this.#add(message.citations);
  }

  #add(list: unknown): void {
    if (!Array.isArray(list)) return;
    for (const raw of list) {
      const source = sourceOf(raw);
      const key = source?.url ?? JSON.stringify(raw);
      if (!source || this.#seen.has(key)) continue;
      this.#seen.add(key);
      this.#emit({ type: "source", source });
    }
  }
}
