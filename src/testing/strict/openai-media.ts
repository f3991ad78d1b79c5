import { shownType } from "./image-type.js";
import { problem } from "./openai-words.js";
import type { Problem } from "./problem.js";

/**
 * An image is a link, or a data: URL of a type that the models read.
 * Sources: https://github.com/STranslate/STranslate/issues/277 (other images), https://github.com/anomalyco/opencode/issues/23983
 * (the words for data: URLs), https://github.com/openclaw/openclaw/pull/102354 (HEIC and TIFF).
 */
export function imageProblem(url: unknown, param: string): Problem | undefined {
  if (typeof url !== "string" || /^https?:/i.test(url)) return undefined;
  const [, given = "", data = ""] = /^data:([^;,]*)(?:;[^,]*)?,(.*)$/is.exec(url) ?? [];
  const type = given.toLowerCase();
  if (!type.startsWith("image/") || data === "") {
    const got = type.startsWith("image/")
      ? "empty base64-encoded bytes"
      : type
        ? `unsupported MIME type '${type}'`
        : "a value without the 'data:' prefix";
    return problem(
      param,
      `Invalid '${param}'. Expected a base64-encoded data URL with an image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU='), but got ${got}.`,
      "invalid_value",
    );
  }
  const shown = shownType(data) ?? type;
  if (readable.has(shown)) return undefined;
  return {
    message:
      "You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png', 'jpeg', 'gif', 'webp'].",
    code: "invalid_image_format",
  };
}

const readable = new Set(["image/png", "image/jpeg", "image/jpg", "image/gif", "image/webp"]);
