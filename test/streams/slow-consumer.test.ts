import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { call } from "callwright";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const text = "x".repeat(16 * 1024);
const events = {
  openai: `data: {"id":"a","choices":[{"index":0,"delta":{"content":"${text}"}}]}\n\n`,
  anthropic: `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${text}"}}\n\n`,
};
const references = { openai: "openai/gpt-4o-mini", anthropic: "anthropic/claude-haiku-4-5" } as const;

/** The connection as undici shows it. */
let connection: Socket;
const onConnected = (message: unknown) => {
  connection = (message as { readonly socket: Socket }).socket;
};

/** Says more and more, as long as the other side takes it. */
let server: ReturnType<typeof createServer>;
beforeEach(async () => {
  subscribe("undici:client:connected", onConnected);
  server = createServer((request, answer) => {
    request.resume();
    const event = request.url?.includes("messages") ? events.anthropic : events.openai;
    answer.writeHead(200, { "content-type": "text/event-stream" });
    const say = () => {
      while (!answer.destroyed && answer.write(event));
    };
    answer.on("drain", say);
    say();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => {
  unsubscribe("undici:client:connected", onConnected);
  server.closeAllConnections();
  server.close();
});

/** Bytes that the client has taken from the network, once it takes no more, or far too many. */
async function taken(): Promise<number> {
  for (let before = -1; ; ) {
    for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    const now = connection.bytesRead;
    if (now === before || now > 2 ** 27) return now;
    before = now;
  }
}

describe.each(["openai", "anthropic"] as const)("a stream of %s that is read slowly", (provider) => {
  test("is held back on its way, with less than 1 MB of it in memory", async () => {
    const { port } = server.address() as AddressInfo;
    const access = { apiKey: "sk-none", baseURL: `http://127.0.0.1:${port}` };
    const stream = await call(references[provider], { ...access, stream: true })(() => "Hi")();
    const chunks = stream[Symbol.asyncIterator]();
    let read = 0;
    for (const pause of [1, 10, 500, 1, 1000]) {
      for (let chunk = 0; chunk < pause; chunk++) await chunks.next();
      read += pause * events[provider].length;
      expect((await taken()) - read).toBeLessThan(2 ** 20);
    }
    stream.abort();
  });
});
