import { Answer } from "./answer.js";
import { brand } from "./brand.js";
import { CallChunk, Draft } from "./chunk.js";
import { attachPartial, StreamConsumedError, StreamInterruptedError } from "./errors.js";
import type { Message } from "./message.js";
import type { FinishReason, Model, ModelEvent, Usage } from "./model.js";
import { own } from "./own.js";
import { bindCall, CallResponse, type Origin } from "./response.js";
import type { Binding, InvalidToolCall } from "./tool/toolkit.js";
import { abortedBy } from "./wait.js";

type Tuple<T> = [chunk: CallChunk, tool: T | undefined];
type Step<T> = IteratorResult<Tuple<T>, undefined>;

/** What ends a stream from outside: its own signal, and the listener on the caller's. */
export interface StreamControls {
  readonly controller: AbortController;
  readonly unlink: () => void;
  /** Hears of the end: with the whole answer, or with nothing where the stream broke or was left. */
  readonly onEnd?: ((response: CallResponse<unknown> | undefined) => void) | undefined;
}

/** A stream that nobody can read any more must not keep its connection. Whoever ends it in time unregisters the controls. */
export const dropped = new FinalizationRegistry<StreamControls>(({ controller, unlink, onEnd }) => {
  unlink();
  onEnd?.(undefined);
  controller.abort(new Error("The stream was dropped."));
});

/** Sends the request; resolves when the provider has begun to answer, so that its refusal is thrown here. */
export let openStream: <T>(model: Model, origin: Origin, controls: StreamControls) => Promise<CallStream<T>>;

const known = brand<CallStream<unknown>>("stream");

/** An answer as it comes: tuples of a chunk and, with the chunk that completes it, a tool. It can be iterated once. */
export class CallStream<T = never> implements AsyncIterable<Tuple<T>>, AsyncDisposable {
  static {
    known.mark(CallStream.prototype);
  }

  /** Recognises instances of any copy of the package, where `instanceof` sees only its own. */
  static isInstance(value: unknown): value is CallStream<unknown> {
    return known.marks(value);
  }

  readonly #model: Model;
  #answer: Answer;
  #events: AsyncIterator<ModelEvent>;
  #origin: Origin;
  /** The text of the steps before this one. */
  #before = "";
  readonly #controls: StreamControls;
  /** The calls that are complete, by index; undefined for the one that stands for the call's value. */
  #bindings = new Map<number, Binding | undefined>();
  /** The event that opened the stream, where it was more than an opening. */
  #first: ModelEvent | undefined;
  /** Tuples that came together and were not handed out yet. */
  readonly #ready: Tuple<T>[] = [];
  #draft: Draft<T> | undefined;
  /** Whether a step waits for its event; how many wait behind it, and the last of all. */
  #busy = false;
  #queued = 0;
  #last: Promise<unknown> = Promise.resolve();
  #consumed = false;
  #state: "open" | "done" | "broken" = "open";
  /** Why the stream is broken. */
  #error: unknown;
  /** A model that does not listen to the signal still learns that nobody reads on. */
  #closing: Promise<void> | undefined;
  #response: CallResponse<T> | undefined;

  private constructor(model: Model, origin: Origin, controls: StreamControls) {
    this.#model = model;
    this.#answer = new Answer(model.id);
    this.#events = model.run(origin.request)[Symbol.asyncIterator]();
    this.#origin = origin;
    this.#controls = controls;
  }

  static {
    openStream = async <T>(model: Model, origin: Origin, controls: StreamControls) => {
      const stream = new CallStream<T>(model, origin, controls);
      try {
        const { value, done } = await stream.#events.next();
        if (!done) stream.#first = value;
      } catch (error) {
        throw stream.#break(error);
      }
      dropped.register(stream, controls, controls);
      return stream;
    };
  }

  /** All text so far; with `maxSteps`, of all steps. */
  get content(): string {
    return this.#before + this.#answer.text;
  }

  /** Tokens; undefined until the end, and where the provider does not say. */
  get usage(): Usage | undefined {
    return this.#answer.usage;
  }

