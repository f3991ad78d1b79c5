import { isPlainObject } from "../json.js";
import type { Source } from "../model.js";

/**
 * What an answer cites: an address alone, a search result, an item of Anthropic's `citations`, or of OpenAI's `annotations`,
 * whose members may stand under their type, such as `url_citation`. Undefined for what is none of these.
 */
export function sourceOf(raw: unknown): Source | undefined {
  if (typeof raw === "string") return raw ? { url: raw, raw } : undefined;
  if (!isPlainObject(raw)) return undefined;
  const named = typeof raw.type === "string" && Object.hasOwn(raw, raw.type) ? raw[raw.type] : undefined;
  const inner = isPlainObject(named) ? named : raw;
  const link = typeof inner.source === "string" && /^https?:/.test(inner.source) ? inner.source : undefined;
  const url = firstText(inner.url, inner.uri, inner.link, link);
  const title = firstText(inner.title, inner.document_title, inner.name, inner.filename);
  const text = firstText(inner.cited_text, inner.snippet, inner.content, inner.quote);
  return { ...(url && { url }), ...(title && { title }), ...(text && { text }), raw };
}

function firstText(...candidates: readonly unknown[]): string | undefined {
  return candidates.find((candidate): candidate is string => typeof candidate === "string" && candidate !== "");
}
