import type { WireServer } from "callwright/testing";
import { vi } from "vitest";

const { setImmediate: nextTurn, setTimeout: realTimeout } = globalThis;

/** Lets a promise settle on a clock that runs as fast as the network allows: slowly while a request is on its way, in leaps while all wait. */
export async function elapse<T>(pending: Promise<T>, server: WireServer): Promise<T> {
  let settled = false;
  const mark = () => {
    settled = true;
  };
  pending.then(mark, mark);
  while (!settled) {
    // Real time, in which the sockets are looked at.
    await new Promise((resolve) => realTimeout(resolve, 2));
    await new Promise((resolve) => nextTurn(resolve));
    const waiting = server.requests.some(({ finishedAt }) => finishedAt === undefined);
    await vi.advanceTimersByTimeAsync(waiting ? 5000 : 100);
  }
  return pending;
}

/** Calls `body` on a virtual clock, on which all of callwright's waiting runs. */
export async function onVirtualClock<T>(body: () => Promise<T>): Promise<T> {
  if (vi.isFakeTimers()) return body();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  try {
    return await body();
  } finally {
    vi.useRealTimers();
  }
}