  /** USD, of all steps; undefined until the end, and where a price is unknown. */
  get cost(): number | undefined {
    return (this.#response ?? this.#respond()).cost;
  }

  get finishReason(): FinishReason | undefined {
    return this.#answer.finishReason;
  }

  /** What the model has said so far. */
  get message(): Message {
    return this.#answer.message;
  }

  /** The calls that were complete and not valid. */
  get toolErrors(): readonly InvalidToolCall[] {
    return this.#inOrder().flatMap((binding) => ("invalid" in binding ? [binding.invalid] : []));
  }

  /** @throws StreamConsumedError the second time. */
  [Symbol.asyncIterator](): AsyncIterator<Tuple<T>, undefined> {
    this.#consume();
    return {
      next: () => this.#next(),
      return: async () => {
        await this.#stop(new StreamInterruptedError("The stream was left before its end."));
        return { value: undefined, done: true };
      },
    };
  }

  /**
   * Reads what is left, and gives the whole answer.
   *
   * @throws What the stream throws; StreamInterruptedError with `partial` where it broke or was left before.
   */
  async response(): Promise<CallResponse<T>> {
    this.#consumed = true;
    if (this.#state === "broken") throw this.#interruption();
    while (!(await this.#next()).done);
    return this.#response as CallResponse<T>;
  }

  /**
   * The text alone, piece by piece.
   *
   * @param options.collect Whether `content` keeps the text; false for streams longer than memory. @default true
   * @throws StreamConsumedError where the stream was iterated before.
   */
  async *textStream(options: { collect?: boolean | undefined } = {}): AsyncGenerator<string, void> {
    this.#consume();
    this.#answer.keepsText = own(options).collect ?? true;
    let finished = false;
    try {
      for (;;) {
        const { value, done } = await this.#next();
        finished = done === true;
        if (finished) return;
        if (value?.[0].content) yield value[0].content;
      }
    } finally {
      if (!finished) await this.#stop(new StreamInterruptedError("The stream was left before its end."));
    }
  }

  /** Closes the connection; whoever reads gets an AbortedError with this reason. A stream that is done stays so. */
  abort(reason?: unknown): void {
    void this.#stop(abortedBy(reason));
  }

  /** Closes the connection, if it is still open. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop(new StreamInterruptedError("The stream was left before its end."));
  }

  #consume(): void {
    if (this.#consumed)
      throw new StreamConsumedError(
        "A stream can be iterated once. Its content, usage and tools are still readable; response() gives them all.",
      );
    this.#consumed = true;
  }

  /** One step after the other, also where several ask at once, such as a loop and `response()` beside it. */
  #next(): Promise<Step<T>> {
    if (this.#busy || this.#queued > 0) {
      this.#queued++;
      this.#last = this.#last.then(this.#stepInTurn, this.#stepInTurn);
    } else this.#last = this.#step();
    return this.#last as Promise<Step<T>>;
  }

  readonly #stepInTurn = () => {
    this.#queued--;
    return this.#step();
  };

  #step(): Promise<Step<T>> {
    this.#busy = false;
    const ready = this.#ready.shift();
    if (ready) return Promise.resolve({ value: ready, done: false });
    if (this.#state === "broken") return Promise.reject(this.#error);
    if (this.#state === "done") return Promise.resolve({ value: undefined, done: true });
    const first = this.#first;
    this.#first = undefined;
    this.#busy = true;
    if (first) return Promise.resolve(this.#take({ value: first, done: false }));
    return this.#events.next().then(this.#take, this.#fail);
  }

  /** What came before the error is still handed out. */
  readonly #fail = (error: unknown): Promise<Step<T>> => {
    this.#flush();
    this.#break(error);
    return this.#step();
  };

  /** Most events are text and become a chunk at once; the others may need the next event, or a tool's validation. */
  readonly #take = (result: IteratorResult<ModelEvent>): Step<T> | Promise<Step<T>> => {
    if (this.#state !== "open") return this.#step();
    if (result.done) return this.#finish();
    const event = result.value;
    this.#answer.add(event);
    if (event.type === "text-delta" && event.text && !event.more && !this.#draft) {
      this.#busy = false;
      return { value: [new CallChunk(event.text, this.content), undefined], done: false };
    }
    const bound = this.#draw(event);
    return bound ? bound.then(() => this.#step(), this.#fail) : this.#step();
  };

  /** Adds an event to the chunk that grows; what cannot stand in one chunk begins the next. */
  #draw(event: ModelEvent): Promise<void> | undefined {
    switch (event.type) {
      case "tool-end":
        return this.#completeTool(event.index).then(() => {
          if (!event.more) this.#flush();
        });
      case "text-delta":
        this.#drafted().content += event.text;
        break;
      case "reasoning-delta":
        this.#drafted().reasoning += event.text;
        break;
      case "tool-delta": {
        const call = this.#answer.toolCall(event.index);
        if (!call || !event.arguments) break;
        if (this.#draft?.toolDelta) this.#flush();
        this.#drafted().toolDelta = { index: event.index, id: call.id, name: call.name, arguments: event.arguments };
        break;
      }
      case "restart":
        this.#bindings = new Map();
        this.#drafted().restarted = true;
        break;
      case "finish": {
        const unended = this.#answer.toolIndexes.filter((index) => !this.#bindings.has(index));
        if (unended.length > 0) return this.#completeTools(unended, event);
        Object.assign(this.#drafted(), { finishReason: event.reason, usage: event.usage });
      }
    }
    if (!event.more) this.#flush();
    return undefined;
  }

  async #completeTool(index: number): Promise<void> {
    const tool = await this.#bind(index);
    if (!tool) return;
    if (this.#draft?.tool) this.#flush();
    this.#drafted().tool = tool;
  }

  /** A model may finish without ending its calls one by one. */
  async #completeTools(indexes: readonly number[], finish: ModelEvent): Promise<void> {
    for (const index of indexes) await this.#completeTool(index);
    await this.#draw(finish);
  }

  #drafted(): Draft<T> {
    this.#draft ??= new Draft<T>();
    return this.#draft;
  }

  #flush(): void {
    if (this.#draft && !this.#draft.isEmpty) this.#ready.push(this.#draft.finish(this.content));
    this.#draft = undefined;
  }

  async #bind(index: number): Promise<T | undefined> {
    const toolCall = this.#answer.toolCall(index);
    if (!toolCall) return undefined;
    const binding = await bindCall(toolCall, this.#origin);
    this.#bindings.set(index, binding);
    return binding && "tool" in binding ? (binding.tool as T) : undefined;
  }

  /** One step is over; where its tools may run, the next one follows. */
  async #finish(): Promise<Step<T>> {
    this.#flush();
    try {
      if (this.#answer.finishReason === undefined) {
        throw new StreamInterruptedError(`The model ${this.#model.id} ended without a finish.`);
      }
      const response = this.#respond();
      const next = await this.#origin.next(response);
      if (this.#state === "open") {
        if (next) this.#continue(next);
        else this.#end(response);
      }
    } catch (error) {
      return this.#fail(error);
    }
    return this.#step();
  }

