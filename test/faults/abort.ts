import { getEventListeners } from "node:events";
import { type Access, type CallSettings, call, type LanguageModel, type Middleware, model } from "callwright";
import { expect, vi } from "vitest";
import { turns } from "../turns.js";
import type { Cell, Outcome } from "./row.js";
import { onVirtualClock } from "./virtual-clock.js";

/** The stage of a call at which its caller aborts. */
export interface Stage {
  /**
   * Resolves when the abort is due; `shown` resolves when the reader of a stream has seen so much.
   *
   * @default after some turns of the loop
   */
  readonly abortWhen?: "before" | "after" | ((shown: (text: string) => Promise<void>) => Promise<unknown>);
  /** Whether another call with the same options is under way. */
  readonly behind?: boolean;
  readonly settings?: CallSettings & { readonly use?: readonly Middleware[] };
  readonly maxSteps?: number;
  readonly access?: Access;
  /** Ends what holds the call back. */
  readonly release?: () => Promise<void>;
}

const reason = new Error("The user left.");

/** Aborts a call at a stage, with the default retry and on a clock that stands still, so that no timer helps. */
export function aborted(cell: Cell, stage: Stage): Promise<Outcome> {
  return onVirtualClock(async () => {
    const { server, provider, reference } = cell;
    const { abortWhen = () => turns(20), release = async () => {} } = stage;
    const asked = model(reference, { ...server[provider], ...stage.access });
    const [caller, other] = [new AbortController(), new AbortController()];
    const another = stage.behind && answered(asked, cell, stage, other.signal);
    if (another) await server.arrived();

    if (abortWhen === "before") caller.abort(reason);
    const { seen, see } = watched();
    const pending = answered(asked, cell, stage, caller.signal, see);
    if (typeof abortWhen === "function") await abortWhen(seen);
    if (abortWhen === "after") await pending;
    caller.abort(reason);
    const outcome = await pending;
    const requests = server.requests.length;
    if (outcome.error) expect(outcome.error).toMatchObject({ reason, cause: reason });

    // No request follows, however much time passes.
    await vi.advanceTimersByTimeAsync(60_000);
    await turns(20);
    expect(server.requests).toHaveLength(requests);
    other.abort();
    await another;
    for (const { signal } of [caller, other]) expect(getEventListeners(signal, "abort")).toHaveLength(0);
    await release();
    await asked.close();
    return { ...outcome, requests };
  });
}

async function answered(
  asked: LanguageModel,
  { streamed }: Cell,
  { settings, maxSteps = 1 }: Stage,
  signal: AbortSignal,
  see: (text: string) => void = () => {},
): Promise<Outcome> {
  const options = { ...settings, maxSteps, signal };
  let shown = "";
  try {
    if (!streamed) return { answer: (await call(asked, options)(() => "Hi")()).content, shown, requests: 0 };
    for await (const [chunk] of await call(asked, { ...options, stream: true })(() => "Hi")()) {
      shown = chunk.text;
      see(shown);
    }
    return { answer: shown, shown, requests: 0 };
  } catch (error) {
    return { error, shown, requests: 0 };
  }
}

function watched() {
  const awaited = new Map<string, () => void>();
  return {
    seen: (text: string) => new Promise<void>((resolve) => void awaited.set(text, resolve)),
    see: (text: string) => awaited.get(text)?.(),
  };
}
