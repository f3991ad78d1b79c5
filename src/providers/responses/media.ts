import type { DocumentPart, ImagePart } from "../../content.js";
import { fileName } from "../../media/type.js";
import { hrefOf } from "../../part-source.js";
import { isUrl } from "../../realm.js";
import { checkImageType, type MediaPart, openaiImageTypes } from "../media.js";
import { lacks, urlOf } from "../wire-parts.js";

type Item = Record<string, unknown>;

/** Files of many kinds, by their ending; images of four. Source: https://developers.openai.com/api/docs/guides/file-inputs */
export function fitResponsesMedia(part: MediaPart): MediaPart {
  if (part.type === "audio") throw lacks("OpenAI's Responses API", part, "Send a transcript, or use Chat Completions.");
  if (part.type === "image") checkImageType("OpenAI's Responses API", part, openaiImageTypes);
  return part;
}

export function encodeImage(part: ImagePart): Item {
  return { type: "input_image", image_url: urlOf(part), detail: part.detail ?? "auto" };
}

export function encodeFile(part: DocumentPart): Item {
  const { source, name, mediaType = "application/pdf" } = part;
  if (isUrl(source)) return { type: "input_file", file_url: hrefOf("document", source) };
  return { type: "input_file", filename: fileName(name, mediaType), file_data: urlOf(part) };
}
