import { madePart } from "./brand.js";
import { own } from "./own.js";
import { resolveSource } from "./part-source.js";
import { isBytes, isUrl } from "./realm.js";

export interface TextPart {
  readonly type: "text";
  readonly text: string;
}
export interface ImagePart {
  readonly type: "image";
  readonly source: URL | Uint8Array;
  readonly mediaType?: string | undefined;
  readonly detail?: "low" | "high" | "auto" | undefined;
}
export interface AudioPart {
  readonly type: "audio";
  readonly data: Uint8Array;
  readonly mediaType: string;
}
export interface DocumentPart {
  readonly type: "document";
  readonly source: URL | Uint8Array;
  readonly mediaType?: string | undefined;
  readonly name?: string | undefined;
}
/** What the model thought. `origin` is the provider, `data` its opaque form (a signature, a redacted block), sent back to that provider only. */
export interface ReasoningPart {
  readonly type: "reasoning";
  readonly text: string;
  readonly origin: string;
  readonly data?: unknown;
}
/** The provider may cache all before it. Anthropic only; others ignore it. */
export interface CachePoint {
  readonly type: "cache-point";
  readonly ttl?: "5m" | "1h" | undefined;
}
export interface ToolCallPart {
  readonly type: "tool-call";
  readonly id: string;
  readonly name: string;
  /** JSON text, as the model wrote it. */
  readonly arguments: string;
}
export interface ToolResultPart {
  readonly type: "tool-result";
  /** The id of the call that this answers. */
  readonly id: string;
  readonly name: string;
  readonly content: string | readonly Part[];
  readonly isError?: boolean | undefined;
}
export type Part =
  | TextPart
  | ImagePart
  | AudioPart
  | DocumentPart
  | ReasoningPart
  | CachePoint
  | ToolCallPart
  | ToolResultPart;

declare module "./errors.js" {
  interface CarriedToolCall extends ToolCallPart {}
}

declare const untrustedMark: unique symbol;
/** Text from outside (a web page, a tool, a stranger). The compiler keeps it out of SYSTEM sections of templates; out of the tag it cannot. */
export type Untrusted<T extends string = string> = T & { readonly [untrustedMark]: true };

/** Marks text from outside for the compiler; at run time it is the same string. */
export function untrusted<T extends string>(text: T): Untrusted<T> {
  return text as Untrusted<T>;
}

export function text(text: string): TextPart {
  return madePart.put({ type: "text", text });
}

/**
 * An image for the model: a link (`http:`, `https:`; the provider fetches it, callwright never does), a `data:` URL, or bytes.
 *
 * @param options.mediaType In any spelling, such as `image/jpg`. If the bytes say what they are, they decide.
 * @throws ConfigurationError for another kind of URL, a path, a type that is not an image's, a `data:` URL of more than
 * 20 MB, or bytes that are not an image by their beginning and have no `mediaType`.
 */
export function image(
  source: string | URL | Uint8Array,
  options: { detail?: "low" | "high" | "auto" | undefined; mediaType?: string | undefined } = {},
): ImagePart {
  const { detail, mediaType: given } = own(options);
  const { source: from, mediaType } = resolveSource("image", source, given);
  return madePart.put({
    type: "image",
    source: from,
    ...(mediaType && { mediaType }),
    ...(detail && { detail }),
  });
}

/**
 * Sound for the model: bytes, or a `data:` URL.
 *
 * @param options.mediaType In any spelling, such as `audio/mp3`. If the bytes say what they are, they decide.
 * @throws ConfigurationError for links and paths, and for bytes that are not WAV, MP3, AAC, FLAC, Ogg or M4A by their
 * beginning and have no `mediaType`.
 */
export function audio(data: string | URL | Uint8Array, options: { mediaType?: string | undefined } = {}): AudioPart {
  const { source, mediaType } = resolveSource("audio", data, own(options).mediaType);
  return madePart.put({ type: "audio", data: source as Uint8Array, mediaType: mediaType as string });
}

/**
 * A document for the model: a link, a `data:` URL, or bytes. Text is kept as UTF-8, whatever it was encoded in: by its
 * byte order mark, or the `charset` of its `mediaType`.
 *
 * @throws ConfigurationError for another kind of URL, a path, a type of another medium, a `data:` URL of more than 20 MB,
 * bytes that are not a PDF and have no `mediaType`, or text in a charset that is not known.
 */
export function document(
  source: string | URL | Uint8Array,
  options: { name?: string | undefined; mediaType?: string | undefined } = {},
): DocumentPart {
  const { name, mediaType: given } = own(options);
  const { source: from, mediaType } = resolveSource("document", source, given);
  return madePart.put({
    type: "document",
    source: from,
    ...(mediaType && { mediaType }),
    ...(name && { name }),
  });
}

/**
 * Lets the provider cache all that stands before it.
 *
 * @param ttl How long the provider keeps it; Anthropic's `cache_control.ttl`. @default the provider's, 5 minutes
 */
export function cachePoint(ttl?: "5m" | "1h"): CachePoint {
  return madePart.put(ttl ? { type: "cache-point", ttl } : { type: "cache-point" });
}

/** Whether the library made `value`; data from outside that has the form of a part was not. */
export function isMadePart(value: unknown): value is Part {
  return madePart.isOn(value) && isPart(value);
}

/** Whether `value` has all that a part of its type needs, whoever made it. */
export function isPart(value: unknown): value is Part {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const part = value as Record<string, unknown>;
  switch (part.type) {
    case "text":
      return typeof part.text === "string";
    case "image":
    case "document":
      return (isUrl(part.source) || isBytes(part.source)) && [part.mediaType, part.name].every(isTextIfSet);
    case "audio":
      return isBytes(part.data) && typeof part.mediaType === "string";
    case "reasoning":
      return typeof part.text === "string" && typeof part.origin === "string";
    case "cache-point":
      return true;
    case "tool-call":
      return typeof part.id === "string" && typeof part.name === "string" && typeof part.arguments === "string";
    case "tool-result":
      return typeof part.id === "string" && typeof part.name === "string" && isResultContent(part.content);
    default:
      return false;
  }
}

function isTextIfSet(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

function isResultContent(content: unknown): boolean {
  return typeof content === "string" || (Array.isArray(content) && content.every(isPart));
}

/** Bytes as base64 text. */
export function base64(bytes: Uint8Array): string {
  return typeof Buffer === "undefined"
    ? btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
