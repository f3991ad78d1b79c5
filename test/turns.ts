import { setImmediate } from "node:timers/promises";

/** Lets the event loop look at its sockets, so many times. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setImmediate();
}
