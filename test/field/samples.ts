import { expect } from "vitest";
import type { Cell } from "./row.js";

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** The beginnings of files, which say what they are. */
export const samples = {
  png: bytesOf("\x89PNG\r\n\x1a\n\0\0"),
  jpeg: bytesOf("\xff\xd8\xff\xe0\0\x10JFIF"),
  gif: bytesOf("GIF89a\x01\0"),
  webp: bytesOf("RIFF\x10\0\0\0WEBPVP8 "),
  bmp: bytesOf("BM\x46\0\0\0\0\0\0\0\x36"),
  tiff: bytesOf("II*\0\x08\0"),
  heic: bytesOf("\0\0\0\x18ftypheic\0\0"),
  avif: bytesOf("\0\0\0\x1cftypavif\0\0"),
  svg: bytesOf('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>'),
  pdf: bytesOf("%PDF-1.7\n"),
  wav: bytesOf("RIFF\x10\0\0\0WAVEfmt "),
  mp3: bytesOf("ID3\x04\0\0"),
  zip: bytesOf("PK\x03\x04\x14\0"),
};

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** The content of the last message that was sent, as the wire spells it. */
export function sentContent(cell: Cell): any[] {
  const { content } = (cell.body.messages ?? cell.body.input).at(-1);
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** All text of the last message that was sent. */
export function sentText(cell: Cell): string {
  return sentContent(cell)
    .map((part) => part.text ?? part.source?.data ?? "")
    .join("");
}

/** The media type and the bytes of an image that was sent. */
export function sentImage(part: any): { readonly type: string; readonly data: string } {
  const url: string =
    part.image_url?.url ?? part.image_url ?? `data:${part.source.media_type};base64,${part.source.data}`;
  const [, type = "", data = ""] = /^data:(.*);base64,(.*)$/.exec(url) ?? [];
  return { type, data };
}

/** Expects a call to fail before anything is sent, with an error that names a place and says more. */
export function expectRefusal(cell: Cell, error: any, ...told: readonly (string | RegExp)[]): void {
  expect(error).toMatchObject({ name: "ConfigurationError" });
  for (const each of told) expect(error.message).toMatch(each);
  expect(cell.server.requests).toEqual([]);
}
