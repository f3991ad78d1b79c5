import { faults } from "callwright/testing";
import { expect, vi } from "vitest";
import { proxyServer, refusing, type Tunnel } from "../../transport/proxy.js";
import { type Certificate, tlsServer, trustTestAuthority } from "../../transport/tls.js";
import { type Cell, fails, type Row } from "../row.js";

/** Something stands between the call and the provider: a certificate, a slow machine, a proxy. */
export const between: readonly Row[] = [
  ...(
    [
      ["self-signed", "signs itself", /SELF_SIGNED/],
      ["expired", "is expired", /EXPIRED/],
      ["elsewhere", "is for another host", /ALTNAME/],
    ] as const
  ).map(
    ([certificate, what, code]): Row => ({
      id: "F04",
      fault: `its certificate ${what}`,
      elsewhere: (cell) => behindTls(cell, certificate),
      plain: fails("ConnectionError", 1),
      streamed: fails("ConnectionError", 1),
      also: ({ error }) => expect(error.message).toMatch(code),
    }),
  ),
  {
    id: "F05",
    fault: "headers that drip in byte by byte",
    replies: () => [faults.slowHeaders({ everyMs: 30 })],
    settings: { timeouts: { firstEventMs: 250, totalMs: 1250 } },
    plain: fails("TimeoutError (total)", 1),
    streamed: fails("TimeoutError (first-event)", 3),
    onDefaults: { streamed: fails("TimeoutError (total)", 2) },
  },
  {
    id: "F08",
    fault: "a proxy answers 407",
    elsewhere: () => behindProxy(refusing(407)),
    plain: fails("ConnectionError", 1),
    streamed: fails("ConnectionError", 1),
    also: ({ error }) => expect(error.message).toMatch(/^The proxy http:\/\/127\.0\.0\.1:\d+ opens no tunnel \(407/),
  },
  {
    id: "F08",
    fault: "a proxy hangs up instead of opening a tunnel",
    elsewhere: () => behindProxy((socket) => socket.end()),
    plain: fails("ConnectionError", 1),
    streamed: fails("ConnectionError", 1),
    also: ({ error }) => expect(error.message).toMatch(/^The proxy http:\/\/127\.0\.0\.1:\d+ opens no tunnel/),
  },
];

async function behindTls({ server }: Cell, certificate: Certificate) {
  const front = await tlsServer(server, certificate);
  const distrust = trustTestAuthority();
  return {
    baseURL: `https://127.0.0.1:${front.port}/v1`,
    requests: () => front.sockets.length,
    async close() {
      distrust();
      await front.close();
    },
  };
}

async function behindProxy(tunnel: Tunnel) {
  const proxy = await proxyServer(() => tunnel);
  vi.stubEnv("HTTPS_PROXY", `http://${proxy.host}`);
  return {
    baseURL: "https://api.invalid/v1",
    requests: () => proxy.asked.length,
    async close() {
      vi.unstubAllEnvs();
      await proxy.close();
    },
  };
}
