import { Answer } from "./answer.js";
import { StreamInterruptedError } from "./errors.js";
import type { Model } from "./model.js";
import { bindCall, CallResponse, type Origin } from "./response.js";

/**
 * Runs a request to its end, and the steps that follow from it. A plain answer goes the same way as a stream, so that
 * the two cannot differ.
 *
 * @throws What the model throws; StreamInterruptedError where it ends without a finish.
 */
export async function collect<T>(model: Model, origin: Origin): Promise<CallResponse<T>> {
  const response = await collectStep<T>(model, origin);
  const next = await origin.next(response);
  return next ? collect(model, next) : response;
}

async function collectStep<T>(model: Model, origin: Origin): Promise<CallResponse<T>> {
  const answer = new Answer(model.id);
  for await (const event of model.run(origin.request)) answer.add(event);
  if (answer.finishReason === undefined) {
    throw new StreamInterruptedError(`The model ${model.id} ended without a finish.`);
  }
  const bindings = await Promise.all(answer.toolCalls.map((toolCall) => bindCall(toolCall, origin)));
  return new CallResponse<T>(
    answer,
    bindings.filter((binding) => binding !== undefined),
    origin,
  );
}
