import { type AudioPart, base64, type DocumentPart, type ImagePart, type Part } from "../../content.js";
import { decodeText } from "../../media/charset.js";
import { fileName, isTextType } from "../../media/type.js";
import { isUrl } from "../../realm.js";
import { cannotTake, checkImageType, type FitMedia } from "../media.js";
import type { Preset } from "../presets/preset.js";
import { lacks, urlOf } from "../wire-parts.js";

type Block = Record<string, unknown>;

/** What a server takes of images, sounds and documents, by its quirks. */
export function chatMedia(preset: Preset): FitMedia {
  return (part) => {
    switch (part.type) {
      case "image":
        checkImage(preset, part);
        return part;
      case "audio":
        checkAudio(preset, part);
        return part;
      case "document":
        return fitDocument(preset, part);
    }
  };
}

function checkImage({ provider, quirks: { images = "links", imageTypes } }: Preset, part: ImagePart): void {
  if (images === false) throw lacks(provider, part, "Describe it in words.");
  if (images === "bytes" && isUrl(part.source)) throw lacks(provider, part, "It follows no links; pass the bytes.");
  if (imageTypes) checkImageType(provider, part, imageTypes);
}

const audioFormats = new Map([
  ["audio/wav", "wav"],
  ["audio/mpeg", "mp3"],
]);

function checkAudio({ provider, quirks: { audio = "object" } }: Preset, part: AudioPart): void {
  if (audio === false) throw lacks(provider, part, "Send a transcript instead.");
  if (audio === "object" && !audioFormats.has(part.mediaType))
    throw lacks(provider, part, `Its Chat Completions take WAV and MP3, not ${part.mediaType}.`);
}

/**
 * Text goes as text, since files of Chat Completions are PDFs.
 * Source: https://developers.openai.com/api/docs/guides/file-inputs, https://github.com/trpc-group/trpc-agent-go/issues/1816
 */
function fitDocument({ provider, quirks: { documents = "bytes" } }: Preset, part: DocumentPart): Part {
  const { source, name, mediaType = "application/pdf" } = part;
  if (!isUrl(source) && isTextType(mediaType)) {
    const text = decodeText(source, undefined) ?? "";
    return { type: "text", text: name ? `${name}:\n${text}` : text };
  }
  if (documents === false) throw lacks(provider, part, "Send its text instead.");
  if (documents !== "bytes") return part;
  if (isUrl(source)) throw lacks(provider, part, "Its Chat Completions take no link to a document; pass the bytes.");
  if (mediaType !== "application/pdf")
    throw cannotTake(provider, part, "Its Chat Completions take PDF and text: convert it, or send its text.");
  return part;
}

/**
 * A part of a user message as Chat Completions spell it.
 *
 * @throws ConfigurationError where a user message holds no such part.
 */
export function encodeChatPart({ provider, quirks }: Preset, part: Part): Block {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "image":
      return { type: "image_url", image_url: { url: urlOf(part), ...(part.detail && { detail: part.detail }) } };
    case "audio": {
      const data = base64(part.data);
      const sound = quirks.audio === "base64" ? data : { data, format: audioFormats.get(part.mediaType) };
      return { type: "input_audio", input_audio: sound };
    }
    case "document": {
      const url = urlOf(part);
      if (quirks.documents === "document_url") return { type: "document_url", document_url: url };
      const filename = fileName(part.name, part.mediaType ?? "application/pdf");
      return { type: "file", file: { filename, file_data: url } };
    }
    default:
      throw lacks(provider, part, "Leave it out.");
  }
}
