import type { CallDecorator } from "../prompt/call-decorator.js";
import type { CallResponse } from "../response.js";
import { type Allowed, type CallResult, call } from "./call.js";
import { type LanguageModel, type ModelOptions, model } from "./language-model.js";
import type { CallOptions } from "./options.js";

/** `call` with the provider said once. */
export interface Provider {
  call(model: string): CallDecorator<CallResponse>;
  call<const O extends CallOptions>(model: string, options: O & Allowed<O>): CallDecorator<CallResult<O>>;
  /** `openai.model("gpt-4o-mini")` is `model("openai/gpt-4o-mini")`. */
  model(name: string, options?: ModelOptions): LanguageModel;
}

/** `openai.call("gpt-4o-mini")` is `call("openai/gpt-4o-mini")`. */
export const openai: Provider = providerOf("openai");

/** `anthropic.call("claude-…")` is `call("anthropic/claude-…")`. */
export const anthropic: Provider = providerOf("anthropic");

function providerOf(name: string): Provider {
  return {
    call: (reference: string, options: CallOptions = {}) => call(`${name}/${reference}`, options) as never,
    model: (reference, options) => model(`${name}/${reference}`, options),
  };
}
