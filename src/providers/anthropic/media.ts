import { base64, type DocumentPart, type ImagePart } from "../../content.js";
import { decodeText } from "../../media/charset.js";
import { isTextType } from "../../media/type.js";
import { hrefOf } from "../../part-source.js";
import { isUrl } from "../../realm.js";
import { cannotTake, checkImageType, type MediaPart } from "../media.js";
import { lacks } from "../wire-parts.js";

type Block = Record<string, unknown>;

/** Source: https://docs.anthropic.com/en/docs/build-with-claude/vision#faq */
const imageTypes = ["image/jpeg", "image/png", "image/gif", "image/webp"];

/**
 * What the Messages API takes: four kinds of images, and documents as PDF or text. Links to documents are to PDFs.
 * Source: https://docs.anthropic.com/en/api/messages
 */
export function fitAnthropicMedia(part: MediaPart): MediaPart {
  const { type, mediaType } = part;
  if (type === "audio") throw lacks("anthropic", part, "Send a transcript instead.");
  if (type === "image") checkImageType("anthropic", part, imageTypes);
  if (type === "image") return part;
  if (!mediaType || mediaType === "application/pdf") return part;
  if (isUrl(part.source)) throw cannotTake("anthropic", part, "It follows links to PDFs only; pass the bytes.");
  if (!isTextType(mediaType)) throw cannotTake("anthropic", part, "Convert it to PDF, or send its text.");
  return part;
}

export function encodeSource({ type, source, mediaType }: ImagePart | DocumentPart): Block {
  return isUrl(source)
    ? { type: "url", url: hrefOf(type, source) }
    : { type: "base64", media_type: mediaType, data: base64(source) };
}

/** Of text, the API takes `text/plain` alone. */
export function encodeDocumentSource(part: DocumentPart): Block {
  const { source, mediaType = "" } = part;
  if (isUrl(source) || !isTextType(mediaType)) return encodeSource(part);
  return { type: "text", media_type: "text/plain", data: decodeText(source, undefined) ?? "" };
}
