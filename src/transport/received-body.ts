/** What is asked of the connection that a body comes over. */
export interface Connection {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

/** So much may wait for a reader before the connection pauses, in bytes. */
const highWater = 65_536;

/** The body of a response while it comes: what nobody has read yet, and the one who waits for more. */
export class ReceivedBody {
  readonly #connection: Connection;
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** How it ended; undefined while it goes on. */
  #end: { readonly error: Error | undefined } | undefined;
  #wake: (() => void) | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * All that has come since the last time, so that a reader who was busy catches up at once; undefined at the end.
   *
   * @throws What broke the connection.
   */
  async read(): Promise<Uint8Array | undefined> {
    // What the connection holds back comes while it resumes, and may pause it again.
    if (this.#isEmpty) this.#connection.resume();
    if (this.#isEmpty) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#chunks.length > 0) {
      const chunk = joined(this.#chunks);
      this.#chunks = [];
      this.#bytes = 0;
      return chunk;
    }
    if (this.#end?.error) throw this.#end.error;
    return undefined;
  }

  get #isEmpty(): boolean {
    return this.#chunks.length === 0 && !this.#end;
  }

  /** Closes the connection, unless the body is complete. */
  destroy(): void {
    if (!this.#end) this.#connection.abort(new Error("Nobody reads on."));
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.byteLength;
    if (this.#bytes > highWater) this.#connection.pause();
    this.#wake?.();
  }

  end(error?: Error): void {
    // Always a member of its own, whatever stands on Object.prototype.
    this.#end ??= { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    for (let chunk = await this.read(); chunk; chunk = await this.read()) yield chunk;
  }
}

export function joined(chunks: readonly Uint8Array[]): Uint8Array {
  const [only] = chunks;
  if (only && chunks.length === 1) return only;
  const whole = new Uint8Array(chunks.reduce((bytes, chunk) => bytes + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
