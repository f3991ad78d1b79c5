import { ConfigurationError } from "./errors.js";
import { redact } from "./redact.js";

type Medium = "image" | "audio" | "document";

const article = { image: "An image", audio: "A sound", document: "A document" };

/** What comes as text may come from outside; no provider takes a larger image. Whoever has more passes its bytes. */
const maxDataUrlBytes = 20 * 1024 * 1024;

/** A link stays a URL; `data:` becomes bytes, so that each provider can encode it in its own way. */
export function resolveSource(
  medium: Medium,
  source: string | URL | Uint8Array,
  mediaType: string | undefined,
): { source: URL | Uint8Array; mediaType: string | undefined } {
  if (medium === "audio" && !(source instanceof Uint8Array)) {
    throw new ConfigurationError("A sound must be bytes. Read a file yourself and pass them.");
  }
  if (mediaType !== undefined) checkType(medium, mediaType);
  if (source instanceof Uint8Array) return { source, mediaType: mediaType ?? recognise(medium, source) };
  const spelled = String(source).trim();
  if (/^data:/i.test(spelled)) return fromDataUrl(medium, spelled, mediaType);
  const url = URL.canParse(spelled) ? new URL(spelled) : undefined;
  // The parser would drop line breaks without a word.
  if (!url || /[\x00-\x1f\x7f]/.test(spelled)) throw noLink(medium, spelled);
  hrefOf(medium, url);
  return { source: url, mediaType };
}

/**
 * A link as a provider gets it, which follows it by itself.
 *
 * @throws ConfigurationError where it is of another kind than http(s), or holds a user name or password.
 */
export function hrefOf(medium: Medium, url: URL): string {
  if (url.protocol !== "https:" && url.protocol !== "http:") throw noLink(medium, url.href);
  if (url.username || url.password)
    throw new ConfigurationError(
      `The link of ${article[medium].toLowerCase()} holds a user name or password, which the provider would see. Leave them out.`,
    );
  return url.href;
}

function noLink(medium: Medium, spelled: string): ConfigurationError {
  if (/^data:/i.test(spelled))
    return new ConfigurationError(`${article[medium]} has a data: URL that was not read. Make it with ${medium}().`);
  return new ConfigurationError(
    `${article[medium]} must be an http(s) link, a data: URL or bytes, not ${JSON.stringify(redact(spelled).slice(0, 80))}. Read a file yourself and pass its bytes.`,
  );
}

/** Documents are PDF, text and office files; what an image must be, its name says. */
function checkType(medium: Medium, mediaType: string): void {
  const [main, kind] = mediaType.toLowerCase().split("/");
  const fits = medium === "document" ? main === "application" || main === "text" : main === medium;
  if (!fits || !kind)
    throw new ConfigurationError(`${article[medium]} cannot be of the type ${JSON.stringify(mediaType.slice(0, 80))}.`);
}

function fromDataUrl(
  medium: Medium,
  url: string,
  mediaType: string | undefined,
): { source: Uint8Array; mediaType: string } {
  const comma = url.indexOf(",");
  if (comma < 0)
    throw new ConfigurationError(
      `${article[medium]} has a data: URL without a comma; write data:<type>;base64,<bytes>.`,
    );
  const [declared, ...settings] = url.slice("data:".length, comma).toLowerCase().split(";");
  const isBase64 = settings.at(-1)?.trim() === "base64";
  if (declared) checkType(medium, declared);
  if (url.length - comma > maxDataUrlBytes * (isBase64 ? 4 / 3 : 1) + 4)
    throw new ConfigurationError(
      `${article[medium]} has a data: URL of more than ${maxDataUrlBytes / 1024 / 1024} MB. Pass its bytes.`,
    );
  const bytes = decodeData(medium, url.slice(comma + 1), isBase64);
  if (bytes.length === 0) throw new ConfigurationError(`${article[medium]} has a data: URL that holds nothing.`);
  return { source: bytes, mediaType: mediaType ?? (declared || recognise(medium, bytes)) };
}

function decodeData(medium: Medium, data: string, isBase64: boolean): Uint8Array {
  try {
    if (!isBase64) return new TextEncoder().encode(decodeURIComponent(data));
    const decoded = atob(data);
    const bytes = new Uint8Array(decoded.length);
    for (let index = 0; index < decoded.length; index++) bytes[index] = decoded.charCodeAt(index);
    return bytes;
  } catch (cause) {
    throw new ConfigurationError(
      `${article[medium]} has a data: URL whose ${isBase64 ? "base64" : "percent encoding"} is broken.`,
      { cause },
    );
  }
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
