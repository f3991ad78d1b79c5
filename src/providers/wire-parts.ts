import { base64, type DocumentPart, type ImagePart, type Part } from "../content.js";
import { ConfigurationError } from "../errors.js";

/** A link as it stands, or a `data:` URL of the bytes. */
export function urlOf(part: ImagePart | DocumentPart, mediaType: string): string {
  return part.source instanceof URL
    ? part.source.href
    : `data:${part.mediaType ?? mediaType};base64,${base64(part.source)}`;
}

export function lacks(provider: string, part: Part, instead: string): ConfigurationError {
  return new ConfigurationError(`${provider} takes no ${part.type} part here. ${instead}`);
}

/** The options that are set; `0`, `""`, `false` and `[]` are values. */
export function defined<T extends Record<string, unknown>>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** A count of tokens, where the wire has a sensible one. */
export function count(tokens: unknown): number {
  return typeof tokens === "number" && tokens >= 0 ? tokens : 0;
}
