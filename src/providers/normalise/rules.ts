import type { Message } from "../../message.js";
import type { Preset } from "../presets/preset.js";

/** What a wire takes of a conversation, as data. */
export interface WireRules {
  /** The provider, for messages and for the origin of reasoning. */
  readonly provider: string;
  /** The ids of tool calls that it takes. Others are replaced by nine letters and digits. */
  readonly callIds: RegExp;
  /** The longest name of a tool; letters, digits, _ and - are taken everywhere. */
  readonly longestToolName: number;
  /** What reasoning needs to go back: a signature, encrypted content, or nothing but its text. */
  readonly reasoning: "signed" | "encrypted" | "text";
  /** Whether results hold other parts than text; if not, those follow as the user's. */
  readonly partsInResults: boolean;
  /** Whether system messages can stand behind the first turn; if not, they become marked user messages. */
  readonly systemAnywhere: boolean;
  /** Whether text of nothing but white space is refused, and so is white space at the end of a last assistant message. */
  readonly refusesBlankText: boolean;
  /** How many cache points it takes. */
  readonly cachePoints: number;
  /** Whether the first turn must be the user's. */
  readonly userFirst: boolean;
  /** Whether a user message may stand right behind tool results. */
  readonly userAfterResults: boolean;
}

/** What every step of the pass works with. */
export interface Pass {
  readonly rules: WireRules;
  warn(code: string, message: string): void;
}

/** One step of the pass. It returns the same list if it has nothing to do, and never changes a message. */
export type Step = (messages: readonly Message[], pass: Pass) => readonly Message[];

/**
 * Anthropic's Messages, with the pattern of its ids in https://github.com/BerriAI/litellm/pull/34523 and Bedrock's limit of 64
 * characters in https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolUseBlock.html; cache points:
 * https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching
 */
export const anthropicRules: WireRules = {
  provider: "anthropic",
  callIds: /^[a-zA-Z0-9_-]{1,64}$/,
  longestToolName: 128,
  reasoning: "signed",
  partsInResults: true,
  systemAnywhere: false,
  refusesBlankText: true,
  cachePoints: 4,
  userFirst: true,
  userAfterResults: true,
};

/** OpenAI's Responses, where a `call_id` has at most 64 characters: https://platform.openai.com/docs/api-reference/responses/create */
export function responsesRules(provider: string): WireRules {
  return {
    provider,
    callIds: /^[!-~]{1,64}$/,
    longestToolName: 64,
    reasoning: "encrypted",
    partsInResults: true,
    systemAnywhere: true,
    refusesBlankText: false,
    cachePoints: 0,
    userFirst: false,
    userAfterResults: true,
  };
}

/**
 * Chat Completions. OpenAI takes ids of at most 40 characters (https://github.com/agno-agi/agno/issues/5382). Within that, an
 * id stays as it is: Kimi reads its own (https://github.com/BerriAI/litellm/pull/34523).
 */
export function chatRules({ provider, quirks }: Preset): WireRules {
  return {
    provider,
    callIds: quirks.toolIds === "9-alphanumeric" ? /^[a-zA-Z0-9]{9}$/ : /^[!-~]{1,40}$/,
    longestToolName: 64,
    reasoning: "text",
    partsInResults: false,
    systemAnywhere: quirks.systemAnywhere !== false,
    refusesBlankText: false,
    cachePoints: 0,
    userFirst: false,
    userAfterResults: quirks.userAfterResults !== false,
  };
}
