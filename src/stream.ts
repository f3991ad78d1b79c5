import { Answer } from "./answer.js";
import { brand } from "./brand.js";
import { CallChunk, ChunkAssembler, type Tuple } from "./chunk.js";
import { closeQuietly } from "./close-quietly.js";
import { endedWithoutFinish } from "./collect.js";
import { continuationOf } from "./continuation.js";
import { attachPartial, StreamConsumedError, StreamInterruptedError } from "./errors.js";
import { whyIncomplete } from "./incomplete.js";
import type { Message } from "./message.js";
import type { FinishReason, Model, ModelEvent, ModelRequest, Source, Usage } from "./model.js";
import { own } from "./own.js";
import { bindCalls, CallResponse, type Origin, unusableCalls } from "./response.js";
import type { Binding, InvalidToolCall } from "./tool/toolkit.js";
import { abortedBy } from "./wait.js";

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

/**
 * An answer as it comes: tuples of a chunk and, when the answer is whole, its tools, each in a tuple of its own. It can be
 * iterated once.
 */
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
  #events: AsyncIterator<ModelEvent> | undefined;
  #origin: Origin;
  /** The text of the steps before this one. */
  #before = "";
  readonly #controls: StreamControls;
  /** What the calls of this step are; undefined until the answer is over, since the finish decides whether they are whole. */
  #bindings: readonly Binding[] | undefined;
  /** The step that is over, until its tools have run or it turned out to be the last. */
  #answered: CallResponse<T> | undefined;
  /** The event that opened the stream, where it was more than an opening. */
  #first: ModelEvent | undefined;
  /** Tuples that came together and were not handed out yet. */
  readonly #ready: Tuple<T>[] = [];
  readonly #chunks = new ChunkAssembler<T>();
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
    this.#origin = origin;
    this.#controls = controls;
  }

  static {
    openStream = async <T>(model: Model, origin: Origin, controls: StreamControls) => {
      const stream = new CallStream<T>(model, origin, controls);
      try {
        const events = stream.#ask(origin.request);
        let step = await events.next();
        // A warning can come before the provider answers, such as that of a long wait.
        for (; !step.done && step.value.type === "warning"; step = await events.next()) stream.#answer.add(step.value);
        if (!step.done) stream.#first = step.value;
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

  /** The calls of this step that cannot be run; empty until its answer is over. */
  get toolErrors(): readonly InvalidToolCall[] {
    return (this.#bindings ?? []).flatMap((binding) => ("invalid" in binding ? [binding.invalid] : []));
  }

  /** The pages and documents that were cited so far. */
  get sources(): readonly Source[] {
    return [...this.#answer.sources];
  }

  /** @throws StreamConsumedError the second time. */
  [Symbol.asyncIterator](): AsyncIterator<Tuple<T>, undefined> {
    this.#consume();
    return {
      next: () => this.#next(),
      return: async () => {
        await this.#stop(leftEarly());
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
   * @throws StreamConsumedError if the stream was iterated before; StreamInterruptedError if another model takes over after
   * a part of its answer was handed out, since text cannot be taken back.
   */
  async *textStream(options: { collect?: boolean | undefined } = {}): AsyncGenerator<string, void> {
    this.#consume();
    this.#answer.keepsText = own(options).collect ?? true;
    let reason = leftEarly;
    let isOver = false;
    // Only text of the step that runs is void after a restart.
    let handedOut = false;
    try {
      for (;;) {
        const { value, done } = await this.#next();
        isOver = done === true;
        if (!value) return;
        const [{ content, restarted, finishReason }] = value;
        if (restarted && handedOut) {
          reason = takenOver;
          throw takenOver();
        }
        if (content) yield content;
        handedOut = finishReason === undefined && (handedOut || content !== "");
      }
    } finally {
      if (!isOver) await this.#stop(reason());
    }
  }

  /** Closes the connection; whoever reads gets an AbortedError with this reason. A stream that is done stays so. */
  abort(reason?: unknown): void {
    void this.#stop(abortedBy(reason));
  }

  /** Closes the connection, if it is still open. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop(leftEarly());
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
    this.#busy = true;
    if (this.#answered) return this.#proceed(this.#answered);
    const first = this.#first;
    this.#first = undefined;
    if (first) return Promise.resolve(this.#take({ value: first, done: false }));
    try {
      return (this.#events as AsyncIterator<ModelEvent>).next().then(this.#take, this.#fail);
    } catch (error) {
      return this.#fail(error);
    }
  }

  /** What came before the error is still handed out. */
  readonly #fail = (error: unknown): Promise<Step<T>> => {
    this.#flush();
    this.#break(error);
    return this.#step();
  };

  /** Most events are text and become a chunk at once; what came in one chunk of the wire is shown together. */
  readonly #take = (result: IteratorResult<ModelEvent>): Step<T> | Promise<Step<T>> => {
    if (this.#state !== "open") return this.#step();
    if (result.done) return this.#finish();
    const event = result.value;
    this.#answer.add(event);
    if (event.type === "text-delta" && event.text && !event.more && this.#chunks.isEmpty) {
      this.#busy = false;
      return { value: [new CallChunk(event.text, this.content), undefined], done: false };
    }
    if (event.type === "finish") {
      // Calls are shown with the finish, and a turn that is paused may not be over.
      if (this.#answer.hasCalls || event.reason === "pause") return this.#step();
      this.#chunks.finish([], this.#answer);
    } else this.#chunks.add(event, this.#answer);
    if (!event.more) this.#flush();
    return this.#step();
  };

  #flush(): void {
    if (!this.#chunks.isEmpty) this.#ready.push(...this.#chunks.take(this.content));
  }

  /** The model has nothing more to say: a turn that was paused goes on, and any other shows its tools. */
  async #finish(): Promise<Step<T>> {
    try {
      const answer = this.#answer;
      if (answer.finishReason === undefined) throw endedWithoutFinish(this.#model);
      const rest = continuationOf(answer, this.#origin.request);
      if (rest) {
        this.#flush();
        this.#answer = rest.answer;
        this.#ask(rest.request);
        return this.#step();
      }
      this.#bindings = await bindCalls(answer, this.#origin);
      if (this.#state === "open") {
        const tools = this.#bindings.flatMap((binding) => ("tool" in binding ? [binding.tool as T] : []));
        if (answer.hasCalls || answer.finishReason === "pause") this.#chunks.finish(tools, answer);
        this.#flush();
        this.#answered = this.#respond();
      }
    } catch (error) {
      return this.#fail(error);
    }
    return this.#step();
  }

  /** One step is over and was read; where its tools may run, the next one follows. */
  async #proceed(response: CallResponse<T>): Promise<Step<T>> {
    try {
      const next = await this.#origin.next(response);
      if (this.#state === "open") {
        this.#answered = undefined;
        if (next) this.#continue(next);
        else this.#end(response);
      }
    } catch (error) {
      return this.#fail(error);
    }
    return this.#step();
  }

  #continue(next: Origin): void {
    const { keepsText } = this.#answer;
    this.#before = this.content;
    this.#origin = next;
    this.#answer = new Answer(this.#model.id);
    this.#answer.keepsText = keepsText;
    this.#bindings = undefined;
    this.#ask(next.request);
  }

  #ask(request: ModelRequest): AsyncIterator<ModelEvent> {
    this.#events = this.#model.run(request)[Symbol.asyncIterator]();
    return this.#events;
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
      // No call of an answer that broke off is run.
      this.#bindings ??= unusableCalls(this.#answer, this.#origin, brokeOff);
      attachPartial(error, this.#respond());
      // The error may be of our own making, such as a tool that cannot be made, while the model still speaks.
      this.#controls.controller.abort(error);
      this.#closing = closeQuietly(this.#events);
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

  #respond(): CallResponse<T> {
    return new CallResponse<T>(this.#answer, this.#bindings ?? [], this.#origin);
  }
}

const brokeOff = whyIncomplete({ finishReason: undefined }) as string;

function leftEarly(): StreamInterruptedError {
  return new StreamInterruptedError("The stream was left before its end.");
}

function takenOver(): StreamInterruptedError {
  return new StreamInterruptedError(
    "Another try or model took over in the middle of the answer, and text that was handed out cannot be taken back. Iterate the stream itself and begin anew at chunk.restarted.",
  );
}
