import { own } from "../../own.js";
import type { WireReply } from "../reply.js";
import { dividedAtText, unknownLength } from "./begin.js";

/** One event, or a plain body, whose text has so many bytes: a success up to 32 MiB, then `UnexpectedResponseError`; for a plain body from 256 MiB. */
export function hugeEvent(options: { /** @default 10 MiB */ readonly bytes?: number } = {}): WireReply {
  const { bytes = 10 * 1024 * 1024 } = own(options);
  return { text: ["x".repeat(bytes)] };
}

/**
 * A line that goes on for so many bytes and never ends: `UnexpectedResponseError` from 32 MiB on, else
 * `StreamInterruptedError`. A plain answer has no lines, and is one with a long text.
 */
export function noNewline(options: { /** @default 64 MiB */ readonly bytes?: number } = {}): WireReply {
  const { bytes = 64 * 1024 * 1024 } = own(options);
  return {
    async *tcp(answer) {
      yield { head: unknownLength };
      for await (const { text, isDelta } of answer.body()) {
        if (!isDelta) {
          yield { chunk: text };
          continue;
        }
        const [before, behind] = dividedAtText(text);
        yield { chunk: before };
        for (let left = bytes; left > 0; left -= block.length) yield { chunk: block.subarray(0, left) };
        if (answer.streamed) return;
        yield { chunk: behind };
      }
    },
  };
}

const block = Buffer.alloc(64 * 1024, "x");
