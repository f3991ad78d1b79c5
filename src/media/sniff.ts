/** What a part of a message holds beside text. */
export type Medium = "image" | "audio" | "document";

type Signature = readonly [type: string, pattern: RegExp];

const signatures: Readonly<Record<Medium, readonly Signature[]>> = {
  image: [
    ["image/png", /^\x89PNG\r\n\x1a\n/],
    ["image/jpeg", /^\xff\xd8\xff/],
    ["image/gif", /^GIF8[79]a/],
    ["image/webp", /^RIFF[\s\S]{4}WEBP/],
    ["image/bmp", /^BM[\s\S]{4}\0{4}/],
    ["image/tiff", /^(II\*\0|MM\0\*)/],
    ["image/avif", /^[\s\S]{4}ftypavi[fs]/],
    ["image/heic", /^[\s\S]{4}ftyp(hei[cmsx]|hev[cmsx])/],
    ["image/heif", /^[\s\S]{4}ftyp(mif1|msf1)/],
    ["image/svg+xml", /^(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i],
  ],
  audio: [
    ["audio/wav", /^RIFF[\s\S]{4}WAVE/],
    ["audio/mpeg", /^(ID3|\xff[\xe2-\xe7\xf2-\xf7\xfa-\xff])/],
    ["audio/aac", /^\xff[\xf0\xf1\xf8\xf9]/],
    ["audio/flac", /^fLaC/],
    ["audio/ogg", /^OggS/],
    ["audio/mp4", /^[\s\S]{4}ftypM4A/],
  ],
  document: [["application/pdf", /^%PDF-/]],
};

/** Text may begin like a BMP or an MP3, and a text about SVG with an SVG; of these, no other medium begins so by chance. */
const unmistakable = new Set(["image/png", "image/jpeg", "image/webp", "audio/wav", "application/pdf"]);

/** More than the magic numbers need; an SVG may begin with a declaration. */
const enough = 512;

/** The type of bytes by how they begin, or undefined if that says nothing. */
export function sniff(medium: Medium, bytes: Uint8Array): string | undefined {
  return find(signatures[medium], beginningOf(bytes));
}

/** The type of bytes that belong to another medium, by how they begin. */
export function sniffOther(medium: Medium, bytes: Uint8Array): string | undefined {
  const others = Object.entries(signatures).flatMap(([each, known]) => (each === medium ? [] : known));
  const found = find(others, beginningOf(bytes));
  return found !== undefined && unmistakable.has(found) ? found : undefined;
}

/** The types that `sniff` knows. */
export function knownTypes(medium: Medium): string {
  return signatures[medium].map(([type]) => type).join(", ");
}

function beginningOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, enough));
}

function find(known: readonly Signature[], beginning: string): string | undefined {
  return known.find(([, pattern]) => pattern.test(beginning))?.[0];
}
