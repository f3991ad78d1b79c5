import type { AudioPart, DocumentPart, ImagePart, Part } from "../content.js";
import { ConfigurationError } from "../errors.js";
import { readMediaType } from "../media/type.js";
import type { Message } from "../message.js";
import { hrefOf, resolveBytes } from "../part-source.js";
import { isUrl } from "../realm.js";

export type MediaPart = ImagePart | AudioPart | DocumentPart;

/**
 * What a wire makes of a part that is not text, whose media type was read.
 *
 * @throws ConfigurationError if it does not take the part; the place is added.
 */
export type FitMedia = (part: MediaPart) => Part;

/**
 * Messages whose images, sounds and documents a wire takes. Messages without any stay the objects that they are.
 *
 * @throws ConfigurationError that names message and part, such as `messages[2].content[1]`.
 */
export function fitMedia(messages: readonly Message[], take: FitMedia): readonly Message[] {
  let fitted: Message[] | undefined;
  for (let index = 0; index < messages.length; index++) {
    const message = messages[index] as Message;
    if (typeof message.content === "string") continue;
    const content = fitParts(message.content, take, () => `messages[${index}]`);
    if (content === message.content) continue;
    fitted ??= [...messages];
    fitted[index] = { ...message, content };
  }
  return fitted ?? messages;
}

/** @param place Where the parts stand; called for an error only. */
function fitParts(parts: readonly Part[], take: FitMedia, place: () => string): readonly Part[] {
  let fitted: Part[] | undefined;
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index] as Part;
    const fittedPart = fitPart(part, take, () => `${place()}.content[${index}]`);
    if (fittedPart === part) continue;
    fitted ??= [...parts];
    fitted[index] = fittedPart;
  }
  return fitted ?? parts;
}

function fitPart(part: Part, take: FitMedia, place: () => string): Part {
  switch (part.type) {
    case "image":
    case "audio":
    case "document":
      try {
        return take(readPart(part));
      } catch (error) {
        throw error instanceof ConfigurationError ? misfit(place(), error) : error;
      }
    case "tool-result": {
      if (typeof part.content === "string") return part;
      const content = fitParts(part.content, take, place);
      return content === part.content ? part : { ...part, content };
    }
    default:
      return part;
  }
}

function misfit(place: string, error: ConfigurationError): ConfigurationError {
  return new ConfigurationError(`${place}: ${error.message}`, { cause: error });
}

/** A part that may have been made by hand, as `image()`, `audio()` and `document()` make it. */
function readPart(part: MediaPart): MediaPart {
  if (part.type === "audio") {
    const { source, mediaType } = resolveBytes("audio", part.data, part.mediaType);
    return mediaType === part.mediaType ? part : { ...part, data: source, mediaType };
  }
  if (isUrl(part.source)) {
    hrefOf(part.type, part.source);
    const mediaType = part.mediaType && readMediaType(part.mediaType).type;
    return mediaType === part.mediaType ? part : { ...part, mediaType };
  }
  const { source, mediaType } = resolveBytes(part.type, part.source, part.mediaType);
  return mediaType === part.mediaType && source === part.source ? part : { ...part, source, mediaType };
}

/** Source: https://developers.openai.com/api/docs/guides/images-vision#image-input-requirements */
export const openaiImageTypes: readonly string[] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/** @throws ConfigurationError if the type of an image is known and not among those that a provider takes. */
export function checkImageType(provider: string, part: ImagePart, types: readonly string[]): void {
  if (part.mediaType === undefined || types.includes(part.mediaType)) return;
  throw cannotTake(provider, part, `Convert it to one of ${types.join(", ")}.`);
}

/** For a part that the provider takes in other media types. */
export function cannotTake(provider: string, part: MediaPart, instead: string): ConfigurationError {
  const what = part.mediaType ? `${part.type} parts of the type ${part.mediaType}` : `${part.type} parts`;
  return new ConfigurationError(`${provider} does not support ${what}. ${instead}`);
}
