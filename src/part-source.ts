import { ConfigurationError } from "./errors.js";
import { hasByteOrderMark, isUtf8, toUtf8 } from "./media/charset.js";
import { decodeDataUrl, looksLikeBase64, splitDataUrl } from "./media/data-url.js";
import { knownTypes, type Medium, sniff, sniffOther } from "./media/sniff.js";
import { isTextType, readMediaType } from "./media/type.js";
import { isArrayBuffer, isBytes, isThenable, isUrl, kindOf } from "./realm.js";
import { redact } from "./redact.js";

const article = { image: "An image", audio: "A sound", document: "A document" };

/** What comes as text may come from outside; no provider takes a larger image. Larger media are passed as bytes. */
const maxDataUrlBytes = 20 * 1024 * 1024;

interface Source<S extends URL | Uint8Array> {
  readonly source: S;
  readonly mediaType: string | undefined;
}

/**
 * Reads what a part is made of. A link stays a URL; `data:` becomes bytes, so that each provider can encode it in its own
 * way. Text becomes UTF-8.
 */
export function resolveSource(
  medium: Medium,
  source: string | URL | Uint8Array,
  mediaType: string | undefined,
): Source<URL | Uint8Array> {
  if (isBytes(source)) return resolveBytes(medium, source, mediaType);
  if (typeof source !== "string" && !isUrl(source)) throw notSource(medium, source);
  const spelled = String(source).trim();
  if (/^data:/i.test(spelled)) return resolveDataUrl(medium, spelled, mediaType);
  const url = URL.canParse(spelled) ? new URL(spelled) : undefined;
  // The parser would drop line breaks without a word.
  if (!url || medium === "audio" || /[\x00-\x1f\x7f]/.test(spelled)) throw notLink(medium, spelled);
  hrefOf(medium, url);
  return { source: url, mediaType: declaredType(medium, mediaType) };
}

/**
 * Bytes with their type: what they begin with decides, since a declared type is often wrong, and a provider compares the
 * two. Source: https://github.com/home-assistant/core/issues/167208
 */
export function resolveBytes(
  medium: Medium,
  bytes: Uint8Array,
  declared: string | undefined,
  isDataUrl = false,
): Source<Uint8Array> & { readonly mediaType: string } {
  const sniffed = sniff(medium, bytes);
  if (sniffed) return { source: bytes, mediaType: sniffed };
  // Without a type, a data: URL holds text. Source: https://www.rfc-editor.org/rfc/rfc2397#section-3
  const charset = declared === undefined ? undefined : readMediaType(declared).charset;
  const isText = charset !== undefined || hasByteOrderMark(bytes) || (isDataUrl && isUtf8(bytes));
  const type = declaredType(medium, declared) ?? (medium === "document" && isText ? "text/plain" : undefined);
  const other = sniffOther(medium, bytes);
  if (type === undefined || other !== undefined) throw strangeBytes(medium, other);
  if (medium !== "document" || !isTextType(type)) return { source: bytes, mediaType: type };
  const text = toUtf8(bytes, charset);
  if (text) return { source: text, mediaType: type };
  throw new ConfigurationError(
    `The bytes of a document are declared as ${JSON.stringify(declared?.slice(0, 80))}, but they are not text in ${charset ? `the charset ${charset.slice(0, 40)}` : "a known charset"}.`,
  );
}

/** Documents are PDF, text and office files; what an image must be, its name says. */
function declaredType(medium: Medium, declared: string | undefined): string | undefined {
  const type = declared === undefined ? "" : readMediaType(declared).type;
  if (type === "") return undefined;
  const [main, kind] = type.split("/");
  const fits = medium === "document" ? main === "application" || main === "text" : main === medium;
  if (!fits || !kind)
    throw new ConfigurationError(
      `${article[medium]} cannot be of the type ${JSON.stringify(declared?.trim().slice(0, 80))}.`,
    );
  return type;
}

/**
 * A link as a provider gets it, which follows it by itself.
 *
 * @throws ConfigurationError where it is of another kind than http(s), or holds a user name or password.
 */
