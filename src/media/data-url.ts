/** A `data:` URL, taken apart. */
export interface DataUrl {
  /** Its type as it is spelled; empty if it has none. */
  readonly mediaType: string;
  readonly isBase64: boolean;
  /** What stands behind the comma. */
  readonly data: string;
}

/** @returns undefined if it has no comma. */
export function splitDataUrl(url: string): DataUrl | undefined {
  const comma = url.indexOf(",");
  if (comma < 0) return undefined;
  const declared = url.slice("data:".length, comma);
  const base64 = /;\s*base64\s*$/i.exec(declared);
  return {
    mediaType: (base64 ? declared.slice(0, base64.index) : declared).trim(),
    isBase64: base64 !== null,
    data: url.slice(comma + 1),
  };
}

/**
 * The bytes of a `data:` URL. Base64 may be percent-encoded, in the alphabet of URLs, with white space and without
 * padding; a percent sign that encodes nothing is one.
 *
 * @returns undefined if it is not base64.
 */
export function decodeDataUrl({ isBase64, data }: DataUrl): Uint8Array | undefined {
  return isBase64 ? decodeBase64(data) : decodePercents(data);
}

export function decodeBase64(text: string): Uint8Array | undefined {
  const plain = (text.includes("%") ? text.replace(/%[0-9a-f]{2}/gi, (code) => hex(code.slice(1))) : text)
    .replace(/\s+/g, "")
    .replace(/={1,2}$/, "")
    .replaceAll("-", "+")
    .replaceAll("_", "/");
  try {
    const decoded = atob(plain);
    const bytes = new Uint8Array(decoded.length);
    for (let index = 0; index < decoded.length; index++) bytes[index] = decoded.charCodeAt(index);
    return bytes;
  } catch {
    return undefined;
  }
}

function decodePercents(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes[at] === percent ? String.fromCharCode(bytes[at + 1] ?? 0, bytes[at + 2] ?? 0) : "";
    const isEncoded = /^[0-9a-f]{2}$/i.test(code);
    bytes[length++] = isEncoded ? Number.parseInt(code, 16) : (bytes[at] as number);
    if (isEncoded) at += 2;
  }
  return bytes.subarray(0, length);
}

const percent = "%".charCodeAt(0);

function hex(digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16));
}

/** Whether text looks like base64 that lacks its `data:`. */
export function looksLikeBase64(text: string): boolean {
  const plain = text.replace(/\s+/g, "");
  if (!/^[\w+/-]+={0,2}$/.test(plain)) return false;
  // How PNG, JPEG, GIF, WebP and WAV, PDF and MP3 begin.
  return /^(iVBORw0KGgo|\/9j\/|R0lGOD|UklGR|JVBERi0|SUQz)/.test(plain) || plain.length >= 64;
}
