import { user } from "../message.js";
import { wait } from "../wait.js";
import type { Agent } from "./agent.js";
import type { SimBackend } from "./backend.js";
import { simRequest } from "./request.js";
import { askAgent } from "./turn.js";

const prompt = "Hello! Are you there?";

/** Greets the agent now and then, and tells the backend how it answered. */
export function keepBeating(
  agent: Agent,
  backend: SimBackend,
  options: {
    readonly heartbeatMs: number;
    readonly timeoutMs: number;
    readonly onProblem: (error: unknown) => void;
  },
): { stop(): Promise<void> } {
  if (!backend.heartbeat) return { stop: async () => {} };
  const ended = new AbortController();

  const beat = async (id: string) => {
    const request = simRequest({ messages: [user(prompt)], testId: id, conversationId: id });
    const outcome = await askAgent(agent, request, { timeoutMs: options.timeoutMs, signal: ended.signal });
    if (ended.signal.aborted) return;
    await backend.heartbeat?.(
      "value" in outcome
        ? { ok: true, prompt, response: outcome.value.response }
        : { ok: false, prompt, error: outcome.error },
    );
  };
  const beating = (async () => {
    for (let count = 1; !ended.signal.aborted; count++) {
      await beat(`heartbeat-${count}`).catch(options.onProblem);
      await wait(options.heartbeatMs, ended.signal).catch(() => {});
    }
  })();
  return {
    async stop() {
      ended.abort(new Error("The connection was closed."));
      await beating;
    },
  };
}
