import { model, retry } from "callwright";
import { vi } from "vitest";
import { proxyServer } from "../../transport/proxy.js";
import { tlsServer, trustTestAuthority } from "../../transport/tls.js";
import { type Cell, fails, type Outcome, type Row } from "../row.js";
import { inTime, textOf } from "../run.js";

const ends = { end: "FIN", reset: "RST" } as const;

/**
 * A kept connection that breaks after the server has read a request, without a byte of an answer. Nobody can tell how much
 * of the request was processed, so it is never sent again unless a retry says so.
 */
export const kept: readonly Row[] = [
  ...[0, 5, 50, 1000].flatMap((workMs) => [
    late("end", workMs, "", (cell) => twice(cell, cell.server[cell.provider].baseURL)),
    late("reset", workMs, "", (cell) => twice(cell, cell.server[cell.provider].baseURL)),
  ]),
  late("end", 5, ", over TLS", overTls),
  late("reset", 5, ", over TLS", overTls),
  late("end", 5, ", through a proxy's tunnel", throughTunnel),
  late("reset", 5, ", through a proxy's tunnel", throughTunnel),
];

function late(drop: "end" | "reset", workMs: number, how: string, run: (cell: Cell) => Promise<Outcome>): Row {
  return {
    id: "F03",
    fault: `${ends[drop]} on a kept connection, ${workMs} ms after the request was read${how}; no retries`,
    replies: () => [{ text: "one" }, { delayMs: workMs, drop }],
    run,
    plain: fails("ConnectionError", 2),
    streamed: fails("ConnectionError", 2),
  };
}

/** Two calls over one connection, with no retry; the second one is answered with the end of the connection. */
async function twice(cell: Cell, baseURL: string): Promise<Outcome> {
  const { reference, provider, server } = cell;
  const options = { ...server[provider], baseURL, connections: 1, use: [retry({ retries: 0 })] };
  await using asked = model(reference, options);
  await inTime(cell, textOf(cell, asked));
  const error = await inTime(
    cell,
    textOf(cell, asked).then(
      () => undefined,
      (error) => error,
    ),
  );
  return { error, shown: "", requests: server.requests.length };
}

async function overTls(cell: Cell): Promise<Outcome> {
  const front = await tlsServer(cell.server, "valid");
  const distrust = trustTestAuthority();
  try {
    return await twice(cell, `https://localhost:${front.port}/v1`);
  } finally {
    distrust();
    await front.close();
  }
}

async function throughTunnel(cell: Cell): Promise<Outcome> {
  const front = await tlsServer(cell.server, "valid");
  const distrust = trustTestAuthority();
  const proxy = await proxyServer(() => front.port);
  vi.stubEnv("HTTPS_PROXY", `http://${proxy.host}`);
  try {
    return await twice(cell, "https://api.invalid/v1");
  } finally {
    vi.unstubAllEnvs();
    distrust();
    await proxy.close();
    await front.close();
  }
}
