import { Answer } from "./answer.js";
import { whyIncomplete } from "./incomplete.js";
import type { ModelRequest } from "./model.js";

/** How often a turn that is paused is sent back. Each part of it is a request that costs. */
const mostPauses = 10;

/** What goes on with a turn that the provider paused. */
export interface Continuation {
  /** Already holds what was said before the pause. */
  readonly answer: Answer;
  readonly request: ModelRequest;
}

/**
 * What goes on with a turn that the provider paused: the same request with what was said so far behind its messages, as
 * Anthropic's `pause_turn` wants it. It is no step of its own, so `maxSteps` does not count it.
 *
 * Undefined if the answer is not paused, and, with a warning on the answer, if it cannot go on.
 * Source: https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons#pause-turn
 *
 * @param request The turn's own request, not that of the part before.
 */
export function continuationOf(answer: Answer, request: ModelRequest): Continuation | undefined {
  if (answer.finishReason !== "pause") return undefined;
  const obstacle = obstacleOf(answer);
  if (obstacle !== undefined) {
    answer.warnings.push({
      code: "turn_paused",
      message: `The provider paused the turn, and it did not go on: ${obstacle}`,
    });
    return undefined;
  }
  const { message } = answer;
  const messages = message.content === "" ? request.messages : [...request.messages, message];
  // What comes is a part of an answer, and no value by itself.
  const context = request.context && { ...request.context, whyRefused: undefined };
  return { answer: new Answer(answer.modelId, answer), request: { ...request, messages, context } };
}

function obstacleOf(answer: Answer): string | undefined {
  if (answer.refusal !== undefined) return `The answer ${whyIncomplete(answer)}.`;
  // Their results would have to stand behind them, and they are not run.
  if (answer.hasCalls) return "It asks for tools, and calls of an answer that is not whole are not run.";
  if (!answer.keepsText) return "Its text was not kept ({ collect: false }), so it cannot be sent back.";
  if (answer.pauses >= mostPauses)
    return `It was paused ${answer.pauses + 1} times. Go on with response.resume(), or ask for less in one turn.`;
  return undefined;
}
