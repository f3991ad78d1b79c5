import type { CallDecorator } from "../prompt/call-decorator.js";
import type { CallResponse } from "../response.js";
import { type Allowed, type CallResult, call } from "./call.js";
import type { CallOptions } from "./options.js";

/** `call` with the provider said once. */
export interface Provider {
  call(model: string): CallDecorator<CallResponse>;
  call<const O extends CallOptions>(model: string, options: O & Allowed<O>): CallDecorator<CallResult<O>>;
}

/** `openai.call("gpt-4o-mini")` is `call("openai/gpt-4o-mini")`. */
export const openai: Provider = providerOf("openai");

/** `anthropic.call("claude-…")` is `call("anthropic/claude-…")`. */
export const anthropic: Provider = providerOf("anthropic");

function providerOf(name: string): Provider {
  return { call: (model: string, options: CallOptions = {}) => call(`${name}/${model}`, options) as never };
}
