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
  #end: { readonly error?: Error } | undefined;
  #wake: (() => void) | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The next chunk; undefined at the end. @throws What broke the connection. */
  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) {
        this.#bytes -= chunk.byteLength;
        return chunk;
      }
      if (this.#end?.error) throw this.#end.error;
      if (this.#end) return undefined;
      this.#connection.resume();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
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
    this.#end ??= error ? { error } : {};
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    for (let chunk = await this.read(); chunk; chunk = await this.read()) yield chunk;
  }
}
