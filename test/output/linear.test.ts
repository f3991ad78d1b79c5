import { call, type Model, type ModelEvent, type OutputMode } from "callwright";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const Shelf = z.object({ books: z.array(z.object({ title: z.string(), pages: z.number() })) });

/** A shelf as JSON of some 50 characters a chunk. */
function chunksOf(count: number): string[] {
  const books = Array.from({ length: count }, (_, pages) =>
    JSON.stringify({ title: "t".repeat(24), pages: 1e6 + pages }),
  );
  const text = `{"books":[${books}]}`;
  return Array.from({ length: count }, (_, i) =>
    text.slice(Math.floor((i * text.length) / count), Math.floor(((i + 1) * text.length) / count)),
  );
}

/** A model that says some chunks as the mode at hand has it. */
function saying(chunks: readonly string[], mode: OutputMode): Model {
  const delta = (text: string): ModelEvent =>
    mode === "tool" ? { type: "tool-delta", index: 0, arguments: text } : { type: "text-delta", text };
  return {
    id: "own/model",
    async *run() {
      if (mode === "tool") yield { type: "tool-start", index: 0, id: "1", name: "answer" };
      for (const chunk of chunks) yield delta(chunk);
      yield { type: "finish", reason: "stop" };
    },
  };
}

async function read(chunks: readonly string[], mode: OutputMode) {
  const options = { responseModel: Shelf, outputMode: mode, stream: true } as const;
  const stream = await call(saying(chunks, mode), options)(() => "Which books?")();
  let items = 0;
  let books = 0;
  for await (const item of stream) {
    items++;
    books = item.books?.length ?? 0;
  }
  return { items, books };
}

/** CPU time in microseconds, of which other processes take none. */
async function cost(count: number, mode: OutputMode): Promise<number> {
  const chunks = chunksOf(count);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const before = process.cpuUsage();
    await read(chunks, mode);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, user + system);
  }
  return best;
}

describe.each(["native", "tool", "text"] as const)("in %s mode", (mode) => {
  test("a value of 1 MB in 20,000 chunks is shown with each of them, at a cost that grows as its text does", async () => {
    const chunks = chunksOf(20_000);
    expect(chunks.join("").length).toBeGreaterThan(2 ** 20);
    const { items, books } = await read(chunks, mode);
    expect(books).toBe(20_000);
    // One for each chunk, and the validated value.
    expect(items).toBe(chunks.length + 1);

    // Quadratic work would be 256 times as much for 16 times the text.
    expect(await cost(20_000, mode)).toBeLessThan(64 * Math.max(await cost(1250, mode), 1000));
  }, 60_000);
});
