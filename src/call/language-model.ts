import { markBounded } from "../foreign-model.js";
import { type Input, type Message, messagesOf } from "../message.js";
import type { Access, Middleware, Model, ModelRef, ModelRequest } from "../model.js";
import type { CallResponse } from "../response.js";
import { type CallSettings, type Layer, layerOfModel, overlay } from "../settings.js";
import { converse, converseStreamed } from "./conversation.js";
import { setupFor, toSetup } from "./setup.js";
import { type StreamPromise, streamPromise } from "./stream-promise.js";

export interface ModelOptions extends CallSettings, Access {
  /** What changes how the model behaves, outermost first. */
  use?: readonly Middleware[] | undefined;
}

/** A model with hands. It can stand wherever a model can, and brings its options along. */
export interface LanguageModel extends Model, AsyncDisposable {
  /** Asks one question. @throws The provider's failure, as one of the classes that extend CallwrightError. */
  complete(prompt: string, settings?: CallSettings): Promise<CallResponse>;
  /** Goes on with a conversation. @throws As `complete`. */
  chat(messages: readonly Message[], settings?: CallSettings): Promise<CallResponse>;
  /** The same as a stream, which may be awaited (that throws what the provider refuses) or iterated at once. */
  stream(input: Input, settings?: CallSettings): StreamPromise;
  /** The same model with further options; this one stays as it is. */
  with(options: ModelOptions): LanguageModel;
  /** Closes the connections of this model's endpoint and key. Calls under way are finished first. */
  close(): Promise<void>;
}

/**
 * A model from a reference `provider/name`, or from another model, with options for all that is asked of it.
 *
 * @throws ConfigurationError where an option is out of range; UnsupportedProviderError.
 */
export function model(reference: ModelRef | Model, options: ModelOptions = {}): LanguageModel {
  return fromLayer(overlay({}, { ...options, model: reference }));
}

function fromLayer(layer: Layer): LanguageModel {
  const setup = toSetup(layer);
  const { model: inner, params, timeouts, limits } = setup;
  const lead = { maxSteps: 1 };
  const ask = (input: Input, settings?: CallSettings) =>
    converse<never>(setupFor(setup, settings), messagesOf(input), lead);

  const languageModel: LanguageModel = markBounded({
    id: inner.id,
    // As a part of another model it answers with its parameters where the request has none of its own.
    run: (request: ModelRequest) =>
      inner.run({
        ...request,
        params: { ...params, ...request.params },
        context: {
          ...request.context,
          timeouts: { ...timeouts, ...request.context?.timeouts },
          limits: { ...limits, ...request.context?.limits },
        },
      }),
    complete: ask,
    chat: ask,
    stream: (input, settings) =>
      streamPromise(async (signal) =>
        converseStreamed<never>(setupFor(setup, settings), messagesOf(input), { ...lead, signal }),
      ),
    with: (options) => fromLayer(overlay(layer, options)),
    close: () => setup.close(),
    [Symbol.asyncDispose]: () => setup.close(),
  });
  layerOfModel.set(languageModel, layer);
  return languageModel;
}