  #continue(next: Origin): void {
    this.#before = this.content;
    this.#origin = next;
    this.#answer = new Answer(this.#model.id);
    this.#bindings = new Map();
    this.#events = this.#model.run(next.request)[Symbol.asyncIterator]();
  }

  #end(response: CallResponse<T>): void {
    this.#state = "done";
    this.#response = response;
    this.#release(response);
  }

  /** Ends the stream with an error, which gets what had arrived. */
  #break(error: unknown): unknown {
    if (this.#state === "open") {
      this.#state = "broken";
      this.#error = error;
      this.#release(undefined);
      this.#first = undefined;
      attachPartial(error, this.#respond());
      // The error may be of our own making, such as a tool that cannot be made, while the model still speaks.
      this.#controls.controller.abort(error);
      this.#closing = this.#events.return?.().then(
        () => {},
        () => {},
      );
    }
    return error;
  }

  async #stop(error: unknown): Promise<void> {
    if (this.#state !== "open") return;
    this.#break(error);
    this.#ready.length = 0;
    await this.#closing;
  }

  #release(response: CallResponse<T> | undefined): void {
    this.#controls.unlink();
    dropped.unregister(this.#controls);
    this.#controls.onEnd?.(response);
  }

  #interruption(): StreamInterruptedError {
    if (this.#error instanceof StreamInterruptedError) return this.#error;
    return new StreamInterruptedError("The stream broke before its end; partial holds what had come.", {
      cause: this.#error,
      partial: this.#respond(),
    });
  }

  #inOrder(): Binding[] {
    return [...this.#bindings].sort(([a], [b]) => a - b).flatMap(([, binding]) => binding ?? []);
  }

  #respond(): CallResponse<T> {
    return new CallResponse<T>(this.#answer, this.#inOrder(), this.#origin);
  }
}
