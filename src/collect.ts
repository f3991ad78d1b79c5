import { Answer } from "./answer.js";
import { continuationOf } from "./continuation.js";
import { StreamInterruptedError } from "./errors.js";
import type { Model, ModelRequest } from "./model.js";
import { bindCalls, CallResponse, type Origin } from "./response.js";

/**
 * Runs a request to its end, and the steps that follow from it. A plain answer goes the same way as a stream, so that
 * the two cannot differ.
 *
 * @throws What the model throws; StreamInterruptedError where it ends without a finish.
 */
export async function collect<T>(model: Model, origin: Origin): Promise<CallResponse<T>> {
  const answer = await readTurn(model, origin.request);
  const response = new CallResponse<T>(answer, await bindCalls(answer, origin), origin);
  const next = await origin.next(response);
  return next ? collect(model, next) : response;
}

/** One turn of the model, with all parts of it if the provider pauses it. */
async function readTurn(model: Model, turn: ModelRequest): Promise<Answer> {
  let answer = new Answer(model.id);
  let request = turn;
  for (;;) {
    for await (const event of model.run(request)) answer.add(event);
    if (answer.finishReason === undefined) throw endedWithoutFinish(model);
    const rest = continuationOf(answer, turn);
    if (!rest) return answer;
    ({ answer, request } = rest);
  }
}

export function endedWithoutFinish({ id }: Model): StreamInterruptedError {
  return new StreamInterruptedError(`The model ${id} ended without a finish.`);
}
