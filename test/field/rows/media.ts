import { audio, document, image, type Part, text, user } from "callwright";
import { expect } from "vitest";
import type { Cell, Row, Section } from "../row.js";
import { base64, expectRefusal, samples, sentContent, sentImage, sentText } from "../samples.js";

const threeWires = ["openai", "responses", "anthropic"] as const;
const { jpeg, png, wav, mp3, pdf } = samples;

const jpegNames = [
  ...["image/jpg", "image/png", "IMAGE/JPEG", "image/pjpeg", "image/x-png", "image/jpeg; charset=binary"],
  ...[" image/jpeg ", "image/jfif", "image/webp", ""],
];

/** A part made in each way, with a media type that may be wrong. */
const imagesOf = (bytes: Uint8Array, mediaType: string): Part[] => [
  image(bytes, { mediaType }),
  image(`data:${mediaType};base64,${base64(bytes)}`),
  image(`data:${mediaType};base64,${base64(bytes)}`, { mediaType: "image/gif" }),
  { type: "image", source: bytes, mediaType },
];

const imageTypes: Row = {
  id: "R30",
  report:
    "`image/jpg`, `image/png` on JPEG bytes, `IMAGE/JPEG`, `image/pjpeg`, `…; charset=binary`: by option, in a `data:` URL, in a part made by hand",
  outcome: "The type that the bytes have",
  source: "hermes-agent#55432, home-assistant#167208",
  on: [...threeWires, "mistral", "google"],
  async run(cell) {
    for (const mediaType of jpegNames) {
      await cell.ask(user(imagesOf(jpeg, mediaType)));
      expect(sentContent(cell).map(sentImage)).toEqual(Array(4).fill({ type: "image/jpeg", data: base64(jpeg) }));
    }
    await cell.ask(user([image(png), { type: "image", source: png }]));
    expect(sentContent(cell).map(sentImage)).toEqual(Array(2).fill({ type: "image/png", data: base64(png) }));
  },
};

const soundTypes: Row = {
  id: "R31",
  report: "`audio/mp3`, `audio/x-wav`, `audio/wave`, `AUDIO/WAV`, `audio/mpeg; rate=1`",
  outcome: "`mp3` and `wav`, as the wire calls them",
  source: "spring-ai#6945, last-translation-benchmark#201",
  on: ["openai"],
  async run(cell) {
    const unknown = new Uint8Array([1, 2, 3]);
    const formats = async (...parts: Part[]) => {
      await cell.ask(user(parts));
      return sentContent(cell).map(({ input_audio }) => input_audio.format);
    };
    for (const mediaType of ["audio/mp3", "audio/mpeg; rate=1", "audio/x-mp3", "AUDIO/MPEG", "audio/x-mpeg-3"])
      expect(
        await formats(
          audio(unknown, { mediaType }),
          { type: "audio", data: unknown, mediaType },
          audio(`data:${mediaType};base64,AQID`),
        ),
      ).toEqual(["mp3", "mp3", "mp3"]);
    for (const mediaType of ["audio/x-wav", "audio/wave", "AUDIO/WAV", "audio/vnd.wave"])
      expect(await formats(audio(unknown, { mediaType }), { type: "audio", data: unknown, mediaType })).toEqual([
        "wav",
        "wav",
      ]);
    expect(await formats(audio(wav, { mediaType: "audio/mpeg" }), audio(mp3, { mediaType: "audio/wav" }))).toEqual([
      "wav",
      "mp3",
    ]);
  },
};

const strangeImages = {
  "image/svg+xml": samples.svg,
  "image/heic": samples.heic,
  "image/avif": samples.avif,
  "image/tiff": samples.tiff,
  "image/bmp": samples.bmp,
};