export function hrefOf(medium: Medium, url: URL): string {
  if (url.protocol !== "https:" && url.protocol !== "http:") throw notLink(medium, url.href);
  if (url.username || url.password)
    throw new ConfigurationError(
      `The link of ${article[medium].toLowerCase()} holds a user name or password, which the provider would see. Leave them out.`,
    );
  return url.href;
}

function resolveDataUrl(medium: Medium, spelled: string, mediaType: string | undefined): Source<Uint8Array> {
  const url = splitDataUrl(spelled);
  if (!url)
    throw new ConfigurationError(
      `${article[medium]} has a data: URL without a comma; write data:<type>;base64,<bytes>.`,
    );
  if (url.data.length > maxDataUrlBytes * (url.isBase64 ? 4 / 3 : 1) + 4)
    throw new ConfigurationError(
      `${article[medium]} has a data: URL of more than ${maxDataUrlBytes / 1024 / 1024} MB. Pass its bytes.`,
    );
  const bytes = decodeDataUrl(url);
  if (!bytes) throw new ConfigurationError(`${article[medium]} has a data: URL whose base64 is broken.`);
  if (bytes.length === 0) throw new ConfigurationError(`${article[medium]} has a data: URL that holds nothing.`);
  // Characters that stand for themselves were encoded as UTF-8, whatever charset is declared for the others.
  const isSpelledOut = !url.isBase64 && /[^\x00-\x7f]/.test(url.data);
  const declared = isSpelledOut ? readMediaType(url.mediaType).type : url.mediaType;
  return resolveBytes(medium, bytes, mediaType ?? declared, true);
}

function strangeBytes(medium: Medium, other: string | undefined): ConfigurationError {
  const known = knownTypes(medium);
  const subject = article[medium].toLowerCase();
  if (other)
    return new ConfigurationError(
      `The bytes of ${subject} are ${other}, none of ${known}. Use ${other.startsWith("application") ? "document" : other.split("/")[0]}() for them.`,
    );
  return new ConfigurationError(`The bytes of ${subject} are none of ${known}. Pass mediaType to say what they are.`);
}

function notLink(medium: Medium, spelled: string): ConfigurationError {
  if (/^data:/i.test(spelled))
    return new ConfigurationError(`${article[medium]} has a data: URL that was not read. Make it with ${medium}().`);
  if (looksLikeBase64(spelled))
    return new ConfigurationError(
      `${article[medium]} is text that looks like base64. Write it as a data: URL, data:<type>;base64,<bytes>, or pass its bytes.`,
    );
  const shown = JSON.stringify(redact(spelled).slice(0, 80));
  if (medium === "audio")
    return new ConfigurationError(
      `A sound must be bytes or a data: URL, not ${shown}. Read a file yourself and pass its bytes.`,
    );
  return new ConfigurationError(
    `${article[medium]} must be an http(s) link, a data: URL or bytes, not ${shown}. Read a file yourself and pass its bytes.`,
  );
}

/** What is passed in the place of bytes, with the way to get bytes out of it. */
function notSource(medium: Medium, source: unknown): ConfigurationError {
  const kind = typeof source === "object" && source !== null ? kindOf(source) : String(source && typeof source);
  const links = medium === "audio" ? "" : "an http(s) link, ";
  const how = waysToBytes.find(([holds]) => holds(source, kind))?.[1];
  return new ConfigurationError(
    `${article[medium]} must be ${links}a data: URL or a Uint8Array, not a value of the kind ${kind}.${how ? ` Pass ${how}.` : ""}`,
  );
}

const waysToBytes: readonly (readonly [holds: (source: unknown, kind: string) => boolean, how: string])[] = [
  [isArrayBuffer, "new Uint8Array(buffer)"],
  [ArrayBuffer.isView, "new Uint8Array(view.buffer, view.byteOffset, view.byteLength)"],
  [(_, kind) => /^(Blob|File)$/.test(kind), "new Uint8Array(await file.arrayBuffer())"],
  [(_, kind) => kind === "Response", "new Uint8Array(await response.arrayBuffer())"],
  [isThenable, "what the promise resolves to: await it first"],
  [Array.isArray, "Uint8Array.from(list)"],
];
