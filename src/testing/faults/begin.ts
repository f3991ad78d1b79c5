import type { TcpStep, WireAnswer, WireChunk } from "../reply.js";

/** How much of the answer comes before the fault. */
export interface After {
  /**
   * So many pieces of the text or of a tool's arguments, whatever the wire puts before them; with 0, only the headers.
   * Of a plain answer, which is one piece, half of the body comes unless this is 0.
   *
   * @default 2
   */
  readonly after?: number;
}

export interface EveryMs {
  /**
   * Milliseconds between two of them.
   *
   * @default 30
   */
  readonly everyMs?: number;
}

/** Headers that make a plain answer one of unknown length. */
export const unknownLength = { "content-length": null, "transfer-encoding": "chunked" };

/** What has come of an answer, and what would follow. */
interface Begun {
  /** The last piece of the text or of a tool's arguments that was sent. */
  readonly last: string | undefined;
  /** The next chunk; "" after the last. */
  next(): Promise<string>;
}

/** Sends the headers and the beginning of an answer. */
export async function* begin(
  answer: WireAnswer,
  after: number,
  head: Readonly<Record<string, string | null>> = {},
): AsyncGenerator<TcpStep, Begun> {
  yield { head };
  const chunks = answer.body()[Symbol.asyncIterator]();
  let last: string | undefined;
  for (let deltas = 0; deltas < after; ) {
    const { value, done } = await chunks.next();
    if (done) break;
    yield { chunk: answer.streamed || after === Number.POSITIVE_INFINITY ? value.text : half(value.text) };
    if (!value.isDelta) continue;
    last = value.text;
    deltas++;
  }
  return { last, next: async () => ((await chunks.next()).value as WireChunk | undefined)?.text ?? "" };
}

function half(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  return bytes.subarray(0, bytes.length >> 1);
}

/** The members of all wires in which text or arguments come. */
const textMember = /"(?:content|text|delta|arguments|partial_json)":\s*"/;

/** The parts before and after the place where the first text begins, or the middle where there is none. */
export function dividedAtText(chunk: string): readonly [before: string, after: string] {
  const match = textMember.exec(chunk);
  const at = match ? match.index + match[0].length : chunk.length >> 1;
  return [chunk.slice(0, at), chunk.slice(at)];
}

/** The same event, with nothing in it that is said. */
export function withoutText(event: string): string {
  return event.replace(new RegExp(`(${textMember.source})(?:[^"\\\\]|\\\\.)*"`, "g"), '$1"');
}

/** The whole answer with its chunks changed. Its length is left open, since it may be another then. */
export async function* changed(
  answer: WireAnswer,
  change: (chunk: WireChunk) => Iterable<string | Uint8Array>,
  head: Readonly<Record<string, string | null>> = {},
): AsyncGenerator<TcpStep> {
  yield { head: { ...unknownLength, ...head } };
  for await (const chunk of answer.body()) for (const part of change(chunk)) yield { chunk: part };
}
