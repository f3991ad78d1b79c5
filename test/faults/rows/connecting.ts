import { createServer } from "node:net";
import { expect } from "vitest";
import { fails, type Row } from "../row.js";

export const connecting: readonly Row[] = [
  {
    id: "F01",
    fault: "the port is closed",
    elsewhere: async () => ({ baseURL: `http://127.0.0.1:${await closedPort()}` }),
    plain: fails("ConnectionError", 3),
    streamed: fails("ConnectionError", 3),
    also: ({ error }) => expect(error.message).toContain("ECONNREFUSED"),
  },
  {
    id: "F02",
    fault: "a reset before the headers",
    replies: () => [{ drop: "reset" }],
    plain: fails("ConnectionError", 3),
    streamed: fails("ConnectionError", 3),
  },
  {
    id: "F09",
    fault: "it accepts and never answers",
    replies: () => [{ delayMs: Number.POSITIVE_INFINITY }],
    settings: { timeouts: { firstEventMs: 100, totalMs: 1000 } },
    plain: fails("TimeoutError (total)", 1),
    streamed: fails("TimeoutError (first-event)", 3),
    onDefaults: { streamed: fails("TimeoutError (total)", 2) },
  },
];

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
