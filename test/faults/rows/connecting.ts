import { createServer } from "node:net";
import { call, model, retry } from "callwright";
import { expect } from "vitest";
import { eventText, spoken } from "../../streams/wire-chunks.js";
import { answers, type Cell, fails, type Row } from "../row.js";
import { elapse } from "../virtual-clock.js";

/** No request gets through, or not at the first try. */
export const connecting: readonly Row[] = [
  {
    id: "F01",
    fault: "the port is closed",
    elsewhere: async () => ({ baseURL: `http://127.0.0.1:${await closedPort()}` }),
    plain: fails("ConnectionError", 3),
    streamed: fails("ConnectionError", 3),
    also: ({ error }) =>
      expect(error).toMatchObject({
        message: expect.stringContaining("ECONNREFUSED"),
        cause: { code: "ECONNREFUSED" },
      }),
  },
  {
    id: "F01",
    fault: "the name is not known",
    elsewhere: async () => ({ baseURL: "http://no-such-host.invalid" }),
    plain: fails("ConnectionError", 3),
    streamed: fails("ConnectionError", 3),
    also: ({ error }) => expect(error.cause.code).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/),
  },
  {
    id: "F01",
    fault: "the network is not reachable",
    elsewhere: async () => ({ baseURL: "http://255.255.255.255:9" }),
    plain: fails("ConnectionError", 3),
    streamed: fails("ConnectionError", 3),
    also: ({ error }) => expect(error.cause.code).toMatch(/^(ENETUNREACH|EHOSTUNREACH|EACCES|EADDRNOTAVAIL)$/),
  },
  {
    id: "F02",
    fault: "a reset before the headers",
    replies: () => [{ drop: "reset" }],
    plain: fails("ConnectionError", 3),
    streamed: fails("ConnectionError", 3),
    also: ({ error }) => expect(error.cause).toBeInstanceOf(Error),
  },
  {
    id: "F02",
    fault: "it hangs up before the headers",
    replies: () => [{ drop: "end" }],
    plain: fails("ConnectionError", 3),
    streamed: fails("ConnectionError", 3),
    also: ({ error }) => expect(error.cause).toBeInstanceOf(Error),
  },
  {
    id: "F03",
    fault: "a kept connection is closed just as it is used again; no retries",
    replies: () => [{ text: "one" }, { drop: "end" }, { text: "two" }],
    async run(cell) {
      const texts = await inTurn(cell, 2);
      expect(texts).toEqual(["one", "two"]);
      return { answer: "two", shown: "two", requests: cell.server.requests.length };
    },
    plain: answers(3),
    streamed: answers(3),
  },
  {
    id: "F06",
    fault: "a reset in the middle of the first bytes",
    replies: () => [{ splitAt: [20], cutAfter: 1 }],
    plain: fails("ConnectionError", 3),
    streamed: fails("StreamInterruptedError", 3),
  },
  {
    id: "F06",
    fault: "a body that is shorter than its `content-length`",
    replies: ({ provider, streamed }) => {
      const raw = streamed ? eventText(spoken(provider, ["Hel", "lo"]).slice(0, 1)).slice(0, 20) : '{"id": "1", ';
      return [{ raw, headers: { "content-length": "1000" }, cutAfter: 1 }];
    },
    plain: fails("ConnectionError", 3),
    streamed: fails("StreamInterruptedError", 3),
  },
  {
    id: "F07",
    fault: "100 calls at once over one connection",
    replies: () => [({ body }) => ({ text: body.messages.at(-1).content })],
    async run(cell) {
      const numbers = Array.from({ length: 100 }, (_, index) => String(index));
      expect(await atOnce(cell, numbers)).toEqual(numbers);
      expect(cell.server.connections).toBe(1);
      expect(cell.server.requests.map(({ body }) => body.messages.at(-1).content)).toEqual(numbers);
      return { answer: "", shown: "", requests: cell.server.requests.length };
    },
    plain: answers(100),
    streamed: answers(100),
  },
];

/** Asks over one connection, with no retry that could help. */
function asker({ reference, provider, streamed, server }: Cell) {
  const asked = model(reference, { ...server[provider], connections: 1, use: [retry({ retries: 0 })] });
  const ask = async (text: string): Promise<string> => {
    if (!streamed) return (await call(asked)(() => text)()).content;
    return (await (await call(asked, { stream: true })(() => text)()).response()).content;
  };
  return { asked, ask };
}

async function inTurn(cell: Cell, count: number): Promise<string[]> {
  const { asked, ask } = asker(cell);
  const texts: string[] = [];
  for (let index = 0; index < count; index++) texts.push(await settled(ask("Hi"), cell));
  await asked.close();
  return texts;
}

async function atOnce(cell: Cell, inputs: readonly string[]): Promise<string[]> {
  const { asked, ask } = asker(cell);
  const texts = await settled(Promise.all(inputs.map(ask)), cell);
  await asked.close();
  return texts;
}

function settled<T>(pending: Promise<T>, { onDefaults, server }: Cell): Promise<T> {
  return onDefaults ? elapse(pending, server) : pending;
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
