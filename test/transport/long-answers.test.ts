import { setImmediate } from "node:timers/promises";
import { call } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { providerOf, references, spoken } from "../streams/wire-chunks.js";

let server: WireServer;
beforeEach(async () => {
  server = await wireServer();
});
afterEach(() => server.close());

describe.each(references)("answers of %s that are longer than what waits for a reader", (reference) => {
  const access = () => server[providerOf(reference)];
  const piece = "a word or two ".repeat(70);
  const pieces = Array.from({ length: 1000 }, (_, index) => `${index} ${piece}`);

  test("arrive whole", async () => {
    server.reply({ text: pieces });
    const { content } = await call(reference, access())(() => "Hi")();
    expect(content).toBe(pieces.join(""));
  });

  test("arrive whole where a server sends them in one piece, whatever the reader's pace", async () => {
    const events = spoken(providerOf(reference), pieces).map((event) =>
      typeof event === "string" ? event : `data: ${JSON.stringify(event)}\n\n`,
    );
    server.reply({ raw: events.join("") });
    const ask = call(reference, { ...access(), stream: true })(() => "Hi");
    for (const pace of [() => undefined, () => setImmediate()]) {
      let text = "";
      for await (const [chunk] of await ask()) {
        text += chunk.content;
        await pace();
      }
      expect(text).toBe(pieces.join(""));
    }
  });
});
