import {
  AbortedError,
  type Model,
  type ModelEvent,
  OverloadedError,
  RateLimitError,
  StreamInterruptedError,
} from "callwright";

/** How one run of a model goes: what it waits before each of its texts, in milliseconds, and how it ends. */
export interface RunPlan {
  readonly waits: readonly number[];
  readonly end: "finish" | "tools" | "overloaded" | "limited" | "broken" | "silent";
  /** Whether it opens with headers, as a provider does. */
  readonly opens: boolean;
}

/** Where a schedule may act; the stage tells of each moment when it comes. */
export type Moment = "event" | "tool" | "retry" | "delay" | "store" | "chunk";

/** A model that plays its plans one after the other, listens to its signal, and counts who has not left it. */
export function playing(
  id: string,
  plans: readonly RunPlan[],
  tell: (moment: Moment) => void,
): Model & { open: number } {
  let runs = 0;
  const model = {
    id,
    open: 0,
    async *run({ signal, tools }: Parameters<Model["run"]>[0]): AsyncGenerator<ModelEvent> {
      const { waits, end, opens } = plans[runs++ % plans.length] as RunPlan;
      const answer = `${id}-${runs}`;
      model.open++;
      try {
        refuseIfAborted(signal);
        if (opens) yield { type: "open", provider: "play", headers: {} };
        yield { type: "start", id: answer, model: "play" };
        for (const ms of waits) {
          await pause(ms, signal);
          tell("event");
          refuseIfAborted(signal);
          yield { type: "text-delta", text: "ab" };
        }
        if (end === "silent") await pause(700_000, signal);
        refuseIfAborted(signal);
        if (end === "overloaded") throw new OverloadedError("busy", { provider: "play", status: 529 });
        if (end === "limited") throw new RateLimitError("slower", { provider: "play", status: 429, retryAfterMs: 200 });
        if (end === "broken" || end === "silent") throw new StreamInterruptedError("cut");
        if (end === "tools" && tools) {
          yield { type: "tool-start", index: 0, id: answer, name: "work" };
          yield { type: "tool-delta", index: 0, arguments: "{}" };
          yield { type: "tool-end", index: 0 };
        }
        yield { type: "finish", reason: end === "tools" && tools ? "tool-calls" : "stop" };
      } finally {
        model.open--;
      }
    },
  };
  return model;
}

function refuseIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new AbortedError("aborted", { reason: signal.reason });
}

/** Waits in a way of its own, so that it shares no mistake with what it tests. */
export function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      resolve();
    };
    const stop = () => {
      clearTimeout(timer);
      reject(new AbortedError("aborted", { reason: signal?.reason }));
    };
    const timer = setTimeout(done, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
