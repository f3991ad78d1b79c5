import { tool } from "callwright";
import type { WireReply } from "callwright/testing";
import { z } from "zod";
import { chat } from "../../streams/wire-chunks.js";
import type { Outcome } from "../row.js";

type Chunks = readonly (object | string)[];

/** A whole answer of Chat Completions: members of its message, its finish reason, and further members of the body. */
export const whole = (message: object, finish_reason: string | null = "stop", more: object = {}): WireReply => ({
  json: {
    id: "chatcmpl-1",
    object: "chat.completion",
    model: "gpt-4o-mini",
    choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason }],
    ...more,
  },
});

/** A stream of these chunks, and then `[DONE]`. */
export const stream = (...chunks: Chunks): WireReply => ({ chunks: [...chunks, chat.done] });

/** A stream of chunks and, in milliseconds, the pauses between them. */
export const paced = (...steps: readonly (object | string | number)[]): WireReply => ({
  chunks: (async function* () {
    for (const step of steps)
      if (typeof step === "number") await new Promise((resolve) => setTimeout(resolve, step));
      else yield step;
  })(),
});

export const u = (prompt_tokens: number, completion_tokens: number, more: object = {}) => ({
  usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens, ...more },
});

/** A tool that takes anything. */
export const look = tool({
  name: "look",
  description: "Looks.",
  input: z.object({ city: z.unknown().optional(), day: z.unknown().optional() }),
})((args) => args);
export const find = tool({ name: "find", description: "Finds.", input: z.object({}) })(() => "found");

export const argsOf = ({ tools }: Outcome): unknown[] => tools.map(({ args }) => args);
