import { getEventListeners } from "node:events";
import { call, model, parallel } from "callwright";
import { faults, type WireReplyMaker } from "callwright/testing";
import { expect } from "vitest";
import { answers, type Cell, type Outcome, type Row } from "../row.js";
import { inTime, retriesFor, textOf } from "../run.js";

const kinds = ["fine", "busy", "broken", "silent", "aborted"] as const;
type Kind = (typeof kinds)[number];

/** How a call of each kind must end, however many others there are. */
const ends: Readonly<Record<Kind, string>> = {
  fine: "answers",
  busy: "answers",
  broken: "",
  silent: "TimeoutError",
  aborted: "AbortedError",
};

/** Many calls that share a signal. */
export const crowds: readonly Row[] = [
  {
    id: "F38",
    fault: "50 calls at once: a fifth each are answered, refused at first, broken off, never answered and aborted",
    run: mixed,
    // Once each; again after the refusal; three times where a plain answer broke.
    plain: { ends: "each ends as if alone", requests: 10 * (1 + 2 + 3 + 1 + 1) },
    streamed: { ends: "each ends as if alone", requests: 10 * (1 + 2 + 1 + 1 + 1) },
    // Of ten minutes, the first output may take five.
    onDefaults: { streamed: { ends: "each ends as if alone", requests: 10 * (1 + 2 + 1 + 2 + 1) } },
  },
  {
    id: "F39",
    fault: "one signal for 200 calls, of which 20 run at once",
    run: oneSignal,
    plain: answers(200),
    streamed: answers(200),
  },
];

async function mixed(cell: Cell): Promise<Outcome> {
  const { server, provider, reference, streamed, onDefaults } = cell;
  const callers = new Map<string, AbortController>();
  const tries = new Map<string, number>();
  const answer: WireReplyMaker = ({ body }) => {
    const name: string = body.messages.at(-1).content;
    const [kind] = name.split(" ");
    tries.set(name, (tries.get(name) ?? 0) + 1);
    if (kind === "busy" && tries.get(name) === 1) return { status: 503 };
    if (kind === "broken") return faults.cut({ after: 1 });
    if (kind === "aborted") setImmediate(() => callers.get(name)?.abort());
    return kind === "silent" || kind === "aborted" ? faults.silence() : {};
  };
  server.reply(answer);
  const shared = new AbortController();
  await using asked = model(reference, { ...server[provider], use: retriesFor(cell), signal: shared.signal });

  const names = Array.from({ length: 50 }, (_, index) => `${kinds[index % 5]} ${index}`);
  const all = parallel(
    names,
    async (name) => {
      const caller = new AbortController();
      callers.set(name, caller);
      const timeouts = !onDefaults && name.startsWith("silent") ? { totalMs: 600 } : {};
      const options = { signal: caller.signal, timeouts };
      const ask = async () => {
        if (!streamed) return call(asked, options)(() => name)();
        return (await call(asked, { ...options, stream: true })(() => name)()).response();
      };
      const end = await ask().then(
        () => "answers",
        (error) => error.name,
      );
      expect(getEventListeners(caller.signal, "abort")).toHaveLength(0);
      return end;
    },
    { concurrency: 50 },
  );
  const ended = await inTime(cell, all);
  const broken = streamed ? "StreamInterruptedError" : "ConnectionError";
  expect(ended).toEqual(names.map((name) => ends[name.split(" ")[0] as Kind] || broken));
  expect(getEventListeners(shared.signal, "abort")).toHaveLength(0);
  return { ends: "each ends as if alone", shown: "", requests: server.requests.length };
}

async function oneSignal(cell: Cell): Promise<Outcome> {
  const { server, provider, reference } = cell;
  const { signal } = new AbortController();
  await using asked = model(reference, { ...server[provider], signal });
  let most = 0;
  for (let batch = 0; batch < 10; batch++) {
    const running = Promise.all(Array.from({ length: 20 }, () => textOf(cell, asked)));
    most = Math.max(most, getEventListeners(signal, "abort").length);
    await inTime(cell, running);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  }
  // Node warns of a leak from the eleventh on.
  expect(most).toBeLessThanOrEqual(10);
  return { answer: "", shown: "", requests: server.requests.length };
}
