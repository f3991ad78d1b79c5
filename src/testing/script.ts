import { AbortedError, ConfigurationError } from "../errors.js";
import type { FinishReason, Model, ModelEvent, ModelRequest, Usage } from "../model.js";
import { own } from "../own.js";
import { isError } from "../realm.js";

/** One answer of a scripted model: a text, an error to throw, a text with tool calls, or events as they stand. */
export type ScriptAnswer = string | Error | ScriptedAnswer | readonly ModelEvent[];

/** An answer, or a function that makes one from the request; what it throws is thrown by the model. */
export type ScriptTurn = ScriptAnswer | ((request: ModelRequest) => ScriptAnswer | Promise<ScriptAnswer>);

export interface ScriptedAnswer {
  /** A list is streamed piece by piece. */
  readonly text?: string | readonly string[];
  readonly toolCalls?: readonly {
    readonly name: string;
    /** Sent as JSON. A string is sent as it stands, for arguments that are broken JSON. */
    readonly args: unknown;
    /** @default `call_1` for the first call of the script, and so on */
    readonly id?: string;
  }[];
  /** @default "tool-calls" where there are tool calls, else "stop" */
  readonly finishReason?: FinishReason;
  /**
   * Tokens. What is left out is 0, and `totalTokens` the sum of input and output.
   *
   * @default none is reported
   */
  readonly usage?: Partial<Usage>;
}

/**
 * A model that plays back its turns in order, one per request; `requests` holds what it was asked. An `Error` among the turns is thrown.
 *
 * @throws ConfigurationError, from the iteration, when the turns are used up; AbortedError when the request's signal is aborted.
 */
export function script(turns: readonly ScriptTurn[]): Model & { readonly requests: readonly ModelRequest[] } {
  const requests: ModelRequest[] = [];
  let calls = 0;

  return {
    id: "script/model",
    requests,
    async *run(request) {
      refuseIfAborted(request);
      const number = requests.push(request);
      const turn = turns[number - 1];
      if (turn === undefined) {
        throw new ConfigurationError(`The script has ${turns.length} turn(s), and was asked once more. Add a turn.`);
      }
      const answer = typeof turn === "function" ? await turn(request) : turn;
      for (const event of eventsOf(answer, `script-${number}`, () => `call_${++calls}`)) {
        refuseIfAborted(request);
        yield event;
      }
    },
  };
}

export function refuseIfAborted({ signal }: ModelRequest): void {
  if (signal?.aborted) throw new AbortedError("The request was aborted.", { reason: signal.reason });
}

/** The events of one answer. */
export function eventsOf(turn: ScriptAnswer, id: string, newCallId: () => string): readonly ModelEvent[] {
  if (isError(turn)) throw turn;
  if (typeof turn === "string") return eventsOf({ text: turn }, id, newCallId);
  if (isEvents(turn)) return turn;

  const { text = "", toolCalls = [], finishReason = toolCalls.length > 0 ? "tool-calls" : "stop", usage } = own(turn);
  const events: ModelEvent[] = [{ type: "start", id, model: "model" }];
  for (const piece of typeof text === "string" ? [text] : text)
    if (piece !== "") events.push({ type: "text-delta", text: piece });
  for (const [index, call] of toolCalls.entries()) {
    events.push(
      { type: "tool-start", index, id: call.id ?? newCallId(), name: call.name },
      {
        type: "tool-delta",
        index,
        arguments: typeof call.args === "string" ? call.args : JSON.stringify(call.args ?? {}),
      },
      { type: "tool-end", index },
    );
  }
  events.push({ type: "finish", reason: finishReason, ...(usage && { usage: wholeUsage(usage) }) });
  return events;
}

function wholeUsage(usage: Partial<Usage>): Usage {
  const { inputTokens = 0, outputTokens = 0 } = usage;
  const none = { cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 };
  return { ...none, totalTokens: inputTokens + outputTokens, ...usage, inputTokens, outputTokens };
}

function isEvents(turn: ScriptedAnswer | readonly ModelEvent[]): turn is readonly ModelEvent[] {
  return Array.isArray(turn);
}
