import { own } from "../../own.js";
import type { WireReply } from "../reply.js";
import { type After, begin, unknownLength } from "./begin.js";

/** The size of a chunk in HTTP's chunked encoding is no number: as `cut()`. */
export function badChunkSize(options: After = {}): WireReply {
  const { after = 2 } = own(options);
  return {
    async *tcp(answer) {
      yield* begin(answer, after, unknownLength);
      yield "size\r\n\r\n";
      yield { close: "end" };
    },
  };
}

/**
 * All of the answer is there, but the connection is closed without the last chunk of HTTP's chunked encoding. A stream
 * that had its terminator is a success; a plain answer is a `ConnectionError`, after the retries.
 */
export function missingLastChunk(): WireReply {
  return {
    async *tcp(answer) {
      yield* begin(answer, Number.POSITIVE_INFINITY, unknownLength);
      yield { close: "end" };
    },
  };
}

/** After a complete answer come bytes that no request asked for, on a connection that was said to be kept: a success. */
export function extraBytes(): WireReply {
  return {
    async *tcp(answer) {
      yield* begin(answer, Number.POSITIVE_INFINITY, { connection: "keep-alive" });
      if (answer.streamed) yield "0\r\n\r\n";
      yield "These bytes belong to no answer.\r\n";
      yield { close: "end" };
    },
  };
}
