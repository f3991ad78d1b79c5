import { dropPromise } from "../drop-promise.js";
import { AbortedError, FallbackError } from "../errors.js";
import { isOutput, type Middleware, type Model, type ModelRef, type ModelRequest, providerOf } from "../model.js";
import { resolveModel } from "../providers/registry.js";
import { messageOf } from "../tool/result.js";
import { retry } from "./retry.js";
import { isCallOver } from "./retrying.js";

/**
 * Asks the next model where one fails. In mid-stream it says so with a `restart` event, shown as `chunk.restarted`, and
 * the next model begins anew; once a tool was handed out, it no longer changes models.
 *
 * Headers that were given for the first model do not go along to another, and neither do its key and address.
 *
 * @param models References or models, asked in this order; a reference takes its key from the environment.
 * @throws FallbackError with the error of each where all fail; AbortedError, and the TimeoutError of the call's total, at once.
 */
export function fallback(...models: readonly (ModelRef | Model)[]): Middleware {
  // Looked up now, so that a misspelt reference is found before the day on which it is needed.
  const others = models.map((model) => (typeof model === "string" ? retry()(resolveModel(model)) : model));

  return (first) => ({
    id: first.id,
    async *run(request) {
      const errors: unknown[] = [];
      let shown = false;
      for (const model of [first, ...others]) {
        let toolShown = false;
        let opened = model === first;
        if (shown) yield { type: "restart", error: errors.at(-1) };
        try {
          for await (const event of dropPromise(model.run(model === first ? request : withoutHeaders(request)))) {
            // A model without an opening of its own must not pass for the one that failed.
            if (!opened && event.type !== "open") yield { type: "open", provider: providerOf(model), headers: {} };
            opened = true;
            shown ||= isOutput(event);
            toolShown ||= event.type === "tool-end";
            yield event;
          }
          return;
        } catch (error) {
          // Where nobody waits any more, another model could not help.
          if (toolShown || error instanceof AbortedError || isCallOver(error, request)) throw error;
          errors.push(error);
        }
      }
      const tried = [first, ...others].map(({ id }, index) => `${id}: ${messageOf(errors[index])}`);
      throw new FallbackError(`All ${tried.length} models failed. ${tried.join(" | ")}`, { errors });
    },
  });
}

function withoutHeaders(request: ModelRequest): ModelRequest {
  return { ...request, params: { ...request.params, headers: undefined } };
}
