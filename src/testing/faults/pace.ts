import { own } from "../../own.js";
import type { TcpStep, WireAnswer, WireReply } from "../reply.js";
import { type After, begin, type EveryMs, unknownLength, withoutText } from "./begin.js";

const forever = { waitMs: Number.POSITIVE_INFINITY };

/**
 * The answer begins, then nothing more comes, with the connection open: `TimeoutError` by `idleMs`, of a stream with what came
 * as its `partial`.
 */
export function stall(options: After = {}): WireReply {
  const { after = 2 } = own(options);
  return {
    async *tcp(answer) {
      yield* begin(answer, after);
      yield forever;
    },
  };
}

/**
 * The answer begins, then comments, pings and empty pieces come for ever; instead of a plain answer come blanks.
 * None of them is output, so a stream ends as with `stall()`; a plain answer ends by `totalMs`, since its body is not silent.
 */
export function pings(options: After & EveryMs = {}): WireReply {
  const { after = 2, everyMs = 30 } = own(options);
  return {
    async *tcp(answer) {
      if (!answer.streamed) yield { head: unknownLength };
      const nothings = answer.streamed ? pingsOf(answer, (yield* begin(answer, after)).last) : [" "];
      for (let count = 0; ; count++) {
        yield { chunk: nothings[count % nothings.length] ?? "" };
        yield { waitMs: everyMs };
      }
    },
  };
}

/** One piece of text at a time, for ever: no piece is late, so only `totalMs` ends it, with a `TimeoutError`. */
export function drip(options: EveryMs = {}): WireReply {
  const { everyMs = 30 } = own(options);
  return {
    async *tcp(answer) {
      for await (const step of endless(answer, 1)) {
        yield step;
        yield { waitMs: everyMs };
      }
    },
  };
}

/**
 * Text without an end, as fast as the client reads. A stream ends when the caller leaves it or by `totalMs`; a plain
 * answer becomes an `UnexpectedResponseError` when it is longer than any answer.
 */
export function flood(): WireReply {
  return { tcp: (answer) => endless(answer, 100) };
}

/** The answer is complete, but the connection stays open, and HTTP's own end of a stream never comes: a success. */
export function linger(): WireReply {
  return {
    async *tcp(answer) {
      yield* begin(answer, Number.POSITIVE_INFINITY);
      yield forever;
    },
  };
}

/** The beginning of an answer, then its last piece again and again, so many in one chunk. */
async function* endless(answer: WireAnswer, atOnce: number): AsyncGenerator<TcpStep> {
  const { last = "" } = yield* begin(answer, 1, unknownLength);
  const chunk = (answer.streamed ? last : "and so on ").repeat(atOnce);
  for (;;) yield { chunk };
}

function pingsOf({ wire }: WireAnswer, last: string | undefined): readonly string[] {
  return [
    ": ping\n\n",
    ...(wire === "anthropic" ? ['event: ping\ndata: {"type":"ping"}\n\n'] : []),
    ...(last === undefined ? [] : [withoutText(last)]),
  ];
}
