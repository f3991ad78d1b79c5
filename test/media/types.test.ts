import { describe, expect, test } from "vitest";
import { audio, document, image } from "../../src/content.js";
import { sniff, sniffOther } from "../../src/media/sniff.js";
import { fileName, isTextType, readMediaType } from "../../src/media/type.js";
import { samples } from "../field/samples.js";

describe("a media type", () => {
  test.each([
    ["image/jpg", "image/jpeg"],
    [" IMAGE/PJPEG ; q=1", "image/jpeg"],
    ["image/x-png;charset=binary", "image/png"],
    ["image/x-ms-bmp", "image/bmp"],
    ["audio/mpeg; rate=1", "audio/mpeg"],
    ["Audio/MP3", "audio/mpeg"],
    ["audio/x-wav", "audio/wav"],
    ["application/x-pdf", "application/pdf"],
    ["text/plain", "text/plain"],
    ["toString", "tostring"],
    ["", ""],
  ])("%j is %j, whatever its case, alias and parameters", (spelled, type) => {
    expect(readMediaType(spelled).type).toBe(type);
  });

  test.each([
    ["text/plain; charset=UTF-8", "utf-8"],
    ['text/plain;Charset="ISO-8859-1"', "iso-8859-1"],
    ["text/plain; format=flowed; charset=utf-16le", "utf-16le"],
    ["text/plain", undefined],
  ])("%j has the charset %j", (spelled, charset) => {
    expect(readMediaType(spelled).charset).toBe(charset);
  });

  test.each(["text/x-anything", "application/json", "application/vnd.api+json", "application/atom+xml"])(
    "%s is text",
    (type) => {
      expect(isTextType(type)).toBe(true);
    },
  );

  test.each(["application/pdf", "application/zip", "application/epub+zip", "text/rtf", "image/svg+xml", "toString"])(
    "%s is not text",
    (type) => {
      expect(isTextType(type)).toBe(false);
    },
  );
});

describe("a file without a name", () => {
  test.each([
    ["text/plain", "document.txt"],
    ["text/csv", "document.csv"],
    ["application/json", "document.json"],
    ["application/x-yaml", "document.yaml"],
    ["application/vnd.api+json", "document.json"],
    ["text/x-very-special-thing", "document.txt"],
    ["application/vnd.unknown", "document.bin"],
  ])("of the type %s is named %s", (type, name) => {
    expect(fileName(undefined, type)).toBe(name);
    expect(fileName("", type)).toBe(name);
  });

  test("keeps a name, and gets an ending if it has none", () => {
    expect(fileName("a.tex", "text/plain")).toBe("a.tex");
    expect(fileName("Read me", "text/markdown")).toBe("Read me.md");
  });
});

describe("bytes", () => {
  test.each(Object.entries({ ...samples, heif: Uint8Array.from([0, 0, 0, 24, ...Buffer.from("ftypmif1")]) }))(
    "of a %s file are known by their beginning",
    (name, bytes) => {
      const found = (["image", "audio", "document"] as const).map((medium) => sniff(medium, bytes)).find(Boolean);
      const expected: Record<string, string | undefined> = { svg: "svg+xml", mp3: "mpeg", zip: undefined };
      expect(found?.split("/")[1]).toBe(name in expected ? expected[name] : name);
    },
  );

  test("decide, whatever type is declared", () => {
    expect(image(samples.jpeg, { mediaType: "image/png" }).mediaType).toBe("image/jpeg");
    expect(image(samples.png, { mediaType: "application/octet-stream" }).mediaType).toBe("image/png");
    expect(audio(samples.mp3, { mediaType: "audio/wav" }).mediaType).toBe("audio/mpeg");
    expect(document(samples.pdf, { mediaType: "text/plain" }).mediaType).toBe("application/pdf");
  });

  test("that say nothing are of the type that is declared", () => {
    expect(image(new Uint8Array([1]), { mediaType: "IMAGE/JPG" }).mediaType).toBe("image/jpeg");
    expect(() => image(new Uint8Array([1]))).toThrow(/Pass mediaType/);
    expect(() => image(new Uint8Array([1]), { mediaType: " " })).toThrow(/Pass mediaType/);
  });

  test("of another medium are an error that names the function for them", () => {
    expect(() => image(samples.pdf)).toThrow(/are application\/pdf.*Use document\(\)/);
    expect(() => image(samples.pdf, { mediaType: "image/png" })).toThrow(/Use document\(\)/);
    expect(() => document(samples.png, { mediaType: "text/plain" })).toThrow(/Use image\(\)/);
    expect(() => audio(samples.png)).toThrow(/Use image\(\)/);
    expect(sniffOther("document", Buffer.from("ID3 tags explained"))).toBeUndefined();
  });

  test("of text may begin like a picture, and stay text", () => {
    for (const words of ["BMW built it.", "GIF89a is a format.", "<svg> is markup.", "OggS and fLaC"])
      expect(document(Buffer.from(words), { mediaType: "text/plain" }).mediaType).toBe("text/plain");
  });
});

test("audio() takes a data: URL, and neither a link nor a path", () => {
  const { data, mediaType } = audio("data:audio/mp3;base64,AQID");
  expect([[...data], mediaType]).toEqual([[1, 2, 3], "audio/mpeg"]);
  for (const source of ["https://x.test/a.mp3", "a.mp3", new URL("https://x.test/a.mp3")])
    expect(() => audio(source)).toThrow(/A sound must be bytes or a data: URL/);
});
