import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { call, document, image, promptTemplate, user } from "callwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { errorOf, onBothWires } from "./calls/wires.js";

/** Counts who would follow a link. */
const stranger = createServer((_, response) => response.end("seen"));
let connections = 0;
let origin = "";
beforeAll(async () => {
  stranger.on("connection", () => connections++);
  await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => stranger.close(resolve)));

const makers = { image, document } as const;
const kinds = ["image", "document"] as const;

/** What is no link, though it has the form of one. */
const foreign = [
  "file:///etc/passwd",
  "FILE:///etc/passwd",
  "gopher://127.0.0.1:70/x",
  "ftp://127.0.0.1/a.png",
  "javascript:alert(1)",
  "blob:https://x.test/5e3f",
  "about:blank",
  "ws://127.0.0.1/",
];
const paths = ["/etc/passwd", "./a.png", "C:\\a.png", "\\\\host\\a.png", "a.png", "//x.test/a.png", "", " "];

describe.each(kinds)("as the source of an %s", (kind) => {
  const make = makers[kind];

  test.each([...foreign, ...paths])("%j is refused", (source) => {
    expect(() => make(source)).toThrow(expect.objectContaining({ name: "ConfigurationError" }));
    if (URL.canParse(source)) expect(() => make(new URL(source))).toThrow(/must be an http\(s\) link/);
  });

  test.each(["https://me:pass-word@x.test/a", "https://me@x.test/a", "ftp://me:pass-word@x.test/a"])(
    "%s is refused, and the password not shown",
    async (source) => {
      const error = await errorOf(() => make(source));
      expect(error).toMatchObject({ name: "ConfigurationError" });
      expect(`${error.stack}${JSON.stringify(error)}`).not.toMatch(/pass-word/);
    },
  );

  test.each(["https://x.test/a\r\nX-Evil: 1", "https://x.test\n/a", "ht\ttps://x.test/a", "https://x.test/\u0000"])(
    "%j is refused for its control characters",
    (source) => {
      expect(() => make(source)).toThrow(/must be an http\(s\) link/);
    },
  );

  test.each([
    ["https://b\u00fccher.test/\u00fc.png?q=\u00e9", "https://xn--bcher-kva.test/%C3%BC.png?q=%C3%A9"],
    // The first letter is Cyrillic.
    ["https://\u0430pple.com/a.png", "https://xn--pple-43d.com/a.png"],
    ["https://x.test/a%0d%0ab", "https://x.test/a%0d%0ab"],
    ["  HTTPS://X.test/a.png\n", "https://x.test/a.png"],
  ])("%j is plain ASCII: %s", (source, href) => {
    expect(String(make(source).source)).toBe(href);
  });

  test.each([
    ["video/mp4", /cannot be of the type "video\/mp4"/],
    ["audio/wav", /cannot be of the type/],
  ])("data or bytes of the type %s are refused", (type, told) => {
    expect(() => make(`data:${type};base64,AAAA`)).toThrow(told);
    expect(() => make(new Uint8Array([1]), { mediaType: type })).toThrow(told);
  });

  test.each([
    ["a comma that is missing", "data:image/png;base64"],
    ["base64 that is none", "data:;base64,####"],
    ["base64 of a wrong length", "data:;base64,AAAAA"],
    ["the alphabet of URLs", "data:;base64,_-__"],
    ["nothing", "data:;base64,"],
    ["many semicolons", `data:${";".repeat(1_000_000)}`],
  ])("data with %s is refused", (_, source) => {
    expect(() => make(source)).toThrow(expect.objectContaining({ name: "ConfigurationError" }));
  });
});

test.each(["text/html", "application/pdf", "IMAGE"])("an image is never %s", (type) => {
  expect(() => image(`data:${type},<h1>hello</h1>`)).toThrow(/An image cannot be of the type/);
});

test("data: with nothing behind its type is refused", () => {
  expect(() => image("data:image/png;base64,")).toThrow(/holds nothing/);
  expect(() => document("data:application/pdf,")).toThrow(/holds nothing/);
});

