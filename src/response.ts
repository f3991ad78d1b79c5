import type { Answer, Metered, Warning } from "./answer.js";
import { brand } from "./brand.js";
import type { ToolCallPart } from "./content.js";
import { ConfigurationError, ToolArgumentsError, UnknownToolError } from "./errors.js";
import { whyIncomplete } from "./incomplete.js";
import { asMade, type Input, type Message, messagesOf, textKey } from "./message.js";
import type { FinishReason, ModelRequest, Source, ToolDefinition, Usage } from "./model.js";
import { own } from "./own.js";
import { costAt, costOf, type Price } from "./pricing.js";
import { describeIssues, memberNames, ownIssue } from "./schema/describe-issues.js";
import type { CallSettings } from "./settings.js";
import { runBindings } from "./tool/run.js";
import type { Binding, InvalidToolCall, Toolkit } from "./tool/toolkit.js";

declare module "./errors.js" {
  interface CarriedResponse extends CallResponse<any> {}
}

/** Where an answer comes from, and how it goes on. */
export interface Origin {
  readonly request: ModelRequest;
  readonly toolkit: Toolkit | undefined;
  /** The caller's signals. That of the request ends with it, and tools may be run later. */
  readonly signals: readonly AbortSignal[];
  /** The tool that stands for the call's value; it is never run. */
  readonly outputTool?: string | undefined;
  /** What the call's own model costs, where the caller said so. */
  readonly price?: { readonly provider: string; readonly price: Price } | undefined;
  /** The responses of the steps before. */
  readonly previous: readonly CallResponse<unknown>[];
  /** The next step, where tools were asked for and may run; undefined where this answer is the last. */
  next(response: CallResponse<unknown>): Promise<Origin | undefined>;
  /** Asks again, with these messages. */
  again(messages: readonly Message[], settings: CallSettings): Promise<CallResponse<unknown>>;
}

const known = brand<CallResponse<unknown>>("response");

/** A whole answer. */
export class CallResponse<T = never> {
  static {
    known.mark(CallResponse.prototype);
  }

  /** Recognises instances of any copy of the package, where `instanceof` sees only its own. */
  static isInstance(value: unknown): value is CallResponse<unknown> {
    return known.marks(value);
  }

