import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { openPrivate } from "./private-file.js";
import type { ConversationResult } from "./result.js";

/** A file with one conversation on each line, written as they end. */
export interface Transcript {
  write(result: ConversationResult): Promise<void>;
  close(): Promise<void>;
}

/** Only the owner can read it. @throws What the file system throws. A file that is there already is replaced. */
export async function createTranscript(file: string): Promise<Transcript> {
  const handle = await openPrivate(file);
  // One write after the other, whoever asks: two at once could mix their lines.
  let last: Promise<unknown> = Promise.resolve();
  return {
    write(result) {
      const line = `${JSON.stringify(result)}\n`;
      const written = last.then(() => handle.appendFile(line));
      last = written.catch(() => {});
      return written;
    },
    async close() {
      await last;
      await handle.close();
    },
  };
}

/** The conversations of such a file, one by one. */
export async function* readTranscript(file: string): AsyncGenerator<ConversationResult> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line !== "") yield JSON.parse(line) as ConversationResult;
  }
}
