import type { Answer, Warning } from "./answer.js";
import type { ToolCallPart } from "./content.js";
import { ToolArgumentsError, UnknownToolError } from "./errors.js";
import { type Message, textKey } from "./message.js";
import type { FinishReason, ModelRequest, Usage } from "./model.js";
import { costOf } from "./pricing.js";
import { formatIssues } from "./schema/validate.js";
import { runBindings } from "./tool/run.js";
import type { Binding, InvalidToolCall, Toolkit } from "./tool/toolkit.js";

declare module "./errors.js" {
  interface CarriedResponse extends CallResponse<any> {}
}

/** Where an answer came from, for what can be done with it later. */
export interface Origin {
  readonly request: ModelRequest;
  readonly toolkit: Toolkit | undefined;
}

/** A whole answer. */
export class CallResponse<T = never> {
  /** The whole text; empty where the model only asked for tools. */
  readonly content: string;
  /** What the model thought, where the provider shows it. */
  readonly reasoning: string;
  readonly refusal: string | undefined;
  /** The calls as the model made them, in order. */
  readonly toolCalls: readonly ToolCallPart[];
  /** The valid calls, as instances of classes or calls of functions; what is not valid stands in `toolErrors`. */
  readonly tools: readonly T[];
  readonly toolErrors: readonly InvalidToolCall[];
  /** The answer. */
  readonly message: Message;
  readonly finishReason: FinishReason;
  /** Tokens; undefined where the provider did not say. */
  readonly usage: Usage | undefined;
  readonly id: string;
  /** The model as the provider names it. */
  readonly model: string;
  readonly provider: string;
  /** What to quote to the provider's support. */
  readonly requestId: string | undefined;
  /** What was left out or changed to suit the provider. */
  readonly warnings: readonly Warning[];
  /** The provider's body; undefined for a stream. */
  readonly raw: unknown;
  readonly #origin: Origin;
  readonly #bindings: readonly Binding[];

  constructor(answer: Answer, bindings: readonly Binding[], origin: Origin) {
    this.content = answer.text;
    this.reasoning = answer.reasoning;
    this.refusal = answer.refusal;
    this.toolCalls = answer.toolCalls;
    this.tools = bindings.flatMap((binding) => ("tool" in binding ? [binding.tool as T] : []));
    this.toolErrors = bindings.flatMap((binding) => ("invalid" in binding ? [binding.invalid] : []));
    this.message = answer.message;
    this.finishReason = answer.finishReason ?? "unknown";
    this.usage = answer.usage;
    this.id = answer.id;
    this.model = answer.model;
    this.provider = answer.provider;
    this.requestId = answer.requestId;
    this.warnings = answer.warnings;
    this.raw = answer.raw;
    this.#bindings = bindings;
    this.#origin = origin;
  }

  /**
   * The first of `tools`; undefined where the model asked for none.
   *
   * @throws ToolArgumentsError or UnknownToolError where calls were made and none is valid.
   */
  get tool(): T | undefined {
    const [invalid] = this.toolErrors;
    if (this.tools.length === 0 && invalid) throw toToolError(invalid);
    return this.tools[0];
  }

  /** USD; undefined where the price or the usage is unknown. */
  get cost(): number | undefined {
    return costOf(this.provider, this.model, this.usage);
  }

  /** What was sent and the answer, ready to go on. */
  get messages(): readonly Message[] {
    return [...this.#origin.request.messages, this.message];
  }

  get [textKey](): string {
    return this.content;
  }

  /**
   * Runs the calls at the same time and gives one tool message for each, in their order. A tool that fails, and a call
   * that is not valid, gives an error result for the model to read.
   *
   * @param options.concurrency How many run at the same time. @default all
   * @throws AbortedError when the signal aborts; the tools see it as `context.signal`.
   */
  runTools(options: { signal?: AbortSignal | undefined; concurrency?: number | undefined } = {}): Promise<Message[]> {
    const { request, toolkit } = this.#origin;
    return runBindings(this.#bindings, {
      signal: options.signal ?? request.signal,
      concurrency: options.concurrency,
      messages: this.messages,
      names: toolkit?.names ?? [],
    });
  }

  /** The text. */
  toString(): string {
    return this.content;
  }
}

function toToolError({ toolCall, reason, issues }: InvalidToolCall): ToolArgumentsError | UnknownToolError {
  const name = JSON.stringify(toolCall.name.slice(0, 100));
  if (reason === "unknown-tool")
    return new UnknownToolError(`The model asked for the tool ${name}, which this call does not offer.`, { toolCall });
  return new ToolArgumentsError(`The model's arguments for the tool ${name} are not valid:\n${formatIssues(issues)}`, {
    toolCall,
    issues,
  });
}

/** What the calls of an answer are; a call without tools on offer is of an unknown tool. */
export function bindCalls(toolCalls: readonly ToolCallPart[], toolkit: Toolkit | undefined): Promise<Binding[]> {
  return Promise.all(toolCalls.map((toolCall) => bindCall(toolCall, toolkit)));
}

export async function bindCall(toolCall: ToolCallPart, toolkit: Toolkit | undefined): Promise<Binding> {
  return toolkit ? toolkit.bind(toolCall) : { invalid: { toolCall, reason: "unknown-tool", issues: [] } };
}
