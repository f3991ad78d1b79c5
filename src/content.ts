import { ConfigurationError } from "./errors.js";

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
  return { type: "text", text };
}

/**
 * An image for the model: a link (`http:`, `https:`; the provider fetches it, callwright never does), a `data:` URL, or bytes.
 *
 * @throws ConfigurationError for another kind of URL, a path, or bytes that are no PNG, JPEG, GIF or WebP and have no `mediaType`.
 */
export function image(
  source: string | URL | Uint8Array,
  options: { detail?: "low" | "high" | "auto" | undefined; mediaType?: string | undefined } = {},
): ImagePart {
  const { source: from, mediaType } = resolveSource("image", source, options.mediaType);
  return {
    type: "image",
    source: from,
    ...(mediaType && { mediaType }),
    ...(options.detail && { detail: options.detail }),
  };
}

/**
 * Sound for the model.
 *
 * @throws ConfigurationError where the bytes are no WAV, MP3, FLAC or Ogg and have no `mediaType`.
 */
export function audio(data: Uint8Array, options: { mediaType?: string | undefined } = {}): AudioPart {
  const { mediaType } = resolveSource("audio", data, options.mediaType);
  return { type: "audio", data, mediaType: mediaType as string };
}

/**
 * A document for the model: a link, a `data:` URL, or bytes.
 *
 * @throws ConfigurationError for another kind of URL, a path, or bytes that are no PDF and have no `mediaType`.
 */
export function document(
  source: string | URL | Uint8Array,
  options: { name?: string | undefined; mediaType?: string | undefined } = {},
): DocumentPart {
  const { source: from, mediaType } = resolveSource("document", source, options.mediaType);
  return {
    type: "document",
    source: from,
    ...(mediaType && { mediaType }),
    ...(options.name && { name: options.name }),
  };
}

/**
 * Lets the provider cache all that stands before it.
 *
 * @param ttl How long the provider keeps it; Anthropic's `cache_control.ttl`. @default the provider's, 5 minutes
 */
export function cachePoint(ttl?: "5m" | "1h"): CachePoint {
  return ttl ? { type: "cache-point", ttl } : { type: "cache-point" };
}

/** Whether `value` has all that a part of its type needs; data from outside that merely has a `type` is none. */
export function isPart(value: unknown): value is Part {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const part = value as Record<string, unknown>;
  switch (part.type) {
    case "text":
      return typeof part.text === "string";
    case "image":
    case "document":
      return part.source instanceof URL || part.source instanceof Uint8Array;
    case "audio":
      return part.data instanceof Uint8Array && typeof part.mediaType === "string";
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

function isResultContent(content: unknown): boolean {
  return typeof content === "string" || (Array.isArray(content) && content.every(isPart));
}

/** Bytes as base64 text. */
export function base64(bytes: Uint8Array): string {
  return typeof Buffer === "undefined"
    ? btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

type Medium = "image" | "audio" | "document";

/** A link stays a URL; `data:` becomes bytes, so that each provider can encode it in its own way. */
function resolveSource(
  medium: Medium,
  source: string | URL | Uint8Array,
  mediaType: string | undefined,
): { source: URL | Uint8Array; mediaType: string | undefined } {
  if (medium === "audio" && !(source instanceof Uint8Array)) {
    throw new ConfigurationError("A sound must be bytes. Read a file yourself and pass them.");
  }
  if (source instanceof Uint8Array) return { source, mediaType: mediaType ?? recognise(medium, source) };
  const spelled = String(source);
  if (/^data:/i.test(spelled)) return fromDataUrl(medium, spelled, mediaType);
  const url = URL.canParse(spelled) ? new URL(spelled) : undefined;
  if (url?.protocol !== "https:" && url?.protocol !== "http:") {
    throw new ConfigurationError(
      `${article[medium]} must be an http(s) link, a data: URL or bytes, not ${JSON.stringify(spelled.slice(0, 80))}. Read a file yourself and pass its bytes.`,
    );
  }
  if (url.username || url.password)
    throw new ConfigurationError(
      `The link of ${article[medium].toLowerCase()} holds a user name or password, which the provider would see. Leave them out.`,
    );
  return { source: url, mediaType };
}

const article = { image: "An image", audio: "A sound", document: "A document" };

function fromDataUrl(
  medium: Medium,
  url: string,
  mediaType: string | undefined,
): { source: Uint8Array; mediaType: string } {
  const [, declared, base64, data] = /^data:([^;,]*)(?:;[^;,]*?)*?(;base64)?,([\s\S]*)$/i.exec(url) ?? [];
  if (data === undefined)
    throw new ConfigurationError(
      `${article[medium]} has a data: URL without a comma; write data:<type>;base64,<bytes>.`,
    );
  let bytes: Uint8Array;
  try {
    bytes = base64
      ? Uint8Array.from(atob(data), (character) => character.charCodeAt(0))
      : new TextEncoder().encode(decodeURIComponent(data));
  } catch (cause) {
    throw new ConfigurationError(
      `${article[medium]} has a data: URL whose ${base64 ? "base64" : "percent encoding"} is broken.`,
      { cause },
    );
  }
  return { source: bytes, mediaType: mediaType ?? (declared || recognise(medium, bytes)) };
}

const signatures: Readonly<Record<Medium, readonly (readonly [mediaType: string, pattern: RegExp])[]>> = {
  image: [
    ["image/png", /^\x89PNG\r\n\x1a\n/],
    ["image/jpeg", /^\xff\xd8\xff/],
    ["image/gif", /^GIF8[79]a/],
    ["image/webp", /^RIFF....WEBP/s],
  ],
  audio: [
    ["audio/wav", /^RIFF....WAVE/s],
    ["audio/mpeg", /^(ID3|\xff[\xe2-\xff])/],
    ["audio/flac", /^fLaC/],
    ["audio/ogg", /^OggS/],
  ],
  document: [["application/pdf", /^%PDF-/]],
};

function recognise(medium: Medium, bytes: Uint8Array): string {
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  const found = signatures[medium].find(([, pattern]) => pattern.test(start));
  if (found) return found[0];
  const known = signatures[medium].map(([mediaType]) => mediaType).join(", ");
  throw new ConfigurationError(
    `The bytes of ${article[medium].toLowerCase()} are none of ${known}. Pass mediaType to say what they are.`,
  );
}