const imagesThatNobodyTakes: Row = {
  id: "R32",
  report: "SVG, HEIC, AVIF, TIFF and BMP images, also under the name of another type",
  outcome: "`ConfigurationError` before the request: which part, which type, what to do",
  source: "openclaw#102323",
  on: threeWires,
  async run(cell) {
    for (const [type, bytes] of Object.entries(strangeImages)) {
      for (const mediaType of [type, type.toUpperCase(), "image/png"]) {
        const parts: Part[] = [image(bytes, { mediaType }), { type: "image", source: bytes, mediaType }];
        for (const part of parts) {
          const { error } = await cell.ask([user("Hi."), user([text("Look:"), part])]);
          expectRefusal(cell, error, "messages[1].content[1]", type, "image/png", /Convert/);
        }
      }
    }
    const { error } = await cell.ask(user(image("https://x.test/a", { mediaType: "image/svg+xml" })));
    expectRefusal(cell, error, "messages[0].content[0]", "image/svg+xml");
  },
};

const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

const officeFiles: Row = {
  id: "R33",
  report: "A Word or Excel file, or a zip archive, as a document",
  outcome: "`ConfigurationError` before the request: which part, which type, what to do",
  source: "pydantic-ai#4445",
  on: ["openai", "anthropic"],
  async run(cell) {
    for (const mediaType of [docx, "application/vnd.ms-excel", "application/zip", "application/octet-stream"]) {
      for (const part of [
        document(samples.zip, { mediaType }),
        { type: "document", source: samples.zip, mediaType } as const,
      ]) {
        const { error } = await cell.ask(user([text("Read:"), part]));
        expectRefusal(cell, error, "messages[0].content[1]", mediaType, /PDF/);
      }
    }
    const disguised = { type: "document", source: samples.zip, mediaType: "text/plain" } as const;
    expectRefusal(cell, (await cell.ask(user(disguised))).error, "messages[0].content[0]", "not text");
  },
};

const officeFilesOnResponses: Row = {
  id: "R34",
  report: "The same on the Responses API, which takes them",
  outcome: "A file with the ending of its type",
  source: "OpenAI's guide to file inputs",
  on: ["responses"],
  async run(cell) {
    const named = async (mediaType: string, name?: string) => {
      await cell.ask(user(document(samples.zip, { mediaType, name })));
      return sentContent(cell)[0].filename;
    };
    expect(await named(docx)).toBe("document.docx");
    expect(await named(docx, "report")).toBe("report.docx");
    expect(await named(docx, "report.docx")).toBe("report.docx");
    expect(await named("application/vnd.ms-excel")).toBe("document.xls");
    await cell.ask(user(document(pdf)));
    expect(sentContent(cell)[0].filename).toBe("document.pdf");
    await cell.ask(user(document("data:text/markdown,# Hi", { name: "notes" })));
    expect(sentContent(cell)[0]).toEqual({
      type: "input_file",
      filename: "notes.md",
      file_data: `data:text/markdown;base64,${btoa("# Hi")}`,
    });
  },
};

const textTypes = [
  ...["text/plain", "text/markdown", "text/csv", "text/html", "TEXT/PLAIN", "application/json", "application/xml"],
  ...["application/yaml", "application/x-yaml", "application/ld+json", "application/x-ndjson", "application/toml"],
  ...["text/javascript", "application/javascript", "application/rss+xml", "text/x-python"],
];

const textDocuments: Row = {
  id: "R35",
  report: "JSON, XML, YAML, Markdown, CSV and HTML documents",
  outcome: "Their text; never a file named `document.pdf`",
  source: "trpc-agent-go#1816, openai-dotnet#450",
  on: ["openai", "anthropic", "mistral", "deepseek", "ollama"],
  async run(cell) {
    const source = new TextEncoder().encode('{"café": 1}');
    for (const mediaType of textTypes) {
      for (const part of [document(source, { mediaType }), { type: "document", source, mediaType } as const]) {
        await cell.ask(user(part));
        expect(sentText(cell)).toBe('{"café": 1}');
      }
    }
    if (cell.target === "anthropic") expect(sentContent(cell)[0].source).toMatchObject({ media_type: "text/plain" });
    expect(JSON.stringify(cell.body)).not.toContain("document.pdf");
  },
};

