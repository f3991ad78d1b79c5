import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { call, retry } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { begun, eventText, providerOf, references, spoken } from "../streams/wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

const once = [retry({ retries: 0 })];
const plainBody = {
  openai: { choices: [{ index: 0, message: { content: "Hello" }, finish_reason: "stop" }] },
  anthropic: { content: [{ type: "text", text: "Hello" }], stop_reason: "end_turn" },
};

/** A gzip body with one byte changed in its middle. */
function corrupt(text: string): Buffer {
  const bytes = gzipSync(text);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
  return bytes;
}

describe.each(references)("compressed answers of %s", (reference) => {
  const provider = providerOf(reference);
  const plain = () => call(reference, { ...server[provider], use: once })(() => "Hi");
  const streaming = () => call(reference, { ...server[provider], stream: true, use: once })(() => "Hi");
  const json = JSON.stringify(plainBody[provider]);

  test.each([
    ["gzip", gzipSync],
    ["x-gzip", gzipSync],
    ["GZIP", gzipSync],
    ["deflate", deflateSync],
    ["br", brotliCompressSync],
  ])("in %s are read", async (encoding, compress) => {
    server.reply({ raw: compress(json), headers: { "content-encoding": encoding } });
    expect((await plain()()).content).toBe("Hello");
  });

  test("which are errors are read, too", async () => {
    const raw = gzipSync('{"error":{"type":"authentication_error","code":"bad_key","message":"no such key"}}');
    server.reply({ status: 401, raw, headers: { "content-encoding": "gzip" } });
    await expect(plain()()).rejects.toMatchObject({
      code: "authentication",
      message: expect.stringContaining("no such key"),
    });
  });

  test("whose bytes are corrupt are an error at once, plain and streamed", async () => {
    const headers = { "content-encoding": "gzip" };
    server.reply({ raw: corrupt(json), headers }, { raw: corrupt(eventText(spoken(provider, ["Hello"]))), headers });
    await expect(plain()()).rejects.toMatchObject({
      code: "connection",
      cause: { code: expect.stringMatching(/^Z_/) },
    });
    const stream = await streaming()();
    await expect(stream.response()).rejects.toMatchObject({
      code: "stream_interrupted",
      cause: { code: expect.stringMatching(/^Z_/) },
    });
  });

  test("whose bytes are corrupt late, after the headers were read, do not hang either", async () => {
    const raw = corrupt(json + " ".repeat(10_000));
    server.reply({ raw, headers: { "content-encoding": "gzip" }, splitAt: [12], gapMs: 50 });
    await expect(plain()()).rejects.toMatchObject({ code: "connection" });
  });

  test("that end too early are an interruption, and show what came", async () => {
    const bytes = gzipSync(eventText(begun(provider, ["one ", "two"])));
    server.reply({ raw: bytes.subarray(0, -8), headers: { "content-encoding": "gzip" } });
    const error: any = await (await streaming()()).response().catch((error) => error);
    expect(error).toMatchObject({ code: "stream_interrupted" });
    expect(error.partial.content).toBe("one two");
  });

  test.each(["zstd", "x", "constructor", "__proto__", "gzip, br"])(
    "in %s, which nobody asked for, are an error that names it, and are asked for once",
    async (encoding) => {
      const raw = Buffer.from(json);
      server.reply({ raw, headers: { "content-encoding": encoding } });
      for (const stream of [false, true]) {
        const before = server.requests.length;
        const ask = call(reference, { ...server[provider], stream })(() => "Hi");
        const error: any = await ask().catch((error) => error);
        expect(error).toMatchObject({ code: "unexpected_response", provider, status: 200, retryable: false });
        expect(error.message).toContain(`content-encoding "${encoding}"`);
        expect(server.requests.length - before).toBe(1);
      }
    },
  );

  test("in identity are as they are", async () => {
    server.reply({ raw: json, headers: { "content-encoding": "identity" } });
    expect((await plain()()).content).toBe("Hello");
  });

  test("which are errors in an unknown encoding are told by their status", async () => {
    server.reply({ status: 401, raw: Buffer.from([1, 2, 3]), headers: { "content-encoding": "x" } });
    await expect(plain()()).rejects.toMatchObject({ code: "authentication", status: 401 });
  });

  test("whose body stays open after the terminator have it closed", async () => {
    const raw = gzipSync(eventText(spoken(provider, ["Hello"])));
    server.reply({ raw, headers: { "content-encoding": "gzip" }, hangAfter: Number.POSITIVE_INFINITY });
    expect((await (await streaming()()).response()).content).toBe("Hello");
    await (await server.arrived()).closed;
  });

  test("that are left in the middle raise nothing later", async () => {
    const bytes = gzipSync(eventText(spoken(provider, ["one ", "two"])));
    server.reply({ raw: bytes, headers: { "content-encoding": "gzip" }, splitAt: [bytes.length - 10], hangAfter: 1 });
    for await (const _ of await streaming()()) break;
    await (await server.arrived()).closed;
  });
});
