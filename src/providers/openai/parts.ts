import { type AudioPart, base64, type DocumentPart, type ImagePart, type Part } from "../../content.js";
import type { Preset } from "../presets/preset.js";
import { lacks, urlOf } from "../wire-parts.js";

type Block = Record<string, unknown>;

/**
 * A part of a user message as Chat Completions spell it.
 *
 * @throws ConfigurationError where the server takes no such part.
 */
export function encodeChatPart(preset: Preset, part: Part): Block {
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "image":
      return encodeImage(preset, part);
    case "audio":
      return encodeAudio(preset, part);
    case "document":
      return encodeDocument(preset, part);
    default:
      throw lacks(preset.provider, part, "Leave it out.");
  }
}

function encodeImage({ provider, quirks: { images = "links" } }: Preset, part: ImagePart): Block {
  if (images === false) throw lacks(provider, part, "Describe it in words.");
  const url = urlOf(part, "image/png");
  if (images === "bytes" && !url.startsWith("data:"))
    throw lacks(provider, part, "It follows no links; pass the bytes.");
  return { type: "image_url", image_url: { url, ...(part.detail && { detail: part.detail }) } };
}

function encodeAudio({ provider, quirks: { audio = "object" } }: Preset, part: AudioPart): Block {
  if (audio === false) throw lacks(provider, part, "Send a transcript instead.");
  const data = base64(part.data);
  if (audio === "base64") return { type: "input_audio", input_audio: data };
  const format = { "audio/wav": "wav", "audio/mpeg": "mp3" }[part.mediaType];
  if (!format) throw lacks(provider, part, `Its Chat Completions take WAV and MP3, not ${part.mediaType}.`);
  return { type: "input_audio", input_audio: { data, format } };
}

function encodeDocument({ provider, quirks: { documents = "bytes" } }: Preset, part: DocumentPart): Block {
  if (documents === false) throw lacks(provider, part, "Send its text instead.");
  const url = urlOf(part, "application/pdf");
  if (documents === "document_url") return { type: "document_url", document_url: url };
  if (documents === "bytes" && part.source instanceof URL)
    throw lacks(provider, part, "Its Chat Completions take no link to a document; pass the bytes.");
  return { type: "file", file: { filename: part.name ?? "document.pdf", file_data: url } };
}
