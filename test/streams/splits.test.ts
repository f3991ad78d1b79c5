import { call } from "callwright";
import { describe, expect, test } from "vitest";
import { eventText, providerOf, references, spoken } from "./wire-chunks.js";

const pieces = Array.from({ length: 12 }, (_, index) => `${index}: zwölf \u{1f469}\u{200d}\u{1f680}\u{1f600}\n`);

describe.each(references)("a stream of %s with characters of four bytes", (reference) => {
  test("shows the same pieces wherever its bytes are divided, and when each byte comes alone", async () => {
    const bytes = new TextEncoder().encode(eventText(spoken(providerOf(reference), pieces)));
    let chunks: readonly Uint8Array[] = [];
    const fetch = async () =>
      new Response(
        new ReadableStream({
          start(controller) {
            for (const chunk of chunks) controller.enqueue(chunk);
            controller.close();
          },
        }),
        { headers: { "content-type": "text/event-stream" } },
      );
    const ask = call(reference, { apiKey: "sk-test", fetch, stream: true })(() => "Hi");
    const shown = async () => {
      const texts: string[] = [];
      for await (const [{ content }] of await ask()) if (content) texts.push(content);
      return texts;
    };

    for (let at = 1; at < bytes.length; at++) {
      chunks = [bytes.subarray(0, at), bytes.subarray(at)];
      expect(await shown(), `divided at ${at}`).toEqual(pieces);
    }
    chunks = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(await shown()).toEqual(pieces);
  }, 60_000);
});
