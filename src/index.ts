/// <reference lib="esnext.disposable" preserve="true" />

export { type Allowed, type CallResult, call } from "./call/call.js";
export { type LanguageModel, type ModelOptions, model } from "./call/language-model.js";
export type { CallOptions } from "./call/options.js";
export { override } from "./call/override.js";
export { anthropic, openai, type Provider } from "./call/provider.js";
export type { StreamPromise } from "./call/stream-promise.js";
export { warmUp } from "./call/warm-up.js";
export { CallChunk, type ToolDelta } from "./chunk.js";
export {
  type AudioPart,
  audio,
  type CachePoint,
  cachePoint,
  type DocumentPart,
  document,
  type ImagePart,
  image,
  type Part,
  type ReasoningPart,
  type TextPart,
  type ToolCallPart,
  type ToolResultPart,
  text,
  type Untrusted,
  untrusted,
} from "./content.js";
export {
  AbortedError,
  AuthenticationError,
  BadRequestError,
  BudgetExceededError,
  CallwrightError,
  CircuitOpenError,
  ConfigurationError,
  ConnectionError,
  FallbackError,
  NotCalledError,
  NotFoundError,
  OverloadedError,
  ProviderError,
  QuotaError,
  RateLimitError,
  RefusalError,
  ResponseValidationError,
  ServerError,
  StreamConsumedError,
  StreamInterruptedError,
  TemplateError,
  TimeoutError,
  ToolArgumentsError,
  ToolError,
  ToolLoopError,
  UnexpectedResponseError,
  UnknownToolError,
  UnsupportedProviderError,
} from "./errors.js";
export { field } from "./fields.js";
export { completion } from "./gateway/completion.js";
export type { CompletionRequest } from "./gateway/request.js";
export type { ChatCompletion, ChatCompletionChunk } from "./gateway/wire.js";
export { assistant, type Content, type Input, type Message, system, user } from "./message.js";
export type {
  Access,
  CallContext,
  FinishReason,
  Limits,
  Middleware,
  Model,
  ModelEvent,
  ModelRef,
  ModelRequest,
  OutputDefinition,
  Params,
  Source,
  Timeouts,
  ToolChoice,
  ToolDefinition,
  Usage,
} from "./model.js";
export type { OutputMode } from "./output/output.js";
export { type DeepPartial, OutputStream } from "./output/stream.js";
export { responseOf } from "./output/value.js";
export { type Outcome, type ParallelOptions, parallel } from "./parallel.js";
export type { Price } from "./pricing.js";
export { BasePrompt } from "./prompt/base-prompt.js";
export type { CallDecorator } from "./prompt/call-decorator.js";
export { type DynamicConfig, Prompt } from "./prompt/prompt.js";
export { prompt } from "./prompt/tag.js";
export { promptTemplate, type TemplateDecorator } from "./prompt/template.js";
export type { PromptValue } from "./prompt/value.js";
export type { ProviderEndpoint } from "./providers/presets/custom.js";
export type { ChatOption, ChatQuirks } from "./providers/presets/preset.js";
export { type ProviderFactory, registerProvider } from "./providers/registry.js";
export { type Budget, type BudgetLimit, budget } from "./resilience/budget.js";
export { type CacheOptions, cache } from "./resilience/cache.js";
export { type CircuitBreakerOptions, circuitBreaker } from "./resilience/circuit-breaker.js";
export { type FallbackOptions, type FallbackOutcome, fallback } from "./resilience/fallback.js";
export type { CacheStore } from "./resilience/memory-store.js";
export { type RateLimitOptions, rateLimit } from "./resilience/rate-limit.js";
export { type RetryOptions, retry } from "./resilience/retry.js";
export { timeout } from "./resilience/timeout.js";
export { CallResponse } from "./response.js";
export type { JsonSchema, Schema, Shape } from "./schema/standard.js";
export type { SessionOptions, TurnSettings } from "./session/options.js";
export { Session } from "./session/session.js";
export type { CallSettings } from "./settings.js";
export { CallStream } from "./stream.js";
export type { CheckTemplate, TemplateVars } from "./template/types.js";
export { BaseTool, type ToolContext } from "./tool/base-tool.js";
export type { FunctionTool, FunctionToolCall, ToolLike, ToolOf } from "./tool/function-tool.js";
export { type NoArguments, type ToolDecorator, type ToolOptions, tool, toolsOf } from "./tool/tool.js";
export type { InvalidToolCall } from "./tool/toolkit.js";
