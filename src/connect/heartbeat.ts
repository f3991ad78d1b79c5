import { user } from "../message.js";
import { memberOf } from "../own.js";
import { wait } from "../wait.js";
import type { Agent } from "./agent.js";
import type { SimBackend } from "./backend.js";
import { simRequest } from "./request.js";
import { askAgent, type TurnOutcome, unlessAborted } from "./turn.js";

const prompt = "Hello! Are you there?";

/** Greets the agent, from `start` and now and then, and tells the backend how it answered. */
export function keepBeating(
  agent: Agent,
  backend: SimBackend,
  options: {
    readonly heartbeatMs: number;
    readonly timeoutMs: number;
    /** Asks the agent when it is free, unless all has ended before. */
    readonly inTurn: (ask: () => Promise<void>) => void;
    readonly onProblem: (error: unknown) => void;
  },
): { start(): void; stop(): Promise<void> } {
  if (!memberOf(backend, "heartbeat")) return { start() {}, stop: async () => {} };
  const ended = new AbortController();

  const beat = async (id: string) => {
    const request = simRequest({ messages: [user(prompt)], testId: id, conversationId: id });
    const { timeoutMs, inTurn } = options;
    const { signal } = ended;
    const asked = new Promise<TurnOutcome>((resolve) => {
      inTurn(async () => resolve(await askAgent(agent, request, { timeoutMs, signal })));
    });
    const outcome = await unlessAborted(asked, signal);
    await backend.heartbeat?.(
      "value" in outcome
        ? { ok: true, prompt, response: outcome.value.response }
        : { ok: false, prompt, error: outcome.error },
    );
  };
  const keepOn = async () => {
    for (let count = 1; !ended.signal.aborted; count++) {
      await beat(`heartbeat-${count}`).catch((error) => {
        if (!ended.signal.aborted) options.onProblem(error);
      });
      await wait(options.heartbeatMs, ended.signal).catch(() => {});
    }
  };
  let beating: Promise<void> | undefined;
  return {
    start() {
      beating ??= keepOn();
    },
    async stop() {
      ended.abort(new Error("The connection was closed."));
      await beating;
    },
  };
}
