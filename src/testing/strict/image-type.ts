/** What files begin with, as Latin-1. */
const beginnings: readonly (readonly [beginning: RegExp, type: string])[] = [
  [/^\x89PNG/, "image/png"],
  [/^\xff\xd8\xff/, "image/jpeg"],
  [/^GIF8/, "image/gif"],
  [/^RIFF[\s\S]{4}WEBP/, "image/webp"],
  [/^%PDF-/, "application/pdf"],
];

/** The media type that the first bytes of base64 data show, undefined if they show none of these. */
export function shownType(base64: string): string | undefined {
  const head = Buffer.from(base64.slice(0, 24), "base64").toString("latin1");
  return beginnings.find(([beginning]) => beginning.test(head))?.[1];
}
