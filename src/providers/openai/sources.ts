import { isPlainObject } from "../../json.js";
import type { Source } from "../../model.js";
import type { Emit } from "../exchange.js";
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

/** An address alone; a search result; or an annotation, whose members stand under its type, such as `url_citation`. */
function sourceOf(raw: unknown): Source | undefined {
  if (typeof raw === "string") return raw ? { url: raw, raw } : undefined;
  if (!isPlainObject(raw)) return undefined;
  const named = typeof raw.type === "string" && Object.hasOwn(raw, raw.type) ? raw[raw.type] : undefined;
  const inner = isPlainObject(named) ? named : raw;
  const url = firstText(inner.url, inner.uri, inner.link);
  const title = firstText(inner.title, inner.name, inner.filename);
  const text = firstText(inner.snippet, inner.content, inner.quote);
  return { ...(url && { url }), ...(title && { title }), ...(text && { text }), raw };
}

function firstText(...candidates: readonly unknown[]): string | undefined {
  return candidates.find((candidate): candidate is string => typeof candidate === "string" && candidate !== "");
}
