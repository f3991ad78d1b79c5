import type { ToolCallPart } from "./content.js";
import type { Message } from "./message.js";
import type { JsonSchema } from "./schema/standard.js";

/** Tokens. Input counts all input, cached and cache-write tokens are parts of it; output includes reasoning. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedInputTokens: number;
  readonly cacheWriteTokens: number;
  /** Those of `cacheWriteTokens` that are kept for an hour, which cost more. Anthropic only; undefined if there are none. */
  readonly cacheWrite1hTokens?: number | undefined;
  readonly reasoningTokens: number;
  readonly totalTokens: number;
}

const usageMembers = [
  "inputTokens",
  "outputTokens",
  "cachedInputTokens",
  "cacheWriteTokens",
  "reasoningTokens",
  "totalTokens",
] satisfies readonly (keyof Usage)[];

/** Whether a value can be added to a sum: a number of at least 0 that is counted exactly. */
export function isAmount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER;
}

/** Whether a value is a usage that can be counted and priced; models of the caller's own may report anything. */
export function isUsage(value: unknown): value is Usage {
  if (typeof value !== "object" || value === null) return false;
  const counts = value as Record<string, unknown>;
  const { cacheWrite1hTokens = 0 } = counts;
  return usageMembers.every((name) => isAmount(counts[name])) && isAmount(cacheWrite1hTokens);
}

/** Tokens of several requests together; undefined if one of them is not known. */
export function sumUsage(usages: readonly (Usage | undefined)[]): Usage | undefined {
  return usages.reduce((sum, usage) => sum && usage && addUsage(sum, usage));
}

function addUsage(sum: Usage, usage: Usage): Usage {
  const total: Record<string, number | undefined> = { ...sum };
  for (const [name, count] of Object.entries(usage)) {
    // A count that no request told stays undefined.
    if (count !== undefined) total[name] = (total[name] ?? 0) + count;
  }
  return total as unknown as Usage;
}

/**
 * Why the model stopped. With "length" or "content-filter" the answer is not whole: its tool calls are not run and it makes
 * no value. "pause" is Anthropic's `pause_turn`: the provider interrupted a long turn, which goes on when it is sent back.
 */
export type FinishReason = "stop" | "length" | "tool-calls" | "content-filter" | "pause" | "unknown";

/** What an answer refers to: a page or document that the provider searched or was given. */
export interface Source {
  readonly url?: string | undefined;
  readonly title?: string | undefined;
  /** The passage that is cited. */
  readonly text?: string | undefined;
  /** The citation as the provider spells it. */
  readonly raw: unknown;
}

/** What most providers take. An option that is undefined is not sent; one that a provider lacks is dropped with a `warning` event. */
export interface Params {
  temperature?: number | undefined;
  /** @default the provider's; 4096 on Anthropic, whose API requires it */
  maxTokens?: number | undefined;
  topP?: number | undefined;
  topK?: number | undefined;
  stop?: readonly string[] | undefined;
  seed?: number | undefined;
  frequencyPenalty?: number | undefined;
  presencePenalty?: number | undefined;
  reasoningEffort?: "none" | "low" | "medium" | "high" | undefined;
  /** Fields for the request's body as the provider spells them; `model`, `messages` and `stream` cannot be replaced. */
  extraBody?: Readonly<Record<string, unknown>> | undefined;
  /** Further headers of the request. */
  headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * What a model says, in order. `more` is set where the next event came in the same chunk of the wire,
 * so that a stream can show both as one.
 */
export type ModelEvent = (
  | OpenEvent
  | { readonly type: "start"; readonly id: string; readonly model: string }
  | { readonly type: "text-delta"; readonly text: string }
  | { readonly type: "refusal-delta"; readonly text: string }
  | { readonly type: "reasoning-delta"; readonly text: string; readonly data?: unknown }
  | { readonly type: "tool-start"; readonly index: number; readonly id: string; readonly name: string }
  | { readonly type: "tool-delta"; readonly index: number; readonly arguments: string }
  | { readonly type: "tool-end"; readonly index: number }
  | { readonly type: "source"; readonly source: Source }
  /**
   * Deltas that lost a piece on the way: what came to `from` is `to` as a whole. `call` is the index of the call whose arguments these are.
   */
  | {
      readonly type: "correction";
      readonly target: "text" | "refusal" | "tool";
      readonly call?: number | undefined;
      readonly from: string;
      readonly to: string;
    }
  | { readonly type: "warning"; readonly code: string; readonly message: string }
  /** All output since "open" is void: another try or another model begins. */
  | { readonly type: "restart"; readonly error: unknown }
  | {
      readonly type: "finish";
      readonly reason: FinishReason;
      readonly usage?: Usage | undefined;
      readonly raw?: unknown;
      /** Whether the answer comes from a cache, so that it costs nothing. */
      readonly cached?: boolean | undefined;
    }
) & { readonly more?: true };

/** The response headers are here. Models that send no request leave it out. */
export interface OpenEvent {
  readonly type: "open";
  readonly provider: string;
  readonly requestId?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Milliseconds until the request went out: the wait for a free connection, or until a new one stood. Undefined where a
   * client or a fetch of your own carries it.
   */
  readonly queuedMs?: number | undefined;
}

/** Once output was handed on, a second run would show it twice. */
export function isOutput(event: ModelEvent): boolean {
  return event.type !== "open" && event.type !== "start" && event.type !== "warning";
}

/** Whether an event is the finish of an answer from a cache. */
export function isFromCache(event: ModelEvent): boolean {
  return event.type === "finish" && Object.hasOwn(event, "cached") && event.cached === true;
}

export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  readonly schema: JsonSchema;
  readonly strict: boolean;
}
export interface OutputDefinition {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly strict: boolean;
  /**
   * Whether a provider that cannot hold an answer to this schema may ask for it by a tool of this name. The arguments of its
   * call then come as the text of the answer.
   *
   * @default false: it throws a ConfigurationError
   */
  readonly byTool?: boolean | undefined;
}
/** What a tool that stands for the answer says of itself. */
export const outputToolDescription = "Gives the answer. Call it once, with the whole answer.";
export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

