import { brand } from "../brand.js";
import type { CallChunk } from "../chunk.js";
import { PartialJson } from "../partial-json.js";
import type { CallResponse } from "../response.js";
import type { CallStream } from "../stream.js";
import { type Output, wrapper } from "./output.js";
import { readValue } from "./value.js";

export type DeepPartial<T> = T extends readonly (infer E)[]
  ? DeepPartial<E>[]
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;

const known = brand<OutputStream<unknown>>("output-stream");

/**
 * A value as it grows. It yields one live object, so keep a moment of it with `structuredClone`; the last item is the
 * validated value. It can be iterated once.
 */
export class OutputStream<O> implements AsyncIterable<DeepPartial<O>>, AsyncDisposable {
  static {
    known.mark(OutputStream.prototype);
  }

  /** Recognises instances of any copy of the package, where `instanceof` sees only its own. */
  static isInstance(value: unknown): value is OutputStream<unknown> {
    return known.marks(value);
  }

  readonly #stream: CallStream<unknown>;
  readonly #output: Output;
  #settled: Promise<O> | undefined;

  constructor(stream: CallStream<unknown>, output: Output) {
    this.#stream = stream;
    this.#output = output;
  }

  /**
   * @throws ResponseValidationError at the end, where the whole answer does not fit; StreamConsumedError the second time.
   */
  [Symbol.asyncIterator](): AsyncIterator<DeepPartial<O>, undefined> {
    return this.#grow(this.#stream[Symbol.asyncIterator]());
  }

  /**
   * Reads what is left and gives the validated value.
   *
   * @throws ResponseValidationError where the answer does not fit; RefusalError; what the stream throws.
   */
  output(): Promise<O> {
    this.#settled ??= this.#settle();
    return this.#settled;
  }

  /** Reads what is left and gives the response behind the value. */
  response(): Promise<CallResponse> {
    return this.#stream.response() as Promise<CallResponse>;
  }

  /** Closes the connection. */
  abort(reason?: unknown): void {
    this.#stream.abort(reason);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stream[Symbol.asyncDispose]();
  }

  async *#grow(chunks: AsyncIterator<[CallChunk, unknown], undefined>): AsyncGenerator<DeepPartial<O>, undefined> {
    const partial = new Partial(this.#output);
    try {
      for (let step = await chunks.next(); !step.done; step = await chunks.next()) {
        const value = partial.add(step.value[0]);
        if (value !== undefined) yield value as DeepPartial<O>;
      }
    } finally {
      await chunks.return?.();
    }
    yield (await this.output()) as DeepPartial<O>;
    return undefined;
  }

  async #settle(): Promise<O> {
    const outcome = await readValue(this.#output, await this.#stream.response());
    if ("error" in outcome) throw outcome.error;
    return outcome.value as O;
  }
}

/** What is known of the value so far. Text that is no JSON ends it quietly: the verdict comes with the whole answer. */
class Partial {
  readonly #output: Output;
  #json = new PartialJson();
  #begun = false;
  #broken = false;

  constructor(output: Output) {
    this.#output = output;
    this.#reset();
  }

  /** The value, where the chunk added to it. */
  add(chunk: CallChunk): unknown {
    if (chunk.restarted) this.#reset();
    const value = this.#read(chunk);
    // What the model says before it uses a tool is no part of the value that follows.
    if (chunk.finishReason) this.#reset();
    return value;
  }

  #read(chunk: CallChunk): unknown {
    let text = this.#output.mode === "tool" ? this.#toolText(chunk) : chunk.content;
    if (!this.#begun) {
      const start = text.search(/[[{]/);
      this.#begun = start >= 0;
      text = start < 0 ? "" : text.slice(start);
    }
    if (text === "" || this.#broken) return undefined;
    try {
      this.#json.feed(text);
    } catch {
      // A fence behind the value, or prose in it; what came before still counts.
      this.#broken = true;
    }
    const { value } = this.#json;
    return this.#output.wrapped ? (value as Record<string, unknown> | undefined)?.[wrapper] : value;
  }

  #reset(): void {
    this.#json = new PartialJson();
    this.#broken = false;
    // In text mode, prose may stand before the value.
    this.#begun = this.#output.mode !== "text";
  }

  #toolText({ toolDelta }: CallChunk): string {
    return toolDelta && toolDelta.name === this.#output.tool?.name ? toolDelta.arguments : "";
  }
}
