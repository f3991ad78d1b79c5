/** A media type as providers know it. */
export interface MediaType {
  /** In lower case, without parameters, by its registered name. */
  readonly type: string;
  /** The parameter `charset`, in lower case. */
  readonly charset: string | undefined;
}

/**
 * Reads a media type however it is spelled. Browsers, operating systems and object stores write `image/jpg`,
 * `IMAGE/PNG` or `audio/mpeg; rate=1`, and providers compare the text.
 * Source: https://github.com/NousResearch/hermes-agent/issues/55432
 */
export function readMediaType(spelled: string): MediaType {
  const [essence = "", ...parameters] = spelled.toLowerCase().split(";");
  const type = essence.trim();
  const charset = parameters.map((each) => /^\s*charset\s*=\s*["']?([^"'\s]+)/.exec(each)?.[1]).find(Boolean);
  return { type: aliases.get(type) ?? type, charset };
}

const spellings: Readonly<Record<string, string>> = {
  "image/jpeg": "image/jpg image/jpe image/jfif image/pjpeg image/pjp image/x-jpeg image/x-jpg image/x-citrix-jpeg",
  "image/png": "image/x-png image/vnd.mozilla.apng image/x-citrix-png",
  "image/gif": "image/x-gif",
  "image/webp": "image/x-webp",
  "image/bmp": "image/x-bmp image/x-ms-bmp image/x-windows-bmp",
  "image/tiff": "image/tif image/x-tiff image/x-tif",
  "image/svg+xml": "image/svg image/svg-xml",
  "image/heic": "image/x-heic",
  "image/avif": "image/x-avif",
  "audio/wav": "audio/wave audio/x-wav audio/x-wave audio/x-pn-wav audio/vnd.wave",
  "audio/mpeg": "audio/mp3 audio/x-mp3 audio/mpeg3 audio/x-mpeg-3 audio/x-mpeg audio/mpg audio/x-mpg",
  "audio/flac": "audio/x-flac",
  "audio/ogg": "audio/x-ogg audio/vorbis application/ogg",
  "audio/mp4": "audio/m4a audio/x-m4a",
  "audio/aac": "audio/x-aac audio/aacp",
  "audio/aiff": "audio/x-aiff",
  "application/pdf":
    "application/x-pdf application/acrobat application/vnd.pdf applications/vnd.pdf text/pdf text/x-pdf",
};

const aliases = new Map(
  Object.entries(spellings).flatMap(([type, others]) =>
    others.split(" ").map((other): [string, string] => [other, type]),
  ),
);

/** What text is written in, beside `text/…`, `…+json`, `…+xml` and `…+yaml`. */
const textFormats = new Set(
  (
    "json json5 jsonl x-jsonl jsonlines ndjson x-ndjson x-json xml xml-dtd yaml x-yaml toml x-toml markdown csv tsv " +
    "javascript x-javascript ecmascript typescript x-typescript x-sh x-shellscript x-python x-ruby x-httpd-php sql " +
    "x-sql graphql x-tex x-latex x-subrip x-www-form-urlencoded"
  ).split(" "),
);

/** Whether documents of this type are text that a model can read as it stands. */
export function isTextType(type: string): boolean {
  const [main, format = ""] = type.split("/");
  // RTF is markup for programs.
  if (main === "text") return format !== "rtf";
  return main === "application" && (textFormats.has(format) || /\+(json|xml|yaml)$/.test(format));
}

const office = "application/vnd.openxmlformats-officedocument";
/** The endings of files that are not named as their type. */
const endings = new Map([
  ["text/plain", "txt"],
  ["text/markdown", "md"],
  ["text/javascript", "js"],
  ["text/tab-separated-values", "tsv"],
  [`${office}.wordprocessingml.document`, "docx"],
  [`${office}.spreadsheetml.sheet`, "xlsx"],
  [`${office}.presentationml.presentation`, "pptx"],
  ["application/msword", "doc"],
  ["application/vnd.ms-excel", "xls"],
  ["application/vnd.ms-powerpoint", "ppt"],
  ["application/vnd.oasis.opendocument.text", "odt"],
  ["application/javascript", "js"],
  ["application/typescript", "ts"],
]);

/** The name of a file of this type; OpenAI goes by the ending. Source: https://developers.openai.com/api/docs/guides/file-inputs */
export function fileName(name: string | undefined, type: string): string {
  if (name && /\.\w{1,10}$/.test(name)) return name;
  const format = type.slice(type.indexOf("/") + 1);
  const named = /^(?:x-)?([a-z0-9]{1,8})$/.exec(format)?.[1];
  const ending = endings.get(type) ?? named ?? (isTextType(type) ? (/\+(\w+)$/.exec(format)?.[1] ?? "txt") : "bin");
  return `${name || "document"}.${ending}`;
}