/** Milliseconds. In a stream, only output counts as an event; in a plain answer, any byte of its body. */
export interface Timeouts {
  /** Until the TCP and TLS handshake is done. @default 10_000 */
  connectMs?: number | undefined;
  /** From the hand-over to the transport to the first output, of each try; streams only. @default 300_000 */
  firstEventMs?: number | undefined;
  /**
   * Between two outputs of a stream, while the consumer waits; of a plain answer, between its headers and its end without a
   * byte, since the wait for the headers is the model's thinking.
   *
   * @default 300_000
   */
  idleMs?: number | undefined;
  /** For the whole call, with all its tries. @default 600_000 */
  totalMs?: number | undefined;
}

/** How large an answer may be. More is no answer of a model, and ends the call with an UnexpectedResponseError. */
export interface Limits {
  /** Bytes of one answer, uncompressed; of a stream, all of its events together. @default 268_435_456, which is 256 MiB */
  maxResponseBytes?: number | undefined;
  /** Characters of one server-sent event of a stream. @default 33_554_432 */
  maxEventChars?: number | undefined;
  /** Tool calls in one answer. @default 128 */
  maxToolCalls?: number | undefined;
}

export interface ModelRequest {
  readonly messages: readonly Message[];
  readonly tools?: readonly ToolDefinition[] | undefined;
  readonly toolChoice?: ToolChoice | undefined;
  readonly parallelToolCalls?: boolean | undefined;
  readonly output?: OutputDefinition | undefined;
  readonly params?: Params | undefined;
  readonly stream: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  readonly context?: CallContext | undefined;
}

/** A whole answer, as far as a call can refuse it. */
export interface CheckedAnswer {
  readonly content: string;
  readonly toolCalls: readonly ToolCallPart[];
  readonly finishReason: FinishReason;
  readonly refusal: string | undefined;
}

/** Shared by every layer of one call; a middleware that changes a request spreads it. */
export interface CallContext {
  /** When the call must be done, in milliseconds of `performance.now()`. */
  readonly deadline?: number | undefined;
  readonly timeouts?: Timeouts | undefined;
  readonly limits?: Limits | undefined;
  /** Names the retry that owns this call; others step aside. */
  readonly retriedBy?: symbol | undefined;
  /** Told why a try failed that is followed by another, so that a limit that stands above the retry heeds it. */
  readonly onRetry?: ((error: unknown) => void) | undefined;
  /** Waited for before another try is sent, until its signal aborts, so that a limit that stands above the retry counts it. */
  readonly beforeRetry?: ((signal: AbortSignal | undefined) => Promise<void>) | undefined;
  /** Told by the provider which address it asks. */
  readonly onEndpoint?: ((endpoint: string) => void) | undefined;
  /**
   * Called with "preparing" before a provider's SDK and transport are loaded, and with "sent" when the request is handed to
   * the transport; what lies between them counts as nobody's silence.
   */
  readonly onProgress?: ((step: "preparing" | "sent") => void) | undefined;
  /**
   * Why the call would refuse an answer, such as one that does not fit its `responseModel`; undefined if it would not. Caches
   * do not keep such an answer, and a `fallback` can ask another model.
   */
  readonly whyRefused?: ((answer: CheckedAnswer) => Promise<string | undefined>) | undefined;
  /** What tokens cost in USD by the price that was given for the call; undefined for other providers than its own. */
  readonly costOf?: ((provider: string, usage: Usage) => number | undefined) | undefined;
}

/** Anything that answers a request. Whatever changes how a model behaves is itself a Model. */
export interface Model {
  /** `provider/name`. */
  readonly id: string;
  run(request: ModelRequest): AsyncIterable<ModelEvent>;
}
/** Whether a value is a model: an object with an id and `run()`. */
export function isModel(value: unknown): value is Model {
  const { id, run } = (value ?? {}) as { readonly id?: unknown; readonly run?: unknown };
  return typeof id === "string" && typeof run === "function";
}
/** The part of a model's id before the first slash. */
export function providerOf({ id }: Pick<Model, "id">): string {
  return id.slice(0, Math.max(id.indexOf("/"), 0));
}
export type Middleware = (model: Model) => Model;
export type ModelRef = `${string}/${string}`;

/** What authenticates belongs to one reference, and is dropped when another takes over. */
export interface Access {
  /** @default the provider's environment variable, such as `OPENAI_API_KEY`; servers of one's own need none */
  apiKey?: string | undefined;
  /** @default `OPENAI_BASE_URL` or `ANTHROPIC_BASE_URL`, else the provider's own address */
  baseURL?: string | undefined;
  /** Your own instance of the vendor's SDK, also `AzureOpenAI` or `AnthropicBedrock`; the other options here are then its business. */
  client?: unknown;
  /** Carries the bytes instead of the built-in transport. */
  fetch?: typeof globalThis.fetch | undefined;
  /** The most connections to one origin; calls wait in order for one that is free. @default no limit */
  connections?: number | undefined;
  /** OpenAI and Azure only: Chat Completions, or the Responses API. @default "chat" */
  api?: "chat" | "responses" | undefined;
}
