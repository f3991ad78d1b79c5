import { model } from "callwright";
import { faults } from "callwright/testing";
import { expect, vi } from "vitest";
import { answers, type Cell, fails, type Row } from "../row.js";
import { good, textOf } from "../run.js";
import { onVirtualClock } from "../virtual-clock.js";

const text = ["one ", "two ", "three"];
const within = (limits: { readonly firstEventMs?: number; readonly idleMs?: number }, totalMs = 600) => ({
  timeouts: { ...limits, totalMs },
});
/** Long enough to connect and to send a request on a machine that is busy. */
const briefMs = 250;
/** For calls that end by another limit, on a machine however busy. */
const longMs = 20_000;

/** The server is there, and does not go on. */
export const silence: readonly Row[] = [
  {
    id: "F09",
    fault: "it accepts and never answers",
    replies: () => [faults.silence()],
    settings: within({ firstEventMs: briefMs }, 5 * briefMs),
    plain: fails("TimeoutError (total)", 1),
    streamed: fails("TimeoutError (first-event)", 3),
    onDefaults: { streamed: fails("TimeoutError (total)", 2) },
  },
  {
    id: "F09",
    fault: "headers, and never a body",
    replies: () => [faults.stall({ after: 0 })],
    settings: within({ firstEventMs: briefMs, idleMs: briefMs }, longMs),
    plain: fails("TimeoutError (idle)", 3),
    streamed: fails("TimeoutError (first-event)", 3),
    onDefaults: { plain: fails("TimeoutError (total)", 2), streamed: fails("TimeoutError (total)", 2) },
  },
  {
    id: "F09",
    fault: "headers of an error, and never its body",
    replies: () => [() => ({ status: 500, json: { error: { message: "x" } }, hangAfter: 0 })],
    settings: within({ firstEventMs: briefMs, idleMs: briefMs }, longMs),
    plain: fails("TimeoutError (idle)", 3),
    streamed: fails("TimeoutError (first-event)", 3),
    onDefaults: { plain: fails("TimeoutError (total)", 2), streamed: fails("TimeoutError (total)", 2) },
  },
  {
    id: "F10",
    fault: "it stops in the middle, and the connection stays open",
    replies: () => [{ ...faults.stall({ after: 2 }), text }],
    settings: within({ idleMs: briefMs }, longMs),
    plain: fails("TimeoutError (idle)", 3),
    streamed: fails("TimeoutError (idle)", 1, "one two "),
    onDefaults: { plain: fails("TimeoutError (total)", 2) },
  },
  {
    id: "F11",
    fault: "pings for ever, before the first text",
    replies: ({ onDefaults }) => [faults.pings({ after: 0, everyMs: onDefaults ? 15_000 : 5 })],
    settings: within({ firstEventMs: briefMs }, 5 * briefMs),
    plain: fails("TimeoutError (total)", 1),
    streamed: fails("TimeoutError (first-event)", 3),
    onDefaults: { streamed: fails("TimeoutError (total)", 2) },
  },
  {
    id: "F11",
    fault: "pings and pieces of nothing for ever, after some text",
    replies: ({ onDefaults }) => [{ ...faults.pings({ after: 2, everyMs: onDefaults ? 15_000 : 5 }), text }],
    settings: within({ idleMs: briefMs }, 5 * briefMs),
    plain: fails("TimeoutError (total)", 1),
    streamed: fails("TimeoutError (idle)", 1, "one two "),
  },
  {
    id: "F12",
    fault: "a little text again and again, each in time, for ever",
    replies: ({ onDefaults }) => [{ ...faults.drip({ everyMs: onDefaults ? 140_000 : 20 }), text: ["tick "] }],
    // Twenty times what is needed between two pieces, and less than all of them take.
    settings: within({ idleMs: 400 }),
    plain: fails("TimeoutError (total)", 1),
    streamed: fails("TimeoutError (total)", 1, expect.stringMatching(/^(tick ){2,}$/)),
  },
  {
    id: "F13",
    fault: "all is said, and the connection stays open",
    replies: () => [faults.linger()],
    run: (cell) => onVirtualClock(() => standingStill(cell)),
    plain: answers(),
    streamed: answers(),
  },
];

/** No timer fires before the answer is here, since nobody moves the clock; and then the connection is given back. */
async function standingStill(cell: Cell) {
  const { reference, provider, streamed, server } = cell;
  const asked = model(reference, server[provider]);
  const answer = await textOf(cell, asked);
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
