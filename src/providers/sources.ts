import { isPlainObject } from "../json.js";
import type { Source } from "../model.js";
import { stringOf } from "./wire-parts.js";

/** What an answer cites, from OpenAI's `annotations` or Anthropic's `citations`; undefined for what is neither. */
export function sourceOf(citation: unknown): Source | undefined {
  if (!isPlainObject(citation)) return undefined;
  // Chat Completions put the members into another object. https://platform.openai.com/docs/guides/tools-web-search
  const { url_citation: nested } = citation;
  const inner = isPlainObject(nested) ? nested : citation;
  const link = stringOf(inner.url) || (/^https?:/.test(stringOf(inner.source)) ? stringOf(inner.source) : "");
  const title = stringOf(inner.title) || stringOf(inner.document_title) || stringOf(inner.filename);
  const text = stringOf(inner.cited_text);
  return { ...(link && { url: link }), ...(title && { title }), ...(text && { text }), raw: citation };
}
