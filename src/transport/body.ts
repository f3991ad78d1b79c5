import { after } from "../wait.js";
import { joined, ReceivedBody } from "./received-body.js";

/** The bytes of a response, one network chunk at a time. */
export interface ByteSource {
  /** The next chunk; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Closes the connection. */
  destroy(): void;
  /** Gives the connection back to the pool if the server ends the body soon, else closes it. */
  release(): void;
}

/** Our own transport has a body of its own; other bodies are Node streams where they were compressed, or web streams of a platform's or a user's fetch. */
export function bytesOf(body: unknown): ByteSource {
  if (body instanceof ReadableStream) {
    const reader = body.getReader();
    return byteSource(
      async () => (await reader.read()).value,
      () => void reader.cancel().catch(() => {}),
    );
  }
  if (body instanceof ReceivedBody)
    return byteSource(
      () => body.read(),
      () => body.destroy(),
    );
  const stream = body as NodeBody | null;
  if (typeof stream?.destroy !== "function")
    return byteSource(
      async () => undefined,
      () => {},
    );
  const chunks = stream[Symbol.asyncIterator]();
  // A body that is destroyed reports an error even when nobody waits for it any more.
  stream.on("error", () => {});
  return byteSource(
    async () => (await chunks.next()).value,
    () => stream.destroy(),
  );
}

/**
 * The whole body as text; undefined as soon as it is longer than `maxBytes`.
 *
 * @param onChunk Called with each chunk that comes.
 */
export async function readText(source: ByteSource, maxBytes: number, onChunk: () => void): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (let chunk = await source.read(); chunk; chunk = await source.read()) {
    onChunk();
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return utf8.decode(joined(chunks));
}

/**
 * As much of the body as text as comes within `maxBytes`; the rest is not waited for.
 *
 * @param onChunk Called with each chunk that comes.
 */
export async function readBeginning(source: ByteSource, maxBytes: number, onChunk: () => void): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (let chunk = await source.read(); chunk; chunk = await source.read()) {
    onChunk();
    chunks.push(chunk.subarray(0, maxBytes - bytes));
    bytes += chunk.byteLength;
    if (bytes < maxBytes) continue;
    source.destroy();
    break;
  }
  return utf8.decode(joined(chunks));
}

// Never told that more follows, so it holds nothing between two texts.
const utf8 = new TextDecoder();

interface NodeBody extends AsyncIterable<Uint8Array> {
  destroy(): void;
  on(event: string, listener: () => void): void;
}

// Long enough for the last bytes that are on their way, short enough that a silent server holds no connection.
const releaseMs = 200;

function byteSource(read: ByteSource["read"], destroy: () => void): ByteSource {
  const drain = async (): Promise<void> => {
    while (await read());
  };
  return {
    read,
    destroy,
    release() {
      const cancel = after(releaseMs, destroy);
      drain().then(cancel, destroy);
    },
  };
}
