import { expect, test } from "vitest";
import { document } from "../../src/content.js";
import { decodeText, toUtf8 } from "../../src/media/charset.js";
import { decodeBase64 } from "../../src/media/data-url.js";

const bytes = (...list: number[]) => Uint8Array.from(list);
const latin = bytes(0x63, 0x61, 0x66, 0xe9);

test("a mark wins over the declared charset, and a declared one over UTF-8", () => {
  expect(decodeText(bytes(0xef, 0xbb, 0xbf, 0xc3, 0xa9), "iso-8859-1")).toBe("é");
  expect(decodeText(bytes(0xc3, 0xa9), "iso-8859-1")).toBe("Ã©");
  expect(decodeText(bytes(0xc3, 0xa9), undefined)).toBe("é");
});

test("what is not UTF-8 is Windows-1252, and what has zeros in it is not text", () => {
  expect(decodeText(latin, undefined)).toBe("café");
  expect(decodeText(bytes(0x80), "us-ascii")).toBe("€");
  expect(decodeText(bytes(0x50, 0x4b, 0x03, 0x04, 0, 0, 0), undefined)).toBeUndefined();
  expect(decodeText(latin, "no-such-charset")).toBeUndefined();
});

test("UTF-16 without a mark is known by its zeros", () => {
  expect(decodeText(bytes(0x68, 0, 0x69, 0), undefined)).toBe("hi");
  expect(decodeText(bytes(0, 0x68, 0, 0x69), undefined)).toBe("hi");
  expect(decodeText(bytes(0, 0x68, 0, 0x69), "utf-16")).toBe("hi");
  expect(decodeText(bytes(0x68, 0), undefined)).toBe("h");
});

test("UTF-8 text stays the bytes that it was", () => {
  const text = new TextEncoder().encode("café");
  expect(toUtf8(text, undefined)).toBe(text);
  expect(document(text, { mediaType: "text/plain" }).source).toBe(text);
  expect(toUtf8(latin, undefined)).toEqual(text);
});

test("a document with a mark needs no type", () => {
  const { source, mediaType } = document(bytes(0xff, 0xfe, 0x68, 0, 0x69, 0));
  expect([source, mediaType]).toEqual([new TextEncoder().encode("hi"), "text/plain"]);
});

test.each(["AQID", "AQ ID\n", "AQI%44", "%41QID"])("%j is read as base64", (text) => {
  expect(decodeBase64(text)).toEqual(bytes(1, 2, 3));
});

test.each(["#", "A", "AAAAA", "A===", "AQID=AQID", "%zz"])("%j is not base64", (text) => {
  expect(decodeBase64(text)).toBeUndefined();
});
