/** The options of a request that one server spells in its own way and another lacks. */
export type ChatOption =
  | "temperature"
  | "maxTokens"
  | "topP"
  | "topK"
  | "stop"
  | "seed"
  | "frequencyPenalty"
  | "presencePenalty"
  | "reasoningEffort"
  | "toolChoice"
  | "parallelToolCalls";

/** Where a server that speaks OpenAI's Chat Completions differs from most others. */
export interface ChatQuirks {
  /**
   * The field of the body for an option, or false where the server has none; the option is then left out, with a warning.
   *
   * @default OpenAI's names, with `max_tokens` for maxTokens and no field for topK
   */
  readonly fields?: Readonly<Partial<Record<ChatOption, string | false>>> | undefined;
  /**
   * How reasoning effort is written: as a word; as `{ effort }`; or as the word beside `thinking`, which "none" turns off.
   *
   * @default "word"
   */
  readonly effort?: "word" | "object" | "thinking" | undefined;
  /** The efforts that it knows. @default all */
  readonly efforts?: readonly string[] | undefined;
  /** Whether a stream is asked for its usage; false for a server that refuses to be asked and tells it anyway. @default true */
  readonly streamOptions?: boolean | undefined;
  /** Whether it takes tools. @default true */
  readonly tools?: boolean | undefined;
  /** Whether a tool can be `strict`; left out, with a warning, where not. @default true */
  readonly strictTools?: boolean | undefined;
  /** Whether one tool can be forced by its name; where not, only that one is offered and a call is required. @default true */
  readonly namedToolChoice?: boolean | undefined;
  /** Which ids of tool calls it takes. Others are turned into such ids, each always into the same. @default "any" */
  readonly toolIds?: "any" | "9-alphanumeric" | undefined;
  /** Whether a user message may stand right behind the results of tools; if not, an assistant message is added between. @default true */
  readonly userAfterResults?: boolean | undefined;
  /** Whether a system message may stand behind the first turn; if not, it becomes a marked user message. @default true */
  readonly systemAnywhere?: boolean | undefined;
  /** How a last message of the assistant, from which the model goes on, is marked: with `prefix: true`. @default not at all */
  readonly prefill?: "prefix" | undefined;
  /** Whether it can hold an answer to a JSON Schema by itself. @default true */
  readonly schemas?: boolean | undefined;
  /** Whether images may be links, must be bytes, or are not taken. @default "links" */
  readonly images?: "links" | "bytes" | false | undefined;
  /** The media types of images that it takes. @default all */
  readonly imageTypes?: readonly string[] | undefined;
  /** Whether sound is written as `{ data, format }`, as base64 alone, or is not taken. @default "object" */
  readonly audio?: "object" | "base64" | false | undefined;
  /**
   * Whether documents are PDFs in bytes, files of any type that may be links, or a `document_url`; or are not taken.
   * Documents of text are sent as text.
   *
   * @default "bytes"
   */
  readonly documents?: "bytes" | "links" | "document_url" | false | undefined;
  /** Whether the content of a message must be a string. @default false */
  readonly plainContent?: boolean | undefined;
  /**
   * Where the reasoning of earlier answers goes back: into a field of the message, or into its content as `thinking`.
   *
   * @default it does not
   */
  readonly reasoningBack?: "reasoning" | "reasoning_content" | "thinking" | undefined;
  /** Whether the tokens of reasoning are counted in `total_tokens` alone and not in `completion_tokens`. @default false */
  readonly reasoningInTotal?: boolean | undefined;
}

/** A server that speaks OpenAI's Chat Completions. */
export interface Preset {
  /** What stands before the slash of a reference. */
  readonly provider: string;
  /** Its address; undefined where everyone has one of their own. */
  readonly baseURL: string | undefined;
  /** The path that an address of a host alone is completed with. @default that of `baseURL` */
  readonly path?: string | undefined;
  /** The environment variable that holds an address instead. */
  readonly baseUrlEnv?: string | undefined;
  /** The environment variable that holds the key; undefined where none is needed. */
  readonly apiKeyEnv: string | undefined;
  /** The header for the key. @default "authorization", as a bearer */
  readonly keyHeader?: string | undefined;
  /** Whether it is OpenAI itself, which organisation, project and extra headers in OpenAI's environment variables are meant for. */
  readonly isOpenai?: boolean | undefined;
  /** Whether it has the Responses API too. @default false */
  readonly responses?: boolean | undefined;
  /** What stands beside the first of an answer's tool calls if other servers made them, for models that refuse calls without. */
  readonly foreignCalls?: { readonly models: RegExp; readonly extra: unknown } | undefined;
  readonly quirks: ChatQuirks;
}
