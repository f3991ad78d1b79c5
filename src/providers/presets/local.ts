import type { Preset } from "./preset.js";

/** Servers of one's own; none asks for a key. */
export const localPresets: readonly Preset[] = [
  {
    // https://docs.ollama.com/api/openai-compatibility lists the fields; images as data only, and no tool_choice.
    provider: "ollama",
    baseURL: "http://localhost:11434/v1",
    apiKeyEnv: undefined,
    quirks: {
      fields: { toolChoice: false, parallelToolCalls: false },
      strictTools: false,
      namedToolChoice: false,
      images: "bytes",
      audio: false,
      documents: false,
      reasoningBack: "reasoning",
    },
  },
  {
    // https://lmstudio.ai/docs/developer/openai-compat/chat-completions lists the fields. A tool_choice that is an object
    // is refused: https://github.com/lmstudio-ai/lmstudio-bug-tracker/issues/670
    provider: "lmstudio",
    baseURL: "http://localhost:1234/v1",
    apiKeyEnv: undefined,
    quirks: {
      fields: { topK: "top_k", reasoningEffort: false, parallelToolCalls: false },
      strictTools: false,
      namedToolChoice: false,
      images: "bytes",
      audio: false,
      documents: false,
    },
  },
  {
    // https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html: top_k is one of its extra parameters.
    // Older releases do not know max_completion_tokens. https://github.com/vllm-project/vllm/pull/27752: `reasoning`.
    provider: "vllm",
    baseURL: "http://localhost:8000/v1",
    apiKeyEnv: undefined,
    quirks: { fields: { topK: "top_k" }, documents: false, reasoningBack: "reasoning" },
  },
];