  /** The whole text; empty where the model only asked for tools. */
  readonly content: string;
  /** What the model thought, where the provider shows it. */
  readonly reasoning: string;
  readonly refusal: string | undefined;
  /** The calls as the model made them, in order. */
  readonly toolCalls: readonly ToolCallPart[];
  /**
   * The valid calls, as instances of classes or calls of functions; what is not valid stands in `toolErrors`. Empty if the
   * answer is not whole: cut off at the token limit, filtered, refused or paused.
   */
  readonly tools: readonly T[];
  /** The calls that cannot be run, each with the reason; all calls of an answer that is not whole, as "incomplete". */
  readonly toolErrors: readonly InvalidToolCall[];
  /** The answer. */
  readonly message: Message;
  readonly finishReason: FinishReason;
  /** Tokens, of all parts of a turn that was paused; undefined if the provider did not say. */
  readonly usage: Usage | undefined;
  readonly id: string;
  /** The model as the provider names it. */
  readonly model: string;
  readonly provider: string;
  /** What to quote to the provider's support. */
  readonly requestId: string | undefined;
  /** The pages and documents that the answer cites, in order; empty if the provider named none. */
  readonly sources: readonly Source[];
  /** Whether the whole answer comes from a cache; its cost is then 0. */
  readonly cached: boolean;
  /** What was left out or changed: of the request to suit the provider, of the answer to read its value. */
  readonly warnings: readonly Warning[];
  /** The provider's body; undefined for a stream. */
  readonly raw: unknown;
  readonly #origin: Origin;
  readonly #bindings: readonly Binding[];
  readonly #metered: readonly Metered[];
  #results: Promise<Message[]> | undefined;

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
    this.sources = answer.sources;
    this.cached = answer.cached;
    this.warnings = answer.warnings;
    this.raw = answer.raw;
    this.#bindings = bindings;
    this.#metered = answer.metered;
    this.#origin = origin;
  }

  /**
   * The first of `tools`; undefined where the model asked for none.
   *
   * @throws ToolArgumentsError or UnknownToolError if calls were made and none is valid, or if the answer is not whole.
   */
  get tool(): T | undefined {
    const [invalid] = this.toolErrors;
    if (this.tools.length === 0 && invalid) throw toToolError(invalid, this.#origin.request.tools);
    return this.tools.at(0);
  }

  /** USD, of all steps; undefined where a price or a usage is unknown, 0 for an answer from a cache. */
  get cost(): number | undefined {
    const costs = this.steps.flatMap((step) => step.#costs());
    return costs.reduce((sum, cost) => (sum === undefined || cost === undefined ? undefined : sum + cost), 0);
  }

  /** With `maxSteps`: every response of the loop, this one last. */
  get steps(): readonly CallResponse<T>[] {
    return [...this.#origin.previous, this] as readonly CallResponse<T>[];
  }

  /** What was sent and the answer, ready to go on. */
  get messages(): readonly Message[] {
    return asMade([...this.#origin.request.messages, this.message]);
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
    const results = this.#run(this.#bindings, options);
    this.#results = results;
    // Tools that were aborted may be run again.
    results.catch(() => {
      if (this.#results === results) this.#results = undefined;
    });
    return results;
  }

  /**
   * Goes on: sends the results of the tools, running them if `runTools` has not, then `more`, and gives the next answer.
   *
   * @param more A user's text or messages; tool messages in it stand in for running those calls.
   * @param settings For this request only.
   * @throws ConfigurationError, before any request, for a system message in `more` (text from outside must not become
   * one; use `settings.system`) and for the result of a call that was not made.
   */
  async resume(more?: Input, settings: CallSettings = {}): Promise<CallResponse<T>> {
    const given = more === undefined ? [] : messagesOf(more);
    const answered = checkResumption(given, this.toolCalls);
    const results = await (this.#results ??
      this.#run(
        this.#bindings.filter((binding) => !answered.has(idOf(binding))),
        {},
      ));
    const wanted = results.filter((message) => !resultIds(message).some((id) => answered.has(id)));
    // Results stand right behind the calls that they answer.
    const sorted = [...given].sort((a, b) => Number(b.role === "tool") - Number(a.role === "tool"));
    const next = await this.#origin.again([...this.messages, ...wanted, ...sorted], settings);
    return next as CallResponse<T>;
  }

  #run(bindings: readonly Binding[], options: Parameters<CallResponse["runTools"]>[0] & {}): Promise<Message[]> {
    const { toolkit, signals } = this.#origin;
    const { signal, concurrency } = own(options);
    return runBindings(bindings, {
      signals: signal ? [signal] : signals,
      concurrency,
      messages: this.messages,
      names: toolkit?.names ?? [],
    });
  }

  /** One for each request; an answer that was not finished has one that is not known. */
  #costs(): readonly (number | undefined)[] {
    const { price } = this.#origin;
    if (this.#metered.length === 0) return [undefined];
    return this.#metered.map(({ provider, model, usage, cached }) =>
      cached
        ? 0
        : price && usage && price.provider === provider
          ? costAt(price.price, usage)
          : costOf(provider, model, usage),
    );
  }

  /** The text. */
  toString(): string {
    return this.content;
  }
}

function toToolError(
  { toolCall, reason, issues }: InvalidToolCall,
  tools: readonly ToolDefinition[] = [],
): ToolArgumentsError | UnknownToolError {
  const name = JSON.stringify(toolCall.name.slice(0, 100));
  if (reason === "unknown-tool")
    return new UnknownToolError(`The model asked for the tool ${name}, which this call does not offer.`, { toolCall });
  const schema = tools.find((tool) => tool.name === toolCall.name)?.schema;
  const words = describeIssues(issues, schema ? memberNames(schema) : new Set());
  const message =
    reason === "incomplete"
      ? `The model's call of the tool ${name} is not usable: ${words}`
      : `The model's arguments for the tool ${name} are not valid:\n${words}`;
  return new ToolArgumentsError(message, { toolCall, issues });
}

function idOf(binding: Binding): string {
  return ("tool" in binding ? binding.tool : binding.invalid).toolCall.id;
}

function resultIds({ content }: Message): string[] {
  return typeof content === "string" ? [] : content.flatMap((part) => (part.type === "tool-result" ? [part.id] : []));
}

/** The ids of the calls that `given` answers. */
function checkResumption(given: readonly Message[], toolCalls: readonly ToolCallPart[]): Set<string> {
  if (given.some(({ role }) => role === "system")) {
    throw new ConfigurationError(
      "resume() takes no system message, since text from outside must not become one. Pass it as settings.system.",
    );
  }
  const ids = given.flatMap(resultIds);
  const stranger = ids.find(
    (id, position) => !toolCalls.some((toolCall) => toolCall.id === id) || ids.indexOf(id) !== position,
  );
  if (stranger !== undefined) {
    throw new ConfigurationError(
      `resume() got a tool result for ${JSON.stringify(stranger.slice(0, 100))}, which the model did not ask for, or asked for once. Answer each id of toolCalls once.`,
    );
  }
  return new Set(ids);
}

/** Notes what was left out of an answer when it was read. */
export function addWarning(response: Pick<CallResponse<unknown>, "warnings">, warning: Warning): void {
  (response.warnings as Warning[]).push(warning);
}

/**
 * What the calls of an answer are, in their order, without the call that stands for the value. Of an answer that is not
 * whole no call is usable; without tools on offer, each is of an unknown tool.
 */
export async function bindCalls(answer: Answer, origin: Origin): Promise<readonly Binding[]> {
  if (!answer.hasCalls) return noBindings;
  const why = whyIncomplete(answer);
  if (why !== undefined) return unusableCalls(answer, origin, why);
  const { toolkit } = origin;
  const calls = callsOf(answer, origin);
  if (!toolkit) return calls.map((toolCall) => ({ invalid: { toolCall, reason: "unknown-tool", issues: [] } }));
  return Promise.all(calls.map((toolCall) => toolkit.bind(toolCall)));
}

/** @param why The rest of a sentence that begins with "The answer". */
export function unusableCalls(answer: Answer, origin: Origin, why: string): readonly Binding[] {
  const issues = [ownIssue({ message: `The answer ${why}, so this call was not run.` })];
  return callsOf(answer, origin).map((toolCall) => ({ invalid: { toolCall, reason: "incomplete", issues } }));
}

const noBindings: readonly Binding[] = [];

function callsOf({ toolCalls }: Answer, { outputTool }: Origin): ToolCallPart[] {
  return toolCalls.filter(({ name }) => name !== outputTool);
}
