import { AbortedError, ConfigurationError } from "../errors.js";
import type { FinishReason, Model, ModelEvent, ModelRequest } from "../model.js";
import { isError } from "../realm.js";

/** One answer of a scripted model: a text, an error to throw, a text with tool calls, or events as they stand. */
export type ScriptTurn = string | Error | ScriptedAnswer | readonly ModelEvent[];

export interface ScriptedAnswer {
  readonly text?: string;
  readonly toolCalls?: readonly {
    readonly name: string;
    /** Sent as JSON. A string is sent as it stands, for arguments that are broken JSON. */
    readonly args: unknown;
    /** @default `call_1` for the first call of the script, and so on */
    readonly id?: string;
  }[];
  /** @default "tool-calls" where there are tool calls, else "stop" */
  readonly finishReason?: FinishReason;
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
      const turn = turns[requests.push(request) - 1];
      if (turn === undefined) {
        throw new ConfigurationError(`The script has ${turns.length} turn(s), and was asked once more. Add a turn.`);
      }
      for (const event of eventsOf(turn, `script-${requests.length}`, () => `call_${++calls}`)) {
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
export function eventsOf(turn: ScriptTurn, id: string, newCallId: () => string): readonly ModelEvent[] {
  if (isError(turn)) throw turn;
  if (typeof turn === "string") return eventsOf({ text: turn }, id, newCallId);
  if (isEvents(turn)) return turn;

  const { text = "", toolCalls = [], finishReason = toolCalls.length > 0 ? "tool-calls" : "stop" } = turn;
  const events: ModelEvent[] = [{ type: "start", id, model: "model" }];
  if (text !== "") events.push({ type: "text-delta", text });
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
  events.push({ type: "finish", reason: finishReason });
  return events;
}

function isEvents(turn: ScriptedAnswer | readonly ModelEvent[]): turn is readonly ModelEvent[] {
  return Array.isArray(turn);
}