const dataUrls: Row = {
  id: "R36",
  report:
    "`data:` URLs: base64 with `%2B`, `%2F`, `%3D`, white space, the alphabet of URLs or no padding; `text/plain,100% done`; `data:,hello`",
  outcome: "Decoded",
  source: "opencode#32090, celld#197",
  on: threeWires,
  async run(cell) {
    const bytes = Uint8Array.from([...jpeg, 0xfb, 0xfe, 0xff, 0xff]);
    const plain = base64(bytes);
    expect(plain).toMatch(/\+.*\/.*=$/);
    const spelled = [
      encodeURIComponent(plain),
      `${plain.slice(0, 8)}\n ${plain.slice(8)}`,
      plain.replaceAll("+", "-").replaceAll("/", "_"),
      plain.replaceAll("=", ""),
      plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "%3d"),
    ];
    await cell.ask(user(spelled.map((data) => image(`data:image/jpeg;base64,${data}`))));
    for (const part of sentContent(cell)) expect(sentImage(part).data).toBe(plain);

    const texts = {
      "data:text/plain,100% done": "100% done",
      "data:,hello": "hello",
      "data:text/plain,a%20b%2Cc,d": "a b,c,d",
      "data:;base64,aGVsbG8": "hello",
      "data:text/plain;charset=utf-8;base64,Y2Fmw6k=": "café",
      "data:text/plain,caf%C3%A9": "café",
      "data:text/plain,café": "café",
      "DATA:Text/Plain;Charset=UTF-8,50%": "50%",
    };
    for (const [url, said] of Object.entries(texts)) {
      await cell.ask(user(document(url)));
      expect(documentText(cell)).toBe(said);
    }
  },
};

const utf16 = (text: string, mark: boolean): Uint8Array => Buffer.from(`${mark ? "\ufeff" : ""}${text}`, "utf16le");

const charsets: Row = {
  id: "R37",
  report: "Documents in ISO-8859-1, Windows-1252, Shift_JIS or UTF-16, declared, by their byte order mark, or neither",
  outcome: "`café`, not `caf�`",
  source: "open-webui#25172, claude-code#49918",
  on: threeWires,
  async run(cell) {
    const latin = Uint8Array.from([0x63, 0x61, 0x66, 0xe9]);
    const wide = utf16("café", true);
    const given: [bytes: Uint8Array, mediaType: string][] = [
      [latin, "text/plain; charset=iso-8859-1"],
      [latin, 'text/plain;charset="ISO-8859-1"'],
      [latin, "text/csv; charset=windows-1252"],
      [latin, "text/plain"],
      [wide, "text/plain"],
      [Uint8Array.from(wide).map((_, at, all) => all[at ^ 1] as number), "text/plain"],
      [utf16("café", false), "text/plain; charset=utf-16le"],
      [utf16("café", false), "text/plain"],
      [new TextEncoder().encode("\ufeffcafé"), "text/plain"],
      [new TextEncoder().encode("café"), "text/plain; charset=us-ascii"],
    ];
    for (const [source, mediaType] of given) {
      for (const part of [document(source, { mediaType }), { type: "document", source, mediaType } as const]) {
        await cell.ask(user(part));
        expect(documentText(cell)).toBe("café");
      }
    }
    for (const url of [
      "data:text/plain;charset=iso-8859-1,caf%E9",
      "data:text/plain;charset=iso-8859-1;base64,Y2Fm6Q==",
    ]) {
      await cell.ask(user(document(url)));
      expect(documentText(cell)).toBe("café");
    }
    const japanese = { type: "document", mediaType: "text/plain; charset=shift_jis" } as const;
    await cell.ask(user({ ...japanese, source: Uint8Array.from([0x83, 0x65, 0x83, 0x58, 0x83, 0x67]) }));
    expect(documentText(cell)).toBe("テスト");
    expect(() => document(latin, { mediaType: "text/plain; charset=klingon" })).toThrow(/the charset klingon/);
  },
};

/** The text of a document that was sent: as text, or as a file. */
function documentText(cell: Cell): string {
  const [part] = sentContent(cell);
  if (!part.file_data) return sentText(cell);
  return Buffer.from(part.file_data.split(",")[1], "base64").toString();
}

export const media: Section = {
  title: "Images, sounds and documents",
  rows: [
    imageTypes,
    soundTypes,
    imagesThatNobodyTakes,
    officeFiles,
    officeFilesOnResponses,
    textDocuments,
    dataUrls,
    charsets,
  ],
};
