// OpenAI's wire types, written out so that callers need no vendor's package; assignable to the package's own.
// Source: https://platform.openai.com/docs/api-reference/chat

export type WireFinishReason = "stop" | "length" | "tool_calls" | "content_filter";

export interface WireUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: { cached_tokens?: number };
  completion_tokens_details?: { reasoning_tokens?: number };
}

export interface ChatCompletion {
  id: string;
  object: "chat.completion";
  /** Unix time in seconds. */
  created: number;
  model: string;
  choices: {
    index: number;
    message: {
      role: "assistant";
      content: string | null;
      refusal: string | null;
      tool_calls?: {
        id: string;
        type: "function";
        function: { name: string; arguments: string };
        /** What the provider wants back with the call, such as Google's signature. */
        extra_content?: unknown;
      }[];
      /** What OpenRouter wants back with the answer. */
      reasoning_details?: unknown[];
    };
    finish_reason: WireFinishReason;
    logprobs: null;
  }[];
  usage?: WireUsage;
}

export interface ChatCompletionChunk {
  id: string;
  object: "chat.completion.chunk";
  /** Unix time in seconds. */
  created: number;
  model: string;
  choices: {
    index: number;
    delta: {
      role?: "assistant";
      content?: string | null;
      refusal?: string | null;
      tool_calls?: {
        index: number;
        id?: string;
        type?: "function";
        function?: { name?: string; arguments?: string };
        extra_content?: unknown;
      }[];
      reasoning_details?: unknown[];
    };
    finish_reason: WireFinishReason | null;
  }[];
  usage?: WireUsage | null;
}