test("a document is never an image", () => {
  expect(() => document("data:image/png;base64,iVBORw0KGgo=")).toThrow(/A document cannot be of the type/);
});

test("data: is read whatever its settings and the case of its names", () => {
  const { source, mediaType } = image("DATA:image/PNG;name=a.png;BASE64,iVBO Rw0KGgo=");
  expect([...(source as Uint8Array)]).toEqual([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]);
  expect(mediaType).toBe("image/png");
  expect(document("data:text/plain;charset=utf-8,a%2Cb,c").source).toEqual(new TextEncoder().encode("a,b,c"));
});

test("data: of 20 MB is read, of more refused before it is decoded; bytes may be more", () => {
  const megabytes = (count: number) =>
    "A".repeat((count * 1024 * 1024 * 4) / 3 - (((count * 1024 * 1024 * 4) / 3) % 4));
  const { source } = image(`data:image/png;base64,${megabytes(20)}`);
  expect((source as Uint8Array).length).toBeGreaterThan(20 * 1024 * 1024 - 4);
  for (const make of [image, document]) {
    expect(() => make(`data:${make === image ? "image/png" : "application/pdf"};base64,${megabytes(30)}`)).toThrow(
      /more than 20 MB. Pass its bytes/,
    );
  }
  const bytes = new Uint8Array(30 * 1024 * 1024);
  expect(image(bytes, { mediaType: "image/png" }).source).toBe(bytes);
});

onBothWires((wire) => {
  const asking = (content: unknown) => call(wire.reference, wire.access)(() => [user(content as never)])();

  test.each(foreign)("%s in a part that was made by hand is refused, and nothing is sent", async (source) => {
    for (const type of kinds) {
      const error = await errorOf(asking([{ type, source: new URL(source) }]));
      expect(error).toMatchObject({ name: "ConfigurationError" });
    }
    expect([wire.server.connections, connections]).toEqual([0, 0]);
  });

  test("so it is in OpenAI's Responses", async () => {
    const { openai } = wire.server;
    for (const type of kinds) {
      const part = { type, source: new URL("file:///etc/passwd") };
      const ask = call("openai/gpt-4o-mini", { ...openai, api: "responses" })(() => [user([part])]);
      expect(await errorOf(ask())).toMatchObject({ name: "ConfigurationError" });
    }
    expect(wire.server.connections).toBe(0);
  });

  test("a password in a part that was made by hand is refused, and data that was not read", async () => {
    for (const source of ["https://me:pass-word@x.test/a.png", "data:image/png;base64,iVBORw0KGgo="]) {
      const error = await errorOf(asking([{ type: "image", source: new URL(source) }]));
      expect(error).toMatchObject({ name: "ConfigurationError", message: expect.not.stringContaining("pass-word") });
    }
    expect(wire.server.connections).toBe(0);
  });

  test("addresses of this machine and its network go to the provider as they stand, and to nobody else", async () => {
    const links = [
      `${origin}/a.png`,
      "http://169.254.169.254/latest/meta-data/",
      "http://[::1]/",
      "https://x.test/a.png",
    ];
    for (const link of links) {
      await asking([image(link)]);
      expect(JSON.stringify(wire.body)).toContain(JSON.stringify(link));
    }
    expect(connections).toBe(0);
  });

  test.each([...foreign, ...paths.slice(0, 4)])("%s as a value of a template is refused", async (source) => {
    const ask = call(wire.reference, wire.access)(promptTemplate("{cover:image}")((_: { cover: string }) => {}));
    expect(await errorOf(ask({ cover: source }))).toMatchObject({ name: "TemplateError", variable: "cover" });
    expect(wire.server.connections).toBe(0);
  });

  test("a link in an answer is followed by nobody", async () => {
    wire.server.reply({ text: `![](${origin}/a.png) file:///etc/passwd` });
    expect((await asking("Hi")).content).toContain(origin);
    expect(connections).toBe(0);
  });
});
