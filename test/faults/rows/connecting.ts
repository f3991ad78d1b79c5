import { model, retry } from "callwright";
import { expect } from "vitest";
import { eventText, spoken } from "../../streams/wire-chunks.js";
import { rawServer } from "../../transport/listening.js";
import { answers, type Cell, fails, type Row } from "../row.js";
import { inTime, textOf } from "../run.js";

/** No request gets through, or not at the first try. */
export const connecting: readonly Row[] = [
  {
    id: "F01",
    fault: "the port is closed",
    elsewhere: async () => ({ baseURL: `http://${await closedPort()}` }),
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

/** Over one connection, with no retry that could help. */
const overOne = ({ reference, provider, server }: Cell) =>
  model(reference, { ...server[provider], connections: 1, use: [retry({ retries: 0 })] });

async function atOnce(cell: Cell, inputs: readonly string[]): Promise<string[]> {
  await using asked = overOne(cell);
  return await inTime(cell, Promise.all(inputs.map((input) => textOf(cell, asked, input))));
}

async function closedPort(): Promise<string> {
  const server = await rawServer();
  await server.close();
  return server.host;
}
