import { call, model } from "callwright";
import { expect, vi } from "vitest";
import { chat, eventText, messages, stalling } from "../../streams/wire-chunks.js";
import { beginningOf, typeOf } from "../bodies.js";
import { answers, type Cell, fails, type Row } from "../row.js";
import { good } from "../run.js";
import { onVirtualClock } from "../virtual-clock.js";

/** The server is there, and does not go on. */
export const silence: readonly Row[] = [
  {
    id: "F09",
    fault: "it accepts and never answers",
    replies: () => [{ delayMs: Number.POSITIVE_INFINITY }],
    settings: { timeouts: { firstEventMs: 60, totalMs: 600 } },
    plain: fails("TimeoutError (total)", 1),
    streamed: fails("TimeoutError (first-event)", 3),
    onDefaults: { streamed: fails("TimeoutError (total)", 2) },
  },
  {
    id: "F09",
    fault: "headers, and never a body",
    replies: (cell) => [{ chunks: beginningOf(cell, ["one"]), headers: typeOf(cell), hangAfter: 0 }],
    settings: { timeouts: { firstEventMs: 60, totalMs: 600 } },
    plain: fails("TimeoutError (total)", 1),
    streamed: fails("TimeoutError (first-event)", 3),
    onDefaults: { streamed: fails("TimeoutError (total)", 2) },
  },
  {
    id: "F10",
    fault: "it stops in the middle, and the connection stays open",
    replies: (cell) => [
      cell.streamed
        ? stalling(["one ", "two "])
        : { chunks: beginningOf(cell, ["one two "]), headers: typeOf(cell), hangAfter: 1 },
    ],
    settings: { timeouts: { idleMs: 60, totalMs: 600 } },
    plain: fails("TimeoutError (total)", 1),
    streamed: fails("TimeoutError (idle)", 1, "one two "),
  },
  {
    id: "F11",
    fault: "pings and chunks of nothing, for ever, before the first text",
    replies: (cell) => [() => ({ chunks: pings(cell), headers: typeOf(cell), gapMs: cell.onDefaults ? 15_000 : 5 })],
    settings: { timeouts: { firstEventMs: 60, totalMs: 600 } },
    plain: fails("TimeoutError (total)", 1),
    streamed: fails("TimeoutError (first-event)", 3),
    onDefaults: { streamed: fails("TimeoutError (total)", 2) },
  },
  {
    id: "F11",
    fault: "pings and chunks of nothing, for ever, after some text",
    replies: (cell) => [
      {
        chunks: after(cell.streamed ? beginningOf(cell, ["one ", "two "]) : [], pings(cell)),
        headers: typeOf(cell),
        gapMs: cell.onDefaults ? 15_000 : 5,
      },
    ],
    settings: { timeouts: { idleMs: 100, totalMs: 700 } },
    plain: fails("TimeoutError (total)", 1),
    streamed: fails("TimeoutError (idle)", 1, "one two "),
  },
  {
    id: "F12",
    fault: "a little text again and again, for ever",
    // On the defaults at nine tenths of the idle limit; a busy machine needs more room in 400 ms.
    replies: (cell) => [{ chunks: ticks(cell), headers: typeOf(cell), gapMs: cell.onDefaults ? 270_000 : 20 }],
    settings: { timeouts: { idleMs: 400, totalMs: 700 } },
    plain: fails("TimeoutError (total)", 1),
    streamed: fails("TimeoutError (total)", 1, expect.stringMatching(/^(tick ){2,}$/)),
  },
  {
    id: "F13",
    fault: "all is said, and the connection stays open",
    replies: () => [{ text: ["Hello ", "from the wire server."], hangAfter: Number.POSITIVE_INFINITY }],
    run: (cell) => onVirtualClock(() => standingStill(cell)),
    plain: answers(),
    streamed: answers(),
  },
];

/** No timer fires before the answer is here, since nobody moves the clock; and then the connection is given back. */
async function standingStill({ reference, provider, streamed, server }: Cell) {
  const asked = model(reference, server[provider]);
  const answer = streamed
    ? (await (await call(asked, { stream: true })(() => "Hi")()).response()).content
    : (await call(asked)(() => "Hi")()).content;
  expect(answer).toBe(good);
  const [request] = server.requests;
  // A stream's connection is of no use to others while the server may still write; that of a whole answer waits for the next.
  if (streamed) {
    await vi.advanceTimersByTimeAsync(1000);
    await request?.closed;
  }
  await asked.close();
  await request?.closed;
  return { answer, shown: answer, requests: server.requests.length };
}

function* pings({ provider, streamed }: Cell): Generator<object | string> {
  // Some proxies keep a whole answer alive by white space before it.
  if (!streamed) for (;;) yield "\n";
  const empty = provider === "openai" ? [chat.delta({}), chat.text("")] : [messages.ping, messages.text(0, "")];
  for (;;) yield* [": ping\n\n", ...empty];
}

function* ticks(cell: Cell): Generator<object | string> {
  const { provider, streamed } = cell;
  // In one piece, since each has its gap.
  yield eventText(beginningOf(cell, ["tick "]));
  for (;;) yield streamed ? (provider === "openai" ? chat.text("tick ") : messages.text(0, "tick ")) : "tick ";
}

function* after(first: Iterable<object | string>, rest: Iterable<object | string>): Generator<object | string> {
  yield* first;
  yield* rest;
}
