import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { call } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { spellings } from "./spellings.js";
import { eventText, providerOf, references, spoken } from "./wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const texts = ["Zwölf ", "\u{1f469}\u{200d}\u{1f680} ", "日本語\n", "end\u{1f600}"];
const whole = texts.join("");

describe.each(references)("server-sent events of %s", (reference) => {
  const provider = providerOf(reference);
  const events = eventText(spoken(provider, texts));
  const contentOf = async () =>
    (await (await call(reference, { ...server[provider], stream: true })(() => "Hi")()).response()).content;

  test.each(Object.entries(spellings))("with %s are read, in one piece and byte by byte", async (_, spell) => {
    server.reply({ raw: spell(events) }, { raw: spell(events), splitAt: "every-byte" });
    expect(await contentOf()).toBe(whole);
    expect(await contentOf()).toBe(whole);
  });

  test("with CR as line end are over at the terminator, though the connection stays open", async () => {
    const raw = events.replaceAll("\n", "\r");
    // With `hangAfter` the end of the body does not help.
    server.reply({ raw, hangAfter: Number.POSITIVE_INFINITY });
    expect(await contentOf()).toBe(whole);
  });

  test.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ])("in %s are read, also byte by byte", async (encoding, compress) => {
    const reply = { raw: compress(events), headers: { "content-encoding": encoding } };
    server.reply(reply, { ...reply, splitAt: "every-byte" });
    expect(await contentOf()).toBe(whole);
    expect(await contentOf()).toBe(whole);
  });

  test("with a byte that is no UTF-8 show U+FFFD for it", async () => {
    const bytes = Buffer.from(eventText(spoken(provider, ["a?b"])));
    bytes[bytes.indexOf("a?b") + 1] = 0xff;
    server.reply({ raw: bytes });
    expect(await contentOf()).toBe("a\ufffdb");
  });

  test("of 10 MB in one event are read whole", async () => {
    const long = "0123456789".repeat(1024 * 1024);
    server.reply({ text: [long] });
    expect((await contentOf()) === long).toBe(true);
  });

  test("without end in one event are refused, instead of filling the memory", async () => {
    const line = "x".repeat(1024 * 1024);
    server.reply({
      chunks: (async function* () {
        yield "data: ";
        for (;;) yield line;
      })(),
    });
    await expect(contentOf()).rejects.toMatchObject({
      code: "unexpected_response",
      message: expect.stringContaining("limits.maxEventChars"),
    });
    await (await server.arrived()).closed;
  });
});
