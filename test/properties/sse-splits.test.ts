import { call } from "callwright";
import { wireServer } from "callwright/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { anyText } from "./any-text.js";
import { runsOf } from "./runs.js";
import { chunksOf, inOrder, reader, type Said, seen, spellings, wireNames } from "./wire-streams.js";

const runs = runsOf("test/properties/sse-splits.test.ts");

/** What the standard leaves open; each list is gone through again and again. */
interface Dress {
  readonly mark: boolean;
  readonly ends: readonly ("\n" | "\r" | "\r\n")[];
  readonly fields: readonly string[];
  readonly space: boolean;
  readonly indent: boolean;
  readonly blanks: number;
}

const dresses: fc.Arbitrary<Dress> = fc.record({
  mark: fc.boolean(),
  ends: fc.array(fc.constantFrom("\n", "\r", "\r\n"), { minLength: 1, maxLength: 5 }),
  fields: fc.array(fc.constantFrom("", ":", ": ping \u{1f600}", "id: 7", "retry: 10", "other", "data", "event"), {
    maxLength: 4,
  }),
  space: fc.boolean(),
  indent: fc.boolean(),
  blanks: fc.integer({ min: 1, max: 3 }),
});

/** An answer as server-sent events, in one of the many spellings that mean the same. */
function eventText(chunks: readonly (object | string)[], { mark, ends, fields, space, indent, blanks }: Dress): string {
  let text = mark ? "\ufeff" : "";
  let lines = 0;
  const write = (line: string) => {
    const end = ends[lines++ % ends.length] as string;
    // A CR before an LF is one line end, not two.
    text += line + (line === "" && end === "\n" && text.endsWith("\r") ? "\r\n" : end);
  };
  const data = (line: string) => write(`data:${space ? " " : ""}${line}`);
  chunks.forEach((chunk, index) => {
    const field = fields[index % Math.max(fields.length, 1)];
    // A field of its own that begins with a comment or is unknown changes nothing; those that would are left out.
    if (field && field !== "data" && field !== "event") write(field);
    if (typeof chunk === "string") write(chunk);
    else {
      if ("type" in chunk) write(`event: ${chunk.type}`);
      // JSON is divided where it may be: between two of its tokens.
      for (const line of JSON.stringify(chunk, null, indent ? 1 : 0).split("\n")) data(line);
    }
    for (let blank = 0; blank < blanks; blank++) write("");
  });
  return text;
}

const wires = fc.constantFrom(...wireNames);

const answers: fc.Arbitrary<readonly Said[]> = fc.array(
  fc.record({ tool: fc.boolean(), pieces: fc.array(anyText("data: ", "}", '"', "\\u0000"), { maxLength: 3 }) }),
  { maxLength: 4 },
);

/** Where the bytes are divided, as shares of the whole; a share that comes twice makes an empty piece. */
const shares = fc.oneof(
  { weight: 50, arbitrary: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }) },
  { weight: 1, arbitrary: fc.constant("every byte" as const) },
);

function cutsOf(bytes: Uint8Array, at: readonly number[] | "every byte"): number[] {
  if (at === "every byte") return Array.from({ length: bytes.length }, (_, index) => index);
  return at.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b);
}

function divided(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length));
}

test("a stream of any wire means the same wherever its bytes are divided, and however its events are written", async () => {
  const readers = { chat: reader("chat"), messages: reader("messages"), responses: reader("responses") };
  await fc.assert(
    fc.asyncProperty(wires, answers, dresses, shares, async (wire, said, dress, at) => {
      const bytes = new TextEncoder().encode(eventText(chunksOf(wire, said, inOrder(said)), dress));
      const parts = await readers[wire](divided(bytes, cutsOf(bytes, at)));
      const whole = await readers[wire]([bytes]);
      // The comparison of texts is quick, that of objects says what differs.
      if (JSON.stringify(parts) !== JSON.stringify(whole)) expect(parts).toEqual(whole);
      const texts = said.flatMap(({ tool, pieces }) => (tool ? [] : pieces));
      const calls = said.flatMap(({ tool, pieces }, index) =>
        // Without pieces, the input of Anthropic's block counts, which is empty.
        tool ? [{ id: `call_${index}`, arguments: pieces.join("") || (wire === "messages" ? "{}" : "") }] : [],
      );
      expect(parts.content).toBe(texts.join(""));
      expect(parts.calls).toEqual(calls);
    }),
    runs,
  );
}, 300_000);

test("what a socket brings means the same wherever it is divided", async () => {
  const server = await wireServer();
  await fc.assert(
    fc.asyncProperty(wires, answers, dresses, shares, async (wire, said, dress, at) => {
      const { reference, api } = spellings[wire];
      const raw = new TextEncoder().encode(eventText(chunksOf(wire, said, inOrder(said)), dress));
      const splitAt = at === "every byte" ? [...raw.keys()].filter((byte) => byte % 40 === 0) : cutsOf(raw, at);
      server.reply({ raw, splitAt }, { raw });
      const access = reference.startsWith("openai") ? server.openai : server.anthropic;
      const ask = call(reference, { ...access, ...(api && { api }), stream: true })(() => "Hi");
      expect(await seen(await ask())).toEqual(await seen(await ask()));
    }),
    { ...runs, numRuns: runs.numRuns / 20 },
  );
  await server.close();
}, 300_000);
