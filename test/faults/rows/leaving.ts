import { getEventListeners } from "node:events";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type CallStream, call, model } from "callwright";
import { faults } from "callwright/testing";
import { expect } from "vitest";
import { type Cell, fails, type Outcome, type Row } from "../row.js";

const text = ["one ", "two ", "three"];
const replies = () => [{ ...faults.stall({ after: 2 }), text }];

/** The stream is left by its reader; the connection must close, however that happens. */
export const leaving: readonly Row[] = [
  {
    id: "F36",
    fault: "`break` in the loop, then `response()`",
    replies,
    run: leftBy(async (stream) => {
      for await (const [chunk] of stream) if (chunk.text === "one two ") break;
      await stream.response();
    }),
    streamed: fails("StreamInterruptedError", 1, "one two "),
  },
  {
    id: "F36",
    fault: "an error of one's own in the loop",
    replies,
    run: leftBy(async (stream) => {
      for await (const _ of stream) throw new RangeError("mine");
    }),
    streamed: fails("RangeError", 1),
  },
  {
    id: "F36",
    fault: "the iterator's `return()`, then `response()`",
    replies,
    run: leftBy(async (stream) => {
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      await iterator.return?.();
      await stream.response();
    }),
    streamed: fails("StreamInterruptedError", 1, "one "),
  },
  {
    id: "F36",
    fault: "`await using`, then `response()`",
    replies,
    run: leftBy(async (stream) => {
      await stream[Symbol.asyncDispose]();
      await stream.response();
    }),
    streamed: fails("StreamInterruptedError", 1),
  },
  {
    id: "F36",
    fault: "the stream is dropped half read, and collected",
    replies,
    run: dropped(async (stream) => {
      await stream[Symbol.asyncIterator]().next();
    }),
    streamed: { ends: "closes the connection", requests: 1 },
  },
  {
    id: "F36",
    fault: "the stream is never read, and collected",
    replies,
    run: dropped(async () => {}),
    streamed: { ends: "closes the connection", requests: 1 },
  },
];

type Leave = (stream: CallStream) => Promise<void>;

function leftBy(leave: Leave): (cell: Cell) => Promise<Outcome> {
  return async ({ reference, provider, server }) => {
    const { signal } = new AbortController();
    await using asked = model(reference, server[provider]);
    const stream = await call(asked, { stream: true, signal })(() => "Hi")();
    const error = await leave(stream).catch((reason) => reason);
    await gone({ server });
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    // An error of the loop's own knows nothing of the stream.
    return { error, shown: error.partial?.content ?? "", requests: server.requests.length };
  };
}

function dropped(leave: Leave): (cell: Cell) => Promise<Outcome> {
  return async ({ reference, provider, server }) => {
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    const { signal } = new AbortController();
    await using asked = model(reference, server[provider]);
    // In a function of its own, so that nothing here holds the stream.
    await (async () => leave(await call(asked, { stream: true, signal })(() => "Hi")()))();
    let closed = false;
    void gone({ server }).then(() => {
      closed = true;
    });
    for (let turn = 0; turn < 1000 && !closed; turn++) {
      if (turn % 50 === 0) collect();
      await setImmediate();
    }
    expect(closed).toBe(true);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
    return { ends: "closes the connection", shown: "", requests: server.requests.length };
  };
}

/** Resolves when the server has seen that the client hung up. */
async function gone({ server }: Pick<Cell, "server">): Promise<void> {
  const request = await server.arrived();
  await request.closed;
  expect(request.aborted).toBe(true);
}
