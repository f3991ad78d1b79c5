import type { Preset } from "./preset.js";

const noPenalties = { frequencyPenalty: false, presencePenalty: false } as const;
const imagesOnly = { audio: false, documents: false } as const;

/** Services of others, each with what its own pages or SDK say. */
export const hostedPresets: readonly Preset[] = [
  {
    // https://huggingface.co/docs/inference-providers/tasks/chat-completion: no top_k, no parallel_tool_calls, and
    // content of text and image_url only.
    provider: "huggingface",
    baseURL: "https://router.huggingface.co/v1",
    apiKeyEnv: "HF_TOKEN",
    quirks: { fields: { parallelToolCalls: false }, strictTools: false, ...imagesOnly },
  },
  {
    // DigitalOcean's serverless inference. https://github.com/digitalocean/gradient-python, chat/completion_create_params:
    // no seed, response_format, parallel_tool_calls or reasoning_effort, and functions without `strict`.
    provider: "gradient",
    baseURL: "https://inference.do-ai.run/v1",
    apiKeyEnv: "GRADIENT_MODEL_ACCESS_KEY",
    quirks: {
      fields: { maxTokens: "max_completion_tokens", seed: false, reasoningEffort: false, parallelToolCalls: false },
      strictTools: false,
      schemas: false,
      ...imagesOnly,
    },
  },
  {
    // https://console.groq.com/docs/api-reference#chat-create: max_tokens is deprecated, and penalties are "not yet
    // supported by any of our models". The usage of a stream comes unasked, as x_groq.usage in the last chunk.
    provider: "groq",
    baseURL: "https://api.groq.com/openai/v1",
    apiKeyEnv: "GROQ_API_KEY",
    quirks: {
      fields: { maxTokens: "max_completion_tokens", ...noPenalties },
      streamOptions: false,
      ...imagesOnly,
      reasoningBack: "reasoning",
    },
  },
  {
    // https://docs.mistral.ai/api: random_seed, and reasoning_effort none or high. Refused are stream_options
    // (https://github.com/dnakov/anon-kode/issues/53; the usage comes unasked) and ids of tool calls that are not
    // 9 letters and digits (https://github.com/langchain-ai/langchain/pull/24668). Reasoning is `thinking` in a list of
    // content: https://docs.mistral.ai/capabilities/reasoning; sound: https://docs.mistral.ai/capabilities/audio. Refused
    // are a user message behind tool results (https://github.com/NousResearch/hermes-agent/issues/20154), a system message behind
    // an answer, and a last message of the assistant without `prefix` (https://github.com/0xPlaygrounds/rig/pull/1130):
    // https://github.com/mistralai/mistral-common/blob/main/src/mistral_common/protocol/instruct/validator.py
    provider: "mistral",
    baseURL: "https://api.mistral.ai/v1",
    apiKeyEnv: "MISTRAL_API_KEY",
    quirks: {
      fields: { seed: "random_seed" },
      efforts: ["none", "high"],
      streamOptions: false,
      toolIds: "9-alphanumeric",
      userAfterResults: false,
      systemAnywhere: false,
      prefill: "prefix",
      audio: "base64",
      documents: "document_url",
      reasoningBack: "thinking",
    },
  },
  {
    // https://api-docs.deepseek.com/api/create-chat-completion: max_tokens, no seed, and json_object as the one format.
    // https://api-docs.deepseek.com/guides/thinking_mode: `thinking`, and reasoning_content must come back with tools.
    // Strict tools are for another address: https://api-docs.deepseek.com/guides/function_calling
    provider: "deepseek",
    baseURL: "https://api.deepseek.com/v1",
    apiKeyEnv: "DEEPSEEK_API_KEY",
    quirks: {
      fields: { seed: false, parallelToolCalls: false },
      effort: "thinking",
      strictTools: false,
      schemas: false,
      images: false,
      ...imagesOnly,
      plainContent: true,
      reasoningBack: "reasoning_content",
    },
  },
  {
    // https://docs.x.ai/docs/api-reference#chat-completions: max_tokens is deprecated. All models refuse the penalties:
    // https://docs.x.ai/docs/guides/reasoning and https://github.com/n8n-io/n8n/issues/14581
    // https://docs.x.ai/docs/guides/reasoning#consumption-and-rate-limits: completion_tokens leave reasoning out.
    // Images: https://docs.x.ai/docs/guides/image-understanding
    provider: "xai",
    baseURL: "https://api.x.ai/v1",
    apiKeyEnv: "XAI_API_KEY",
    quirks: {
      fields: { maxTokens: "max_completion_tokens", ...noPenalties },
      imageTypes: ["image/jpeg", "image/png"],
      ...imagesOnly,
      reasoningInTotal: true,
    },
  },
  {
    // https://docs.together.ai/reference/chat-completions-1: max_tokens and top_k, no parallel_tool_calls, functions
    // without `strict`. Some models tell the usage of a stream only when asked: https://github.com/vercel/ai/pull/17986
    provider: "together",
    baseURL: "https://api.together.xyz/v1",
    apiKeyEnv: "TOGETHER_API_KEY",
    quirks: { fields: { topK: "top_k", parallelToolCalls: false }, strictTools: false, ...imagesOnly },
  },
  {
    // https://openrouter.ai/docs/api-reference/parameters; `reasoning` in and out:
    // https://openrouter.ai/docs/use-cases/reasoning-tokens; links to PDFs: https://openrouter.ai/docs/features/multimodal/pdfs
    provider: "openrouter",
    baseURL: "https://openrouter.ai/api/v1",
    apiKeyEnv: "OPENROUTER_API_KEY",
    quirks: {
      fields: { topK: "top_k", reasoningEffort: "reasoning" },
      effort: "object",
      documents: "links",
      reasoningBack: "reasoning",
    },
  },
  {
    // https://ai.google.dev/gemini-api/docs/openai and https://ai.google.dev/api/compatibility list the fields; unknown
    // ones are refused, such as seed and the penalties: https://github.com/Vali-98/ChatterUI/issues/227. Its `extra_body.google`
    // has thinking_config and cached_content, and no place for them either. Gemini 3 refuses calls that it has not signed,
    // unless they say so: https://ai.google.dev/gemini-api/docs/thought-signatures
    // Images: https://ai.google.dev/gemini-api/docs/image-understanding
    provider: "google",
    baseURL: "https://generativelanguage.googleapis.com/v1beta/openai",
    apiKeyEnv: "GEMINI_API_KEY",
    foreignCalls: {
      models: /^(models\/)?gemini-([3-9]|[1-9]\d)/,
      extra: { google: { thought_signature: "skip_thought_signature_validator" } },
    },
    quirks: {
      fields: { maxTokens: "max_completion_tokens", seed: false, parallelToolCalls: false, ...noPenalties },
      imageTypes: ["image/png", "image/jpeg", "image/webp", "image/heic", "image/heif"],
      documents: false,
      reasoningInTotal: true,
    },
  },
];
