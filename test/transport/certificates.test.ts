import { call, retry } from "callwright";
import { type WireServer, wireServer } from "callwright/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { providerOf, references } from "../streams/wire-chunks.js";
import { portOf } from "./listening.js";
import { type Certificate, tlsServer, trustTestAuthority } from "./tls.js";

let server: WireServer;
let distrust: () => void;
const fronts: { close(): Promise<void> }[] = [];
beforeEach(async () => {
  server = await wireServer();
  distrust = trustTestAuthority();
});
afterEach(async () => {
  distrust();
  await Promise.all([server, ...fronts.splice(0)].map((each) => each.close()));
});

async function startTls(certificate: Certificate) {
  const front = await tlsServer(server, certificate);
  fronts.push(front);
  return front;
}

describe.each(references)("a certificate of %s", (reference) => {
  const soon = retry({ delayMs: () => 1 });
  const ask = (port: number, stream = false, options = {}) =>
    call(reference, {
      ...server[providerOf(reference)],
      baseURL: `https://127.0.0.1:${port}/v1`,
      stream,
      use: [soon],
      ...options,
    })(() => "Hi")();

  test("that is valid is accepted, and its connection kept", async () => {
    const front = await startTls("valid");
    for (let count = 0; count < 5; count++) await ask(front.port);
    expect(server.requests.length).toBe(5);
    expect(front.sockets.length).toBeLessThanOrEqual(2);
  });

  test.each([
    ["self-signed", /SELF_SIGNED/],
    ["expired", /EXPIRED/],
    ["elsewhere", /ALTNAME/],
  ] as const)("that is %s is an error at once, since it will be the same a second later", async (name, code) => {
    const front = await startTls(name);
    const ways = { "our transport": {}, "a fetch of one's own": { fetch: globalThis.fetch } };
    for (const [way, options] of Object.entries(ways)) {
      for (const stream of [false, true]) {
        const before = front.sockets.length;
        const error: any = await ask(front.port, stream, options).catch((error: unknown) => error);
        expect(error, way).toMatchObject({ code: "connection", retryable: false });
        expect(error.message).toMatch(code);
        expect(front.sockets.length - before).toBe(1);
      }
    }
    expect(server.requests.length).toBe(0);
  });

  test("is not there where a server speaks no TLS, which is an error at once, too", async () => {
    const port = portOf(server);
    const before = server.connections;
    await expect(ask(port)).rejects.toMatchObject({ code: "connection", retryable: false });
    expect(server.connections - before).toBe(1);
  });
});
